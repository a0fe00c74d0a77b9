-- What a provider outside the shop needs: where it may be asked again, what it calls the money, what the shopper has to do.
-- Old code leaves these columns alone: what it leaves unsettled is due a few seconds later.
ALTER TABLE payments.attempts
    -- The provider's own id of the authorization; empty until it said one.
    ADD COLUMN provider_ref      text        COLLATE "C" NOT NULL DEFAULT '',
    -- Part of what was asked for, so that a repeated request is the same; erased with the token.
    ADD COLUMN return_url        text        NOT NULL DEFAULT '',
    ADD COLUMN action_url        text        NOT NULL DEFAULT '',
    ADD COLUMN action_expires_at timestamptz,
    -- Since when nobody wants this payment any more, although the provider has not decided it.
    ADD COLUMN given_up_at       timestamptz,
    -- Money came for it after that, and is on its way back.
    ADD COLUMN giving_back       boolean     NOT NULL DEFAULT false,
    -- Until when somebody waits for the provider's answer; or since when nobody does.
    ADD COLUMN asking_until      timestamptz NOT NULL DEFAULT now(),
    -- When the background asks next.
    ADD COLUMN next_ask_at       timestamptz NOT NULL DEFAULT now() + interval '5 seconds';

CREATE INDEX attempts_due_idx ON payments.attempts (next_ask_at)
    WHERE status IN ('submitted', 'unknown', 'action_required', 'void_pending') OR giving_back;
CREATE INDEX attempts_provider_ref_idx ON payments.attempts (provider_ref) WHERE provider_ref <> '';

-- A movement that the provider refused is neither promised nor done.
ALTER TABLE payments.movements
    ADD COLUMN refused_at  timestamptz,
    ADD COLUMN refusal     text        NOT NULL DEFAULT '',
    ADD COLUMN tries       integer     NOT NULL DEFAULT 0,
    ADD COLUMN next_try_at timestamptz NOT NULL DEFAULT now() + interval '10 seconds';

CREATE INDEX movements_due_idx ON payments.movements (next_try_at) WHERE NOT done AND refused_at IS NULL;

-- What providers told by themselves, as it was signed. The key is what makes a repeated event one.
CREATE TABLE payments.provider_events (
    provider    text        COLLATE "C" NOT NULL,
    event_id    text        COLLATE "C" NOT NULL,
    sent_at     timestamptz NOT NULL,
    body        bytea       NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    tries       integer     NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    handled_at  timestamptz,
    -- What came of it: applied, ignored (it told nothing new), differs, unmatched, unreadable.
    outcome     text,
    CONSTRAINT provider_events_pkey PRIMARY KEY (provider, event_id),
    CONSTRAINT provider_events_outcome_known CHECK (outcome IN ('applied', 'ignored', 'differs', 'unmatched', 'unreadable')),
    CONSTRAINT provider_events_handled_with_outcome CHECK ((handled_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX provider_events_due_idx ON payments.provider_events (next_try_at) WHERE handled_at IS NULL;
CREATE INDEX provider_events_old_idx ON payments.provider_events (handled_at) WHERE handled_at IS NOT NULL;

-- What a person has to look at. One row per thing: subject names what of the reference it is about.
CREATE TABLE payments.reviews (
    id          uuid        NOT NULL,
    reference   text        COLLATE "C" NOT NULL,
    reason      text        NOT NULL,
    subject     text        NOT NULL,
    details     jsonb       NOT NULL,
    opened_at   timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    note        text        NOT NULL DEFAULT '',
    CONSTRAINT reviews_pkey PRIMARY KEY (id),
    CONSTRAINT reviews_once UNIQUE (reference, reason, subject)
);
CREATE INDEX reviews_open_idx ON payments.reviews (id) WHERE resolved_at IS NULL;
