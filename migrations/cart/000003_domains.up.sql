-- The rules of a single column move from the tables to domains. PostgreSQL reads the rules of a table anew in every
-- statement that writes to it and applies all of them to each row; those of a domain it reads once per connection, and
-- applies to what the statement sets.
--
-- A domain gets its rule only after its columns, because giving a column a domain with a rule rewrites the table.
CREATE DOMAIN cart.version AS integer;
CREATE DOMAIN cart.amount AS bigint;
CREATE DOMAIN cart.quantity AS bigint;
CREATE DOMAIN cart.currency AS text;
CREATE DOMAIN cart.country AS text;
CREATE DOMAIN cart.cart_status AS text;
CREATE DOMAIN cart.freeze_state AS text;

ALTER TABLE cart.carts
    DROP CONSTRAINT carts_status_known,
    DROP CONSTRAINT carts_version_positive,
    DROP CONSTRAINT carts_currency_form,
    DROP CONSTRAINT carts_country_form,
    DROP CONSTRAINT carts_amounts_not_negative,
    ALTER COLUMN status TYPE cart.cart_status,
    ALTER COLUMN version TYPE cart.version,
    ALTER COLUMN token_version TYPE cart.version,
    ALTER COLUMN currency TYPE cart.currency,
    ALTER COLUMN country TYPE cart.country,
    ALTER COLUMN subtotal TYPE cart.amount,
    ALTER COLUMN discount TYPE cart.amount,
    ALTER COLUMN shipping TYPE cart.amount,
    ALTER COLUMN shipping_tax TYPE cart.amount,
    ALTER COLUMN tax TYPE cart.amount,
    ALTER COLUMN total TYPE cart.amount;

ALTER TABLE cart.cart_lines
    DROP CONSTRAINT cart_lines_quantity_in_range,
    DROP CONSTRAINT cart_lines_amounts_not_negative,
    ALTER COLUMN quantity TYPE cart.quantity,
    ALTER COLUMN unit_price TYPE cart.amount,
    ALTER COLUMN subtotal TYPE cart.amount,
    ALTER COLUMN discount TYPE cart.amount,
    ALTER COLUMN tax TYPE cart.amount,
    ALTER COLUMN total TYPE cart.amount;

ALTER TABLE cart.freezes
    DROP CONSTRAINT freezes_state_known,
    ALTER COLUMN state TYPE cart.freeze_state;

ALTER DOMAIN cart.version ADD CONSTRAINT version_positive CHECK (VALUE >= 1);
ALTER DOMAIN cart.amount ADD CONSTRAINT amount_not_negative CHECK (VALUE >= 0);
ALTER DOMAIN cart.quantity ADD CONSTRAINT quantity_in_range CHECK (VALUE BETWEEN 1 AND 1000000);
ALTER DOMAIN cart.currency ADD CONSTRAINT currency_form CHECK (VALUE ~ '^[A-Z]{3}$');
ALTER DOMAIN cart.country ADD CONSTRAINT country_form CHECK (VALUE ~ '^([A-Z]{2})?$');
ALTER DOMAIN cart.cart_status
    ADD CONSTRAINT cart_status_known CHECK (VALUE IN ('open', 'checking_out', 'completed', 'merged', 'expired'));
ALTER DOMAIN cart.freeze_state ADD CONSTRAINT freeze_state_known CHECK (VALUE IN ('active', 'thawed', 'closed'));
