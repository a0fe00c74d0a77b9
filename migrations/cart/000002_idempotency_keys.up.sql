-- One row per request that was carried out under an Idempotency-Key. id and request are hashes, of whose key it is and of
-- what was asked; the answer is encrypted with a key that only who sends the same Idempotency-Key brings.
CREATE TABLE cart.idempotency_keys (
    id bytea PRIMARY KEY,
    request bytea NOT NULL,
    status smallint NOT NULL,
    answer bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '72 hours'
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX idempotency_keys_expired ON cart.idempotency_keys (expires_at);
