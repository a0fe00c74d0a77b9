-- Counts the changes of what every process keeps in memory. The trigger is deferred so that the counter, which all writers
-- share, is locked last and for a moment only; a transaction counts once, however many rows it changes.
CREATE TABLE catalog.generation (
    number bigint NOT NULL
);

INSERT INTO catalog.generation (number) VALUES (0);

CREATE FUNCTION catalog.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('catalog.counted', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        UPDATE catalog.generation SET number = number + 1;
        PERFORM set_config('catalog.counted', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER products_counted AFTER INSERT OR UPDATE OR DELETE ON catalog.products
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog.count_change();

CREATE CONSTRAINT TRIGGER variants_counted AFTER INSERT OR UPDATE OR DELETE ON catalog.variants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog.count_change();

CREATE CONSTRAINT TRIGGER options_counted AFTER INSERT OR UPDATE OR DELETE ON catalog.options
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog.count_change();

CREATE CONSTRAINT TRIGGER media_counted AFTER INSERT OR UPDATE OR DELETE ON catalog.media
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog.count_change();
