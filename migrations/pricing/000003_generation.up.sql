-- Counts the changes of what every process keeps in memory. The trigger is deferred so that the counter, which all writers
-- share, is locked last and for a moment only; a transaction counts once, however many rows it changes.
CREATE TABLE pricing.generation (
    number bigint NOT NULL
);

INSERT INTO pricing.generation (number) VALUES (0);

CREATE FUNCTION pricing.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('pricing.counted', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        UPDATE pricing.generation SET number = number + 1;
        PERFORM set_config('pricing.counted', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER prices_counted AFTER INSERT OR UPDATE OR DELETE ON pricing.prices
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pricing.count_change();
