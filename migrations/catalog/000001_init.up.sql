CREATE TABLE catalog.products (
    id              uuid        NOT NULL,
    handle          text        COLLATE "C" NOT NULL,
    title           text        NOT NULL,
    description     text        NOT NULL,
    vendor          text        NOT NULL,
    product_type    text        NOT NULL,
    status          text        NOT NULL,
    tags            text[]      NOT NULL,
    attributes      jsonb       NOT NULL,
    seo_title       text        NOT NULL,
    seo_description text        NOT NULL,
    tax_class       text        NOT NULL,
    external_id     text        NOT NULL,
    metadata        jsonb       NOT NULL,
    version         integer     NOT NULL DEFAULT 1,
    event_seq       bigint      NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT products_pkey PRIMARY KEY (id),
    CONSTRAINT products_handle_key UNIQUE (handle),
    CONSTRAINT products_handle_form CHECK (handle ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT products_status_known CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT products_version_positive CHECK (version >= 1)
);
CREATE INDEX products_status_idx ON catalog.products (status, id);
-- An index and not a constraint, because many products have no external id.
CREATE UNIQUE INDEX products_external_id_key ON catalog.products (external_id) WHERE external_id <> '';

-- An option keeps its values in the order in which they are shown.
CREATE TABLE catalog.options (
    id         uuid    NOT NULL,
    product_id uuid    NOT NULL REFERENCES catalog.products (id) ON DELETE CASCADE,
    position   integer NOT NULL,
    name       text    NOT NULL,
    value_list text[]  NOT NULL,
    CONSTRAINT options_pkey PRIMARY KEY (id),
    CONSTRAINT options_name_key UNIQUE (product_id, name) DEFERRABLE,
    CONSTRAINT options_position_key UNIQUE (product_id, position) DEFERRABLE,
    CONSTRAINT options_position_counted CHECK (position >= 0)
);

-- option_values holds one value for each option of the product, in the order of the options. The keys are deferrable so
-- that variants can exchange their values in one statement.
CREATE TABLE catalog.variants (
    id                uuid        NOT NULL,
    product_id        uuid        NOT NULL REFERENCES catalog.products (id) ON DELETE CASCADE,
    position          integer     NOT NULL,
    sku               text        COLLATE "C" NOT NULL,
    title             text        NOT NULL,
    option_values     text[]      NOT NULL,
    barcode           text        NOT NULL,
    weight_grams      bigint      NOT NULL,
    requires_shipping boolean     NOT NULL,
    taxable           boolean     NOT NULL,
    external_id       text        NOT NULL,
    metadata          jsonb       NOT NULL,
    version           integer     NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT variants_pkey PRIMARY KEY (id),
    CONSTRAINT variants_sku_key UNIQUE (sku) DEFERRABLE,
    CONSTRAINT variants_combination_key UNIQUE (product_id, option_values) DEFERRABLE,
    CONSTRAINT variants_sku_present CHECK (sku <> ''),
    CONSTRAINT variants_weight_not_negative CHECK (weight_grams >= 0),
    CONSTRAINT variants_version_positive CHECK (version >= 1)
);

CREATE TABLE catalog.media (
    product_id uuid    NOT NULL REFERENCES catalog.products (id) ON DELETE CASCADE,
    position   integer NOT NULL,
    url        text    NOT NULL,
    alt        text    NOT NULL,
    width      integer NOT NULL,
    height     integer NOT NULL,
    CONSTRAINT media_pkey PRIMARY KEY (product_id, position),
    CONSTRAINT media_size_not_negative CHECK (width >= 0 AND height >= 0)
);

CREATE TABLE catalog.categories (
    id          uuid        NOT NULL,
    handle      text        COLLATE "C" NOT NULL,
    name        text        NOT NULL,
    description text        NOT NULL,
    parent_id   uuid,
    position    integer     NOT NULL,
    version     integer     NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT categories_pkey PRIMARY KEY (id),
    CONSTRAINT categories_handle_key UNIQUE (handle),
    CONSTRAINT categories_handle_form CHECK (handle ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT categories_parent_exists FOREIGN KEY (parent_id) REFERENCES catalog.categories (id),
    CONSTRAINT categories_not_own_parent CHECK (parent_id <> id)
);
CREATE INDEX categories_parent_idx ON catalog.categories (parent_id);

CREATE TABLE catalog.collections (
    id          uuid        NOT NULL,
    handle      text        COLLATE "C" NOT NULL,
    name        text        NOT NULL,
    description text        NOT NULL,
    version     integer     NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT collections_pkey PRIMARY KEY (id),
    CONSTRAINT collections_handle_key UNIQUE (handle),
    CONSTRAINT collections_handle_form CHECK (handle ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);

CREATE TABLE catalog.product_categories (
    product_id  uuid NOT NULL REFERENCES catalog.products (id) ON DELETE CASCADE,
    category_id uuid NOT NULL,
    CONSTRAINT product_categories_pkey PRIMARY KEY (product_id, category_id),
    CONSTRAINT product_categories_category_exists FOREIGN KEY (category_id) REFERENCES catalog.categories (id)
);
CREATE INDEX product_categories_category_idx ON catalog.product_categories (category_id, product_id);

-- A collection shows its products by position, then by the time they came.
CREATE TABLE catalog.collection_products (
    collection_id uuid    NOT NULL,
    product_id    uuid    NOT NULL REFERENCES catalog.products (id) ON DELETE CASCADE,
    position      integer NOT NULL,
    CONSTRAINT collection_products_pkey PRIMARY KEY (collection_id, product_id),
    CONSTRAINT collection_products_collection_exists FOREIGN KEY (collection_id) REFERENCES catalog.collections (id)
);
CREATE INDEX collection_products_position_idx ON catalog.collection_products (collection_id, position);
CREATE INDEX collection_products_product_idx ON catalog.collection_products (product_id);

CREATE TABLE catalog.outbox_events (
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
CREATE TABLE catalog.outbox_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    dead_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

CREATE INDEX outbox_deliveries_due ON catalog.outbox_deliveries (subscriber, run_at, id) WHERE dead_at IS NULL;
CREATE INDEX outbox_deliveries_dead ON catalog.outbox_deliveries (id) WHERE dead_at IS NOT NULL;
