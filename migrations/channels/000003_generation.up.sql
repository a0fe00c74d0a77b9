-- Counts the changes of what every process keeps in memory. The trigger is deferred so that the counter, which all writers
-- share, is locked last and for a moment only.
CREATE TABLE channels.generation (
    number bigint NOT NULL
);

INSERT INTO channels.generation (number) VALUES (0);

CREATE FUNCTION channels.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE channels.generation SET number = number + 1;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER channels_counted AFTER INSERT OR UPDATE OR DELETE ON channels.channels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION channels.count_change();
