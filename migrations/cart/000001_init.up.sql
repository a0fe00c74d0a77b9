-- Personal data: email, shipping_address, billing_address and note of a cart, its metadata and that of its lines as far
-- as front ends put it there, and the snapshot of a freeze, which repeats them.
CREATE TABLE cart.carts (
    id                 uuid        NOT NULL,
    status             text        NOT NULL,
    version            integer     NOT NULL DEFAULT 1,
    token_version      integer     NOT NULL DEFAULT 1,
    channel_id         uuid        NOT NULL,
    currency           text        NOT NULL,
    locale             text        NOT NULL,
    country            text        NOT NULL,
    email              text        NOT NULL,
    shipping_address   jsonb,
    billing_address    jsonb,
    shipping_option_id uuid,
    note               text        NOT NULL,
    metadata           jsonb       NOT NULL,
    -- Amounts are minor units of the currency, as of the last change of the cart.
    tax_included       boolean     NOT NULL,
    subtotal           bigint      NOT NULL,
    discount           bigint      NOT NULL,
    shipping           bigint      NOT NULL,
    shipping_tax       bigint      NOT NULL,
    tax                bigint      NOT NULL,
    total              bigint      NOT NULL,
    order_id           uuid,
    expires_at         timestamptz NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carts_pkey PRIMARY KEY (id),
    CONSTRAINT carts_order_key UNIQUE (order_id),
    CONSTRAINT carts_status_known CHECK (status IN ('open', 'checking_out', 'completed', 'merged', 'expired')),
    CONSTRAINT carts_version_positive CHECK (version >= 1 AND token_version >= 1),
    CONSTRAINT carts_currency_form CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT carts_country_form CHECK (country ~ '^([A-Z]{2})?$'),
    CONSTRAINT carts_amounts_not_negative
        CHECK (subtotal >= 0 AND discount >= 0 AND shipping >= 0 AND shipping_tax >= 0 AND tax >= 0 AND total >= 0),
    CONSTRAINT carts_total_adds_up
        CHECK (total = subtotal - discount + shipping + CASE WHEN tax_included THEN 0 ELSE tax END),
    CONSTRAINT carts_completed_by_order CHECK ((status = 'completed') = (order_id IS NOT NULL))
);
CREATE INDEX carts_expiry_idx ON cart.carts (expires_at) WHERE status IN ('open', 'checking_out');

-- product is what the line shows of its product, as last seen: the line outlives the variant.
CREATE TABLE cart.cart_lines (
    id            uuid    NOT NULL,
    cart_id       uuid    NOT NULL,
    position      integer NOT NULL,
    variant_id    uuid    NOT NULL,
    quantity      bigint  NOT NULL,
    metadata      jsonb   NOT NULL,
    metadata_hash text    NOT NULL,
    product       jsonb   NOT NULL,
    unit_price    bigint  NOT NULL,
    subtotal      bigint  NOT NULL,
    discount      bigint  NOT NULL,
    tax           bigint  NOT NULL,
    total         bigint  NOT NULL,
    CONSTRAINT cart_lines_pkey PRIMARY KEY (id),
    CONSTRAINT cart_lines_cart_fkey FOREIGN KEY (cart_id) REFERENCES cart.carts (id) ON DELETE CASCADE,
    CONSTRAINT cart_lines_equal_lines_merge UNIQUE (cart_id, variant_id, metadata_hash),
    CONSTRAINT cart_lines_quantity_in_range CHECK (quantity BETWEEN 1 AND 1000000),
    CONSTRAINT cart_lines_amounts_not_negative
        CHECK (unit_price >= 0 AND subtotal >= 0 AND discount >= 0 AND tax >= 0 AND total >= 0)
);

-- A freeze holds its cart until a time by this database's clock. A reference that was given up before it froze anything
-- has neither snapshot nor end, and no cart when there is none of that id.
CREATE TABLE cart.freezes (
    reference  text        NOT NULL,
    cart_id    uuid,
    state      text        NOT NULL,
    snapshot   jsonb,
    until      timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT freezes_pkey PRIMARY KEY (reference),
    CONSTRAINT freezes_cart_fkey FOREIGN KEY (cart_id) REFERENCES cart.carts (id) ON DELETE CASCADE,
    CONSTRAINT freezes_state_known CHECK (state IN ('active', 'thawed', 'closed')),
    CONSTRAINT freezes_agreed_while_held
        CHECK (state = 'thawed' OR (cart_id IS NOT NULL AND snapshot IS NOT NULL AND until IS NOT NULL)),
    CONSTRAINT freezes_forget_what_was_given_up CHECK (state <> 'thawed' OR snapshot IS NULL)
);
CREATE UNIQUE INDEX freezes_one_active_per_cart ON cart.freezes (cart_id) WHERE state = 'active';
CREATE INDEX freezes_cart_idx ON cart.freezes (cart_id);
