-- SKUs and references sort by bytes, so that every session locks rows in the same order.

CREATE TABLE inventory.locations (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    country text NOT NULL DEFAULT '',
    position integer NOT NULL DEFAULT 0,
    active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT locations_code_unique UNIQUE (code),
    CONSTRAINT locations_country_form CHECK (country = '' OR country ~ '^[A-Z]{2}$'),
    CONSTRAINT locations_position_not_negative CHECK (position >= 0)
);

-- The row of a SKU is its mutex: whoever changes what can be sold of it locks this row first, then its levels.
-- announced is the availability that others were last told.
CREATE TABLE inventory.stock_items (
    sku text COLLATE "C" PRIMARY KEY,
    variant_id uuid,
    mode text NOT NULL DEFAULT 'track',
    low_stock_threshold bigint NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    announced text NOT NULL DEFAULT 'out_of_stock',
    event_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_items_sku_present CHECK (sku <> ''),
    CONSTRAINT stock_items_mode_known CHECK (mode IN ('track', 'none')),
    CONSTRAINT stock_items_threshold_not_negative CHECK (low_stock_threshold >= 0)
) WITH (fillfactor = 80);

-- The backorder limit of a SKU is the sum over its levels; it is kept on one of them, which makes the check exact.
CREATE TABLE inventory.stock_levels (
    sku text COLLATE "C" NOT NULL,
    location_id uuid NOT NULL,
    on_hand bigint NOT NULL DEFAULT 0,
    backorder_limit bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    allocated bigint NOT NULL DEFAULT 0,
    incoming bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (sku, location_id),
    CONSTRAINT stock_levels_of_item FOREIGN KEY (sku) REFERENCES inventory.stock_items (sku),
    CONSTRAINT stock_levels_at_location FOREIGN KEY (location_id) REFERENCES inventory.locations (id),
    CONSTRAINT stock_levels_not_oversold CHECK (on_hand + backorder_limit - reserved - allocated >= 0),
    CONSTRAINT stock_levels_on_hand_not_negative CHECK (on_hand >= 0),
    CONSTRAINT stock_levels_backorder_limit_not_negative CHECK (backorder_limit >= 0),
    CONSTRAINT stock_levels_reserved_not_negative CHECK (reserved >= 0),
    CONSTRAINT stock_levels_allocated_not_negative CHECK (allocated >= 0),
    CONSTRAINT stock_levels_incoming_not_negative CHECK (incoming >= 0)
) WITH (fillfactor = 70);

CREATE INDEX stock_levels_by_location ON inventory.stock_levels (location_id, sku);

-- One row per reference, its mutex. A closed one is never reserved for again; released, expired and canceled ones always
-- are closed, a confirmed one is when it was released too late. uncounted are the SKUs it holds without counting.
CREATE TABLE inventory.holds (
    reference text COLLATE "C" PRIMARY KEY,
    state text NOT NULL DEFAULT 'open',
    closed boolean NOT NULL DEFAULT false,
    hold_until timestamptz NOT NULL,
    uncounted text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT holds_state_known CHECK (state IN ('open', 'confirmed', 'released', 'expired', 'canceled')),
    CONSTRAINT holds_closed_by_state CHECK (CASE state WHEN 'open' THEN NOT closed WHEN 'confirmed' THEN true ELSE closed END)
) WITH (fillfactor = 80);

CREATE INDEX holds_due ON inventory.holds (hold_until) WHERE state = 'open';

CREATE TABLE inventory.reservations (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL,
    sku text COLLATE "C" NOT NULL,
    location_id uuid NOT NULL,
    quantity bigint NOT NULL,
    state text NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reservations_quantity_positive CHECK (quantity > 0),
    CONSTRAINT reservations_state_known CHECK (state IN ('open', 'allocated', 'shipped', 'released', 'expired'))
) WITH (fillfactor = 80);

CREATE INDEX reservations_by_reference ON inventory.reservations (reference);

-- source_id is the id of the shipment, for the reason "ship".
CREATE TABLE inventory.stock_movements (
    id uuid PRIMARY KEY,
    sku text COLLATE "C" NOT NULL,
    location_id uuid NOT NULL,
    reason text NOT NULL,
    delta bigint NOT NULL,
    source_id text,
    note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stock_movements_of_level FOREIGN KEY (sku, location_id) REFERENCES inventory.stock_levels (sku, location_id),
    CONSTRAINT stock_movements_reason_known CHECK (reason IN ('receive', 'count', 'damage', 'correction', 'ship', 'return')),
    CONSTRAINT stock_movements_change_something CHECK (delta <> 0),
    CONSTRAINT stock_movements_ship_takes_away CHECK (reason <> 'ship' OR (delta < 0 AND source_id IS NOT NULL))
);

CREATE UNIQUE INDEX stock_movements_shipped_once ON inventory.stock_movements (source_id, sku, location_id) WHERE reason = 'ship';

CREATE FUNCTION inventory.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% are never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE ON inventory.stock_movements
    FOR EACH ROW EXECUTE FUNCTION inventory.refuse_change();

-- The answers of calls that gave allocated stock back, by the caller's id.
CREATE TABLE inventory.deallocations (
    id text COLLATE "C" PRIMARY KEY,
    reference text COLLATE "C" NOT NULL,
    units bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- What shoppers are told of a SKU. shelf is what is on hand and promised to nobody; it is negative when units are on
-- backorder.
CREATE FUNCTION inventory.availability(mode text, shelf bigint, backorder_limit bigint, low_stock_threshold bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN mode = 'none' THEN 'in_stock'
    WHEN shelf > 0 AND shelf > low_stock_threshold THEN 'in_stock'
    WHEN shelf > 0 THEN 'low_stock'
    WHEN shelf + backorder_limit > 0 THEN 'backorder'
    ELSE 'out_of_stock'
END;

-- What can be sold of a SKU, over all active locations. The sum of shelf and backorder_limit is available.
CREATE VIEW inventory.sellable AS
SELECT i.sku, i.mode, i.low_stock_threshold,
    coalesce(sum(l.on_hand - l.reserved - l.allocated) FILTER (WHERE p.active), 0)::bigint AS shelf,
    coalesce(sum(l.backorder_limit) FILTER (WHERE p.active), 0)::bigint AS backorder_limit
FROM inventory.stock_items i
LEFT JOIN inventory.stock_levels l ON l.sku = i.sku
LEFT JOIN inventory.locations p ON p.id = l.location_id
GROUP BY i.sku;

-- The ids of rows that one statement makes: the id that the caller gave it, with the last four digits counting.
CREATE FUNCTION inventory.numbered(id uuid, n bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN overlay(id::text PLACING lpad(to_hex(n), 4, '0') FROM 33)::uuid;

-- The id is a UUIDv7 of this moment, so that lists by age put it before what is made later.
INSERT INTO inventory.locations (id, code, name)
VALUES ((lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, 'main', 'Main location');

CREATE TABLE inventory.outbox_events (
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
CREATE TABLE inventory.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON inventory.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON inventory.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
