-- PostgreSQL reads the text of every CHECK of a table anew for each statement that writes it, but that of a domain once per
-- session. A list of words is the dearest of them.
CREATE DOMAIN inventory.hold_state AS text CONSTRAINT holds_state_known CHECK (VALUE IN (
    'open', 'confirmed', 'released', 'expired', 'canceled'));
CREATE DOMAIN inventory.reservation_state AS text CONSTRAINT reservations_state_known CHECK (VALUE IN (
    'open', 'allocated', 'shipped', 'released', 'expired'));

ALTER TABLE inventory.holds
    DROP CONSTRAINT holds_state_known,
    ALTER COLUMN state TYPE inventory.hold_state;
ALTER TABLE inventory.reservations
    DROP CONSTRAINT reservations_state_known,
    ALTER COLUMN state TYPE inventory.reservation_state;

-- Every reservation is written twice, when it is made and when it is confirmed: the second time finds room beside the first.
ALTER TABLE inventory.reservations SET (fillfactor = 50);
