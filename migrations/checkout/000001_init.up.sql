-- Personal data: snapshot until the attempt ends, and answer for 72 hours after it (both repeat e-mail and addresses).
-- Secret: payment_token, until the attempt ends.
--
-- The row of an attempt is also the record of its idempotency key. A refusal that is not a final answer gives the key
-- back by setting it to NULL.
CREATE TABLE checkout.attempts (
    id              uuid        NOT NULL,
    reference       text        NOT NULL,
    status          text        NOT NULL,
    cart_id         uuid,
    scope           text        NOT NULL,
    idempotency_key text,
    request_hash    text        NOT NULL,
    -- What was asked for and recovery needs again: payment method, expected version and total, return URL.
    terms           jsonb       NOT NULL,
    payment_token   text,
    -- What is agreed to. Without a cart from the beginning; with one, from the moment somebody outside is told.
    snapshot        jsonb,
    -- By this database's clock: forward until then, undone after it.
    deadline        timestamptz NOT NULL,
    -- Who carries the attempt out holds the lease; every write names the epoch, so one who lost it writes nothing.
    lease_until     timestamptz NOT NULL,
    lease_epoch     bigint      NOT NULL DEFAULT 1,
    -- Why it was given up, in the form it is answered.
    failure         jsonb,
    -- The order as it was answered, without its token.
    answer          jsonb,
    order_id        uuid,
    total           bigint,
    currency        text,
    token_version   integer     NOT NULL DEFAULT 1,
    -- When key and answer of an ended attempt are forgotten.
    expires_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attempts_pkey PRIMARY KEY (id),
    CONSTRAINT attempts_reference_key UNIQUE (reference),
    CONSTRAINT attempts_one_per_key UNIQUE (scope, idempotency_key),
    CONSTRAINT attempts_one_per_order UNIQUE (order_id),
    CONSTRAINT attempts_status_known CHECK (status IN ('started', 'authorizing', 'action_required', 'payment_unknown',
        'canceling', 'completed', 'canceled', 'review')),
    CONSTRAINT attempts_epoch_positive CHECK (lease_epoch >= 1 AND token_version >= 1),
    CONSTRAINT attempts_completed_by_order
        CHECK ((status = 'completed') = (order_id IS NOT NULL AND total IS NOT NULL AND currency IS NOT NULL)),
    CONSTRAINT attempts_canceled_for_a_reason CHECK (status NOT IN ('canceling', 'canceled') OR failure IS NOT NULL),
    CONSTRAINT attempts_secrets_erased
        CHECK (status NOT IN ('completed', 'canceled') OR (payment_token IS NULL AND snapshot IS NULL))
);
-- One live attempt per cart, and one completed in all: a cart becomes one order.
CREATE UNIQUE INDEX attempts_one_per_cart ON checkout.attempts (cart_id) WHERE status <> 'canceled';
CREATE INDEX attempts_live_idx ON checkout.attempts (deadline) WHERE status NOT IN ('completed', 'canceled', 'review');
CREATE INDEX attempts_expiry_idx ON checkout.attempts (expires_at) WHERE expires_at IS NOT NULL;
