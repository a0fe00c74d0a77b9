-- Everything here can be rebuilt from its owners.

-- A refresh claims what it is about to read; only the newest claim of a product's part may write it, so that a slow
-- refresh never puts back what it read before a later change.
CREATE TABLE storefront.claims (
    product_id uuid NOT NULL,
    part       text NOT NULL,
    seq        bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (product_id, part)
);

-- What a product says in one channel and locale. Only active products have documents.
CREATE TABLE storefront.documents (
    product_id    uuid NOT NULL,
    channel_id    uuid NOT NULL,
    locale        text NOT NULL,
    handle        text NOT NULL,
    title         text NOT NULL,
    vendor        text NOT NULL,
    tags          text[] NOT NULL,
    categories    text[] NOT NULL, -- ids and handles, those of ancestors among them
    collections   text[] NOT NULL, -- ids and handles
    option_values text[] NOT NULL, -- "color=Red"
    body          jsonb NOT NULL,
    search        tsvector NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (product_id, channel_id, locale)
);

CREATE INDEX documents_by_handle ON storefront.documents (handle, channel_id, locale);
CREATE INDEX documents_by_age ON storefront.documents (channel_id, locale, created_at, product_id);
CREATE INDEX documents_by_title ON storefront.documents (channel_id, locale, title, product_id);
CREATE INDEX documents_search ON storefront.documents USING gin (search);

-- What a variant costs in one channel and currency; the empty country holds wherever no other does.
CREATE TABLE storefront.offers (
    product_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    currency   char(3) NOT NULL,
    country    text NOT NULL,
    amount     bigint NOT NULL,
    compare_at bigint,
    PRIMARY KEY (product_id, channel_id, currency, variant_id, country)
);

-- What shoppers are told of a variant's stock. A sale rewrites at most this row, which has no index but its key.
CREATE TABLE storefront.variants (
    product_id   uuid NOT NULL,
    variant_id   uuid NOT NULL,
    availability text NOT NULL,
    PRIMARY KEY (product_id, variant_id)
) WITH (fillfactor = 80);
