CREATE TABLE channels.channels (
    id                        uuid PRIMARY KEY,
    code                      text NOT NULL CONSTRAINT channels_code_key UNIQUE,
    name                      text NOT NULL,
    currencies                text[] NOT NULL CONSTRAINT channels_sell_in_a_currency CHECK (cardinality(currencies) > 0),
    default_currency          text NOT NULL,
    locales                   text[] NOT NULL CONSTRAINT channels_speak_a_locale CHECK (cardinality(locales) > 0),
    default_locale            text NOT NULL,
    countries                 text[] NOT NULL DEFAULT '{}',
    tax_included              boolean NOT NULL DEFAULT true,
    checkout_deadline_minutes integer NOT NULL DEFAULT 30 CONSTRAINT channels_deadline_positive CHECK (checkout_deadline_minutes > 0),
    payment_capture           text NOT NULL DEFAULT 'automatic' CONSTRAINT channels_payment_capture CHECK (payment_capture IN ('automatic', 'manual')),
    origins                   text[] NOT NULL DEFAULT '{}',
    is_default                boolean NOT NULL DEFAULT false,
    publishable_key           text NOT NULL CONSTRAINT channels_publishable_key_key UNIQUE,
    version                   integer NOT NULL DEFAULT 1,
    event_seq                 bigint NOT NULL DEFAULT 0,
    created_at                timestamptz NOT NULL DEFAULT now(),
    updated_at                timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channels_default_currency_is_sold CHECK (default_currency = ANY (currencies)),
    CONSTRAINT channels_default_locale_is_spoken CHECK (default_locale = ANY (locales))
);

CREATE UNIQUE INDEX channels_one_default ON channels.channels (is_default) WHERE is_default;

-- An empty shop can sell at once. The id is a UUIDv7 of this moment, so that lists by age put it before what is made
-- later. gen_random_uuid has 122 random bits; a publishable key is no secret.
INSERT INTO channels.channels (id, code, name, currencies, default_currency, locales, default_locale, is_default, publishable_key)
VALUES ((lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, 'web', 'Web', '{EUR}', 'EUR', '{en}', 'en', true, 'pk_' || replace(gen_random_uuid()::text, '-', ''));

CREATE TABLE channels.outbox_events (
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
CREATE TABLE channels.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON channels.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON channels.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
