-- PostgreSQL reads the text of every CHECK of a table anew for each statement that writes it, but that of a domain once per
-- session. A list of words is the dearest of them.
CREATE DOMAIN payments.attempt_status AS text CONSTRAINT attempts_status_known CHECK (VALUE IN (
    'created', 'submitted', 'authorized', 'action_required', 'declined', 'unknown', 'captured', 'void_pending', 'voided', 'expired'));
CREATE DOMAIN payments.currency AS text CONSTRAINT attempts_currency_form CHECK (VALUE ~ '^[A-Z]{3}$');

ALTER TABLE payments.attempts
    DROP CONSTRAINT attempts_status_known,
    DROP CONSTRAINT attempts_currency_form,
    ALTER COLUMN status TYPE payments.attempt_status,
    ALTER COLUMN currency TYPE payments.currency;
