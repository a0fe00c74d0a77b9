CREATE TABLE access.api_keys (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CONSTRAINT api_keys_name_not_empty CHECK (name <> ''),
    role         text NOT NULL DEFAULT '',
    scopes       text[] NOT NULL,
    secret_hash  bytea NOT NULL CONSTRAINT api_keys_secret_hash_key UNIQUE
        CONSTRAINT api_keys_secret_is_sha256 CHECK (octet_length(secret_hash) = 32),
    hint         text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
