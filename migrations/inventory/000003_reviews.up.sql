-- What staff must look at: a reference whose order was placed although its hold on stock had ended. details says what
-- became of the hold and what it had held.
CREATE TABLE inventory.reviews (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    details jsonb NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    note text NOT NULL DEFAULT '',
    CONSTRAINT reviews_one_per_reference UNIQUE (reference),
    CONSTRAINT reviews_reason_known CHECK (reason IN ('hold_ended')),
    CONSTRAINT reviews_note_when_resolved CHECK ((resolved_at IS NULL) = (note = ''))
);

CREATE INDEX reviews_open ON inventory.reviews (id) WHERE resolved_at IS NULL;
