-- An import is worked on by whoever holds its lease; every write of theirs names its epoch. next_offset and next_line are
-- where the file goes on behind what was done and written down.
CREATE TABLE integrations.imports (
    id              uuid        NOT NULL,
    status          text        NOT NULL,
    format          text        NOT NULL,
    generation      text        NOT NULL DEFAULT '',
    dry_run         boolean     NOT NULL,
    file_bytes      bigint      NOT NULL DEFAULT 0,
    unknown_columns text[]      NOT NULL DEFAULT '{}',
    ignored_columns text[]      NOT NULL DEFAULT '{}',
    rows            bigint      NOT NULL DEFAULT 0,
    products        bigint      NOT NULL DEFAULT 0,
    variants        bigint      NOT NULL DEFAULT 0,
    prices          bigint      NOT NULL DEFAULT 0,
    tracked         bigint      NOT NULL DEFAULT 0,
    pictures        bigint      NOT NULL DEFAULT 0,
    created         bigint      NOT NULL DEFAULT 0,
    updated         bigint      NOT NULL DEFAULT 0,
    unchanged       bigint      NOT NULL DEFAULT 0,
    failed          bigint      NOT NULL DEFAULT 0,
    next_offset     bigint      NOT NULL DEFAULT 0,
    next_line       bigint      NOT NULL DEFAULT 0,
    epoch           bigint      NOT NULL DEFAULT 0,
    lease_until     timestamptz NOT NULL DEFAULT now(),
    attempts        integer     NOT NULL DEFAULT 0,
    failure_code    text        NOT NULL DEFAULT '',
    failure_detail  text        NOT NULL DEFAULT '',
    is_tidy         boolean     NOT NULL DEFAULT false,
    version         integer     NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    CONSTRAINT imports_pkey PRIMARY KEY (id),
    CONSTRAINT imports_status_known CHECK (status IN ('receiving', 'queued', 'running', 'completed', 'failed', 'canceled')),
    CONSTRAINT imports_finish_dated CHECK ((finished_at IS NOT NULL) = (status IN ('completed', 'failed', 'canceled')))
);
CREATE INDEX imports_open_idx ON integrations.imports (id) WHERE status IN ('receiving', 'queued', 'running');
CREATE INDEX imports_untidy_idx ON integrations.imports (id) WHERE NOT is_tidy;

-- The file in pieces of equal size but for the last, from 0 on, for as long as the import lasts. Files are text that was
-- checked to be UTF-8; compressing them would cost more than it saves.
CREATE TABLE integrations.import_files (
    import_id uuid    NOT NULL,
    number    integer NOT NULL,
    content   bytea   NOT NULL,
    CONSTRAINT import_files_pkey PRIMARY KEY (import_id, number)
);
ALTER TABLE integrations.import_files ALTER COLUMN content SET STORAGE EXTERNAL;

-- What a file has named so far and where, for as long as the import lasts: handles, and in a dry run SKUs.
CREATE TABLE integrations.import_names (
    import_id uuid   NOT NULL,
    kind      text   NOT NULL,
    name      text   COLLATE "C" NOT NULL,
    line      bigint NOT NULL,
    CONSTRAINT import_names_pkey PRIMARY KEY (import_id, kind, name)
);

CREATE TABLE integrations.import_errors (
    import_id   uuid   NOT NULL,
    id          bigint GENERATED ALWAYS AS IDENTITY,
    line        bigint NOT NULL,
    column_name text   NOT NULL,
    code        text   NOT NULL,
    message     text   NOT NULL,
    CONSTRAINT import_errors_pkey PRIMARY KEY (import_id, id)
);

-- The count that a file last gave for a SKU. A file that repeats it says nothing new.
CREATE TABLE integrations.counted_stock (
    sku     text   COLLATE "C" NOT NULL,
    on_hand bigint NOT NULL,
    CONSTRAINT counted_stock_pkey PRIMARY KEY (sku)
);

-- What is known of the pictures that products link to. One that is to be looked at is due at run_at; whoever looks moves
-- run_at ahead first.
CREATE TABLE integrations.pictures (
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    product_id   uuid        NOT NULL,
    url          text        NOT NULL,
    status       text        NOT NULL DEFAULT 'waiting',
    attempts     integer     NOT NULL DEFAULT 0,
    run_at       timestamptz NOT NULL DEFAULT now(),
    bytes        bigint      NOT NULL DEFAULT 0,
    width        integer     NOT NULL DEFAULT 0,
    height       integer     NOT NULL DEFAULT 0,
    content_type text        NOT NULL DEFAULT '',
    sha256       text        NOT NULL DEFAULT '',
    failure      text        NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pictures_pkey PRIMARY KEY (id),
    CONSTRAINT pictures_status_known CHECK (status IN ('waiting', 'fetched', 'failed', 'refused'))
);
-- By a hash, because a link may be longer than what an index holds.
CREATE UNIQUE INDEX pictures_link_key ON integrations.pictures (product_id, md5(url));
CREATE INDEX pictures_due_idx ON integrations.pictures (run_at) WHERE status = 'waiting';
