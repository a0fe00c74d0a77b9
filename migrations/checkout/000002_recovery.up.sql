-- What recovery needs: when an attempt is looked at again if nobody works on it, and how often that was in vain.
-- Old code leaves these columns alone: its attempts are due when their lease ends, and end at their deadline.
ALTER TABLE checkout.attempts
    ADD COLUMN next_run_at   timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN tries         integer     NOT NULL DEFAULT 0,
    -- When the present status has to be left, which is the deadline unless the status has an end of its own.
    ADD COLUMN ends_at       timestamptz,
    -- Until when stock was asked to be held; NULL for as long as the deadline and its margin say.
    ADD COLUMN hold_until    timestamptz,
    -- Secret: what the shopper has to do, while that is awaited.
    ADD COLUMN action        jsonb,
    -- Why a person has to look at it.
    ADD COLUMN review_reason text,
    -- What has changed of the order since it was first answered, as it was then: the rest is read from the order. It takes
    -- the place of answer, which only older rows have.
    ADD COLUMN first_standing jsonb;

-- An attempt lives for a moment: compressing what it carries costs more than it saves.
ALTER TABLE checkout.attempts SET (toast_tuple_target = 8160);

-- Recovery looks for what is due among the live ones. Staff look for what is in review.
CREATE INDEX attempts_due_idx ON checkout.attempts (next_run_at) WHERE status NOT IN ('completed', 'canceled', 'review');
CREATE INDEX attempts_review_idx ON checkout.attempts (id) WHERE status = 'review';
DROP INDEX checkout.attempts_live_idx;
