-- Counts the changes of what every process keeps in memory. The trigger is deferred so that the counter, which all writers
-- share, is locked last and for a moment only.
CREATE TABLE tax.generation (
    number bigint NOT NULL
);

INSERT INTO tax.generation (number) VALUES (0);

CREATE FUNCTION tax.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tax.generation SET number = number + 1;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER rates_counted AFTER INSERT OR UPDATE OR DELETE ON tax.rates
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tax.count_change();
