-- Counts the changes of what every process keeps in memory. The trigger is deferred so that the counter, which all writers
-- share, is locked last and for a moment only.
CREATE TABLE fulfillment.generation (
    number bigint NOT NULL
);

INSERT INTO fulfillment.generation (number) VALUES (0);

CREATE FUNCTION fulfillment.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fulfillment.generation SET number = number + 1;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER options_counted AFTER INSERT OR UPDATE OR DELETE ON fulfillment.options
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fulfillment.count_change();

CREATE CONSTRAINT TRIGGER option_prices_counted AFTER INSERT OR UPDATE OR DELETE ON fulfillment.option_prices
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fulfillment.count_change();
