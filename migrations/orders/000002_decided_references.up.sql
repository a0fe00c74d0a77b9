-- What became of each checkout's reference, decided once: the order that was placed for it, or none, because the checkout
-- was given up first. Placing and closing both insert here, so that only one of them can happen.
CREATE TABLE orders.decided_references (
    reference  text        COLLATE "C" NOT NULL,
    order_id   uuid,
    decided_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT decided_references_pkey PRIMARY KEY (reference)
);
