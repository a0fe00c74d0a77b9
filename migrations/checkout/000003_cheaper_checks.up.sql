-- PostgreSQL reads the text of every CHECK of a table anew for each statement that writes it, but that of a domain once per
-- session. A list of words is the dearest of them.
CREATE DOMAIN checkout.attempt_status AS text CONSTRAINT attempts_status_known CHECK (VALUE IN (
    'started', 'authorizing', 'action_required', 'payment_unknown', 'canceling', 'completed', 'canceled', 'review'));

ALTER TABLE checkout.attempts
    DROP CONSTRAINT attempts_status_known,
    ALTER COLUMN status TYPE checkout.attempt_status;

-- Only orders and carts that exist need an entry to be the only one.
ALTER TABLE checkout.attempts DROP CONSTRAINT attempts_one_per_order;
CREATE UNIQUE INDEX attempts_one_per_order ON checkout.attempts (order_id) WHERE order_id IS NOT NULL;
DROP INDEX checkout.attempts_one_per_cart;
CREATE UNIQUE INDEX attempts_one_per_cart ON checkout.attempts (cart_id) WHERE cart_id IS NOT NULL AND status <> 'canceled';
