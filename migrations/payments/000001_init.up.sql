-- One row per reference. A reference that was voided before anything was known of it has neither method nor currency.
-- "capturing" and "refunding" are amounts that a provider was asked to move and has not yet answered for.
CREATE TABLE payments.attempts (
    id           uuid        NOT NULL,
    reference    text        COLLATE "C" NOT NULL,
    method       text        NOT NULL,
    token        text        NOT NULL,
    status       text        NOT NULL,
    currency     text,
    amount       bigint      NOT NULL,
    authorized   bigint      NOT NULL,
    capturing    bigint      NOT NULL DEFAULT 0,
    captured     bigint      NOT NULL DEFAULT 0,
    refunding    bigint      NOT NULL DEFAULT 0,
    refunded     bigint      NOT NULL DEFAULT 0,
    decline_code text        NOT NULL,
    event_seq    bigint      NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attempts_pkey PRIMARY KEY (id),
    CONSTRAINT attempts_reference_key UNIQUE (reference),
    CONSTRAINT attempts_status_known CHECK (status IN ('created', 'submitted', 'authorized', 'action_required',
        'declined', 'unknown', 'captured', 'void_pending', 'voided', 'expired')),
    CONSTRAINT attempts_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT attempts_currency_known CHECK (currency IS NOT NULL OR (status = 'voided' AND amount = 0)),
    CONSTRAINT attempts_amount_counted CHECK (amount >= 0),
    CONSTRAINT attempts_authorized_within_amount CHECK (authorized BETWEEN 0 AND amount),
    CONSTRAINT attempts_captured_within_authorized CHECK (
        captured >= 0 AND capturing >= 0 AND captured + capturing <= authorized),
    CONSTRAINT attempts_refunded_within_captured CHECK (
        refunded >= 0 AND refunding >= 0 AND refunded + refunding <= captured),
    CONSTRAINT attempts_token_erased CHECK (token = '' OR status IN ('submitted', 'action_required', 'unknown'))
);

-- A capture or a refund. Its id is the provider's idempotency key.
CREATE TABLE payments.movements (
    id           uuid        NOT NULL,
    reference    text        COLLATE "C" NOT NULL REFERENCES payments.attempts (reference),
    kind         text        NOT NULL,
    key          text        COLLATE "C" NOT NULL,
    request_hash text        NOT NULL,
    amount       bigint      NOT NULL,
    reason       text        NOT NULL,
    done         boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT movements_pkey PRIMARY KEY (id),
    CONSTRAINT movements_key_once UNIQUE (reference, kind, key),
    CONSTRAINT movements_kind_known CHECK (kind IN ('capture', 'refund')),
    CONSTRAINT movements_amount_counted CHECK (amount >= 0)
);

-- Double entry: the entries of a transaction add up to 0 per currency. What the provider holds for the shop is positive
-- on "provider"; what customers owe is positive on "receivable".
CREATE TABLE payments.ledger_transactions (
    id          uuid        NOT NULL,
    reference   text        COLLATE "C" NOT NULL REFERENCES payments.attempts (reference),
    movement_id uuid        NOT NULL REFERENCES payments.movements (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_transactions_pkey PRIMARY KEY (id),
    CONSTRAINT ledger_transactions_movement_once UNIQUE (movement_id)
);
CREATE INDEX ledger_transactions_reference_idx ON payments.ledger_transactions (reference);

CREATE TABLE payments.ledger_entries (
    transaction_id uuid   NOT NULL REFERENCES payments.ledger_transactions (id),
    account        text   NOT NULL,
    currency       text   NOT NULL,
    amount         bigint NOT NULL,
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (transaction_id, account, currency),
    CONSTRAINT ledger_entries_account_known CHECK (account IN ('provider', 'receivable')),
    CONSTRAINT ledger_entries_amount_moved CHECK (amount <> 0)
);

CREATE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE ON payments.ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION payments.refuse_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON payments.ledger_entries
    FOR EACH ROW EXECUTE FUNCTION payments.refuse_change();

CREATE TABLE payments.outbox_events (
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
CREATE TABLE payments.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON payments.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON payments.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
