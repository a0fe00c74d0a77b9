-- The row of a variant is the lock under which its prices change, and counts what was announced.
CREATE TABLE pricing.variants (
    variant_id uuid PRIMARY KEY,
    event_seq  bigint NOT NULL DEFAULT 0
);

-- Prices are never rewritten. A price holds from created_at until superseded_at; country and channel are empty where
-- they do not matter.
CREATE TABLE pricing.prices (
    id            uuid PRIMARY KEY,
    variant_id    uuid NOT NULL REFERENCES pricing.variants (variant_id),
    currency      char(3) NOT NULL,
    amount        bigint NOT NULL CONSTRAINT prices_not_negative CHECK (amount >= 0),
    compare_at    bigint CONSTRAINT prices_compare_at_above_amount CHECK (compare_at > amount),
    channel_id    text NOT NULL DEFAULT '',
    country       text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz,
    CONSTRAINT prices_hold_forward CHECK (superseded_at >= created_at)
);

CREATE UNIQUE INDEX prices_one_current ON pricing.prices (variant_id, currency, channel_id, country) WHERE superseded_at IS NULL;

CREATE TABLE pricing.outbox_events (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id text NOT NULL,
    seq bigint NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload jsonb NOT NULL,
    CONSTRAINT outbox_events_one_per_seq UNIQUE (aggregate_type, aggregate_id, seq)
);

-- A delivery is due at run_at. Claiming it moves run_at to the end of the lease; handling it deletes it.
CREATE TABLE pricing.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON pricing.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON pricing.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
