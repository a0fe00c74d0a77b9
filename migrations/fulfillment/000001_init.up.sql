CREATE TABLE fulfillment.options (
    id         uuid PRIMARY KEY,
    code       text NOT NULL CONSTRAINT options_code_key UNIQUE,
    name       text NOT NULL,
    countries  text[] NOT NULL DEFAULT '{}',
    min_days   integer,
    max_days   integer,
    tax_class  text NOT NULL DEFAULT 'standard',
    position   integer NOT NULL DEFAULT 0,
    active     boolean NOT NULL DEFAULT true,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT options_days_in_order CHECK (min_days <= max_days)
);

-- An option without any price is free in every currency; with prices it is offered in their currencies only.
CREATE TABLE fulfillment.option_prices (
    option_id uuid NOT NULL REFERENCES fulfillment.options (id) ON DELETE CASCADE,
    currency  char(3) NOT NULL,
    amount    bigint NOT NULL CONSTRAINT option_prices_not_negative CHECK (amount >= 0),
    PRIMARY KEY (option_id, currency)
);

CREATE TABLE fulfillment.shipments (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL,
    location_id text NOT NULL DEFAULT '',
    lines       jsonb NOT NULL,
    carrier     text NOT NULL DEFAULT '',
    number      text NOT NULL DEFAULT '',
    url         text NOT NULL DEFAULT '',
    event_seq   bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX shipments_of_order ON fulfillment.shipments (order_id, created_at);

-- An empty shop can sell at once. The id is a UUIDv7 of this moment, so that lists by age put it before what is made later.
INSERT INTO fulfillment.options (id, code, name)
VALUES ((lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
    'free', 'Free shipping');

CREATE TABLE fulfillment.outbox_events (
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
CREATE TABLE fulfillment.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON fulfillment.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON fulfillment.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
