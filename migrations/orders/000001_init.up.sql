-- Numbers are for people: digits that ascend, with gaps where an order was given up while it was being placed.
CREATE SEQUENCE orders.order_numbers START 1001;

-- The snapshot as it was agreed, which is never rewritten, and the order's state. E-mail, addresses and note are personal
-- data.
CREATE TABLE orders.orders (
    id                 uuid        NOT NULL,
    number             text        COLLATE "C" NOT NULL DEFAULT nextval('orders.order_numbers')::text,
    reference          text        COLLATE "C" NOT NULL,
    cart_id            uuid,
    channel_id         uuid        NOT NULL,
    channel_code       text        NOT NULL,
    currency           text        NOT NULL,
    locale             text        NOT NULL,
    tax_included       boolean     NOT NULL,
    email              text        NOT NULL,
    shipping_address   jsonb,
    billing_address    jsonb,
    shipping_option    jsonb,
    subtotal           bigint      NOT NULL,
    discount           bigint      NOT NULL,
    shipping           bigint      NOT NULL,
    shipping_tax       bigint      NOT NULL,
    tax                bigint      NOT NULL,
    total              bigint      NOT NULL,
    note               text        NOT NULL,
    metadata           jsonb       NOT NULL,
    payment_method     text        NOT NULL,
    authorized         bigint      NOT NULL,
    captured           bigint      NOT NULL DEFAULT 0,
    refunded           bigint      NOT NULL DEFAULT 0,
    payment_voided     boolean     NOT NULL DEFAULT false,
    payment_seq        bigint      NOT NULL,
    status             text        NOT NULL,
    payment_status     text        NOT NULL,
    fulfillment_status text        NOT NULL,
    cancel_reason      text        NOT NULL DEFAULT '',
    canceled_at        timestamptz,
    token_version      integer     NOT NULL DEFAULT 1,
    version            integer     NOT NULL DEFAULT 1,
    event_seq          bigint      NOT NULL DEFAULT 0,
    placed_at          timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_number_key UNIQUE (number),
    CONSTRAINT orders_one_per_checkout UNIQUE (reference),
    CONSTRAINT orders_one_per_cart UNIQUE (cart_id),
    CONSTRAINT orders_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT orders_total_adds_up CHECK (
        total >= 0 AND total = subtotal - discount + shipping + CASE WHEN tax_included THEN 0 ELSE tax END),
    CONSTRAINT orders_payment_counted CHECK (authorized >= 0 AND captured >= 0 AND refunded BETWEEN 0 AND captured),
    CONSTRAINT orders_status_known CHECK (status IN ('placed', 'completed', 'canceled')),
    CONSTRAINT orders_payment_status_known CHECK (payment_status IN ('unpaid', 'authorized', 'partially_paid', 'paid',
        'partially_refunded', 'refunded', 'overpaid', 'voided')),
    CONSTRAINT orders_fulfillment_status_known CHECK (
        fulfillment_status IN ('unfulfilled', 'partially_fulfilled', 'fulfilled')),
    CONSTRAINT orders_canceled_since CHECK ((status = 'canceled') = (canceled_at IS NOT NULL))
);
CREATE INDEX orders_email_idx ON orders.orders (lower(email), id);
CREATE INDEX orders_placed_at_idx ON orders.orders (placed_at);

-- A line of the snapshot and its counters. "fulfilling" is on its way out: claimed by a command that is not done.
CREATE TABLE orders.order_lines (
    id                uuid    NOT NULL,
    order_id          uuid    NOT NULL REFERENCES orders.orders (id),
    position          integer NOT NULL,
    variant_id        uuid    NOT NULL,
    product_id        uuid    NOT NULL,
    sku               text    NOT NULL,
    title             text    NOT NULL,
    unit_price        bigint  NOT NULL,
    subtotal          bigint  NOT NULL,
    discount          bigint  NOT NULL,
    tax               bigint  NOT NULL,
    total             bigint  NOT NULL,
    requires_shipping boolean NOT NULL,
    details           jsonb   NOT NULL,
    ordered           bigint  NOT NULL,
    canceled          bigint  NOT NULL DEFAULT 0,
    fulfilling        bigint  NOT NULL DEFAULT 0,
    fulfilled         bigint  NOT NULL DEFAULT 0,
    refunded          bigint  NOT NULL DEFAULT 0,
    refunded_amount   bigint  NOT NULL DEFAULT 0,
    CONSTRAINT order_lines_pkey PRIMARY KEY (id),
    CONSTRAINT order_lines_position_key UNIQUE (order_id, position),
    CONSTRAINT order_lines_subtotal_adds_up CHECK (subtotal = unit_price * ordered),
    CONSTRAINT order_lines_sent_within_ordered CHECK (ordered > 0 AND canceled >= 0 AND fulfilling >= 0 AND fulfilled >= 0
        AND canceled + fulfilling + fulfilled <= ordered),
    CONSTRAINT order_lines_refunded_within_line CHECK (
        refunded BETWEEN 0 AND ordered AND refunded_amount BETWEEN 0 AND total)
);

-- What staff asked to be done to an order. The row is the intent that survives a crash, the id that makes each of its steps
-- idempotent, and the record of its idempotency key. One that is refused is removed, so that its key can be used again.
CREATE TABLE orders.commands (
    id           uuid        NOT NULL,
    order_id     uuid        NOT NULL REFERENCES orders.orders (id),
    kind         text        NOT NULL,
    scope        text        NOT NULL,
    key          text        COLLATE "C",
    request_hash text        NOT NULL,
    input        jsonb       NOT NULL,
    outcome      jsonb       NOT NULL DEFAULT '{}',
    done         boolean     NOT NULL DEFAULT false,
    attempts     integer     NOT NULL DEFAULT 0,
    next_run_at  timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT commands_pkey PRIMARY KEY (id),
    CONSTRAINT commands_key_once UNIQUE (scope, key),
    CONSTRAINT commands_kind_known CHECK (kind IN ('capture', 'refund', 'fulfillment', 'cancellation'))
);
CREATE INDEX commands_order_idx ON orders.commands (order_id);
CREATE INDEX commands_due_idx ON orders.commands (next_run_at) WHERE NOT done;
CREATE UNIQUE INDEX commands_one_cancellation ON orders.commands (order_id) WHERE kind = 'cancellation';

CREATE TABLE orders.outbox_events (
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
CREATE TABLE orders.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON orders.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON orders.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
