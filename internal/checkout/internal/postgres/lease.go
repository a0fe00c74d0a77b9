package postgres

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
)

// Pauses of recovery: they double with each try that came to nothing, from the first to the longest, and vary by a
// quarter, so that what failed together does not come again together.
const (
	firstPause       = time.Second
	longestRetry     = 30 * time.Second
	longestWait      = 10 * time.Minute
	maxPauseDoubling = 20
)

// Take implements completing.Store.
func (s *Store) Take(ctx context.Context, id string) (attempt.Attempt, bool, error) {
	const query = `UPDATE checkout.attempts
SET lease_epoch = lease_epoch + 1, lease_until = now() + make_interval(secs => $2), updated_at = now()
WHERE id = $1 AND lease_until <= now() AND status NOT IN ('completed', 'canceled', 'review')
RETURNING ` + columns
	a, taken, err := s.one(ctx, query, id, attempt.Lease.Seconds())
	return a, taken, wrap("take the lease on checkout", err)
}

// TakeUp implements completing.Store.
func (s *Store) TakeUp(ctx context.Context, id string) (attempt.Attempt, bool, error) {
	const query = `UPDATE checkout.attempts
SET lease_epoch = lease_epoch + 1, lease_until = now() + make_interval(secs => $2), updated_at = now()
WHERE id = $1 AND lease_until <= now() AND status IN ('review', 'canceling')
RETURNING ` + columns
	a, taken, err := s.one(ctx, query, id, attempt.Lease.Seconds())
	return a, taken, wrap("take up checkout", err)
}

// Claim implements completing.Store.
func (s *Store) Claim(ctx context.Context) (attempt.Attempt, bool, error) {
	const query = `UPDATE checkout.attempts
SET lease_epoch = lease_epoch + 1, lease_until = now() + make_interval(secs => $1), tries = tries + 1, updated_at = now()
WHERE id = (
	SELECT id FROM checkout.attempts
	WHERE next_run_at <= now() AND lease_until <= now() AND status NOT IN ('completed', 'canceled', 'review')
	ORDER BY next_run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING ` + columns
	a, taken, err := s.one(ctx, query, attempt.Lease.Seconds())
	return a, taken, wrap("claim a checkout that is due", err)
}

// Live implements completing.Store.
func (s *Store) Live(ctx context.Context, references []string) ([]string, error) {
	const query = `SELECT id FROM checkout.attempts
WHERE reference = ANY($1) AND status NOT IN ('completed', 'canceled', 'review') ORDER BY id`
	var live []string
	err := s.db.Select(ctx, &live, query, references)
	return live, wrap("look for live checkouts", err)
}

// Renew implements completing.Store. A lease that has lapsed is lost even if nobody has taken it yet.
func (s *Store) Renew(ctx context.Context, a attempt.Attempt) error {
	const query = `UPDATE checkout.attempts SET lease_until = now() + make_interval(secs => $3)
WHERE id = $1 AND lease_epoch = $2 AND lease_until > now()`
	renewed, err := s.db.Exec(ctx, query, a.ID, a.Epoch, attempt.Lease.Seconds())
	return wrap("renew the lease on checkout", unlessLost(renewed, err))
}

// Save implements completing.Store.
func (s *Store) Save(ctx context.Context, a attempt.Attempt) error {
	if a.Status == checkout.StatusCompleted {
		saved, err := s.completing.Do(ctx, a)
		if err == nil && !saved {
			err = completing.ErrLeaseLost
		}
		return wrap("save checkout", err)
	}
	const query = `UPDATE checkout.attempts
SET status = $3, idempotency_key = nullif($4, ''), payment_token = nullif($5, ''), snapshot = $6::jsonb, failure = $7::jsonb,
	lease_until = now() + make_interval(secs => $8),
	expires_at = CASE WHEN $9 THEN now() + make_interval(secs => $10) END,
	action = $11::jsonb, ends_at = $12, hold_until = $13, review_reason = nullif($14, ''), tries = 0,
	next_run_at = now() + make_interval(secs => $15 * (0.75 + random() / 2)),
	updated_at = now()
WHERE id = $1 AND lease_epoch = $2`
	lease, pause := time.Duration(0), firstPause
	if a.Running() {
		lease, pause = attempt.Lease, 0
	}
	saved, err := s.db.Exec(ctx, query, a.ID, a.Epoch, a.Status, a.Key, a.PaymentToken, document(a.Snapshot), document(a.Failure),
		lease.Seconds(), a.Erasable(), attempt.KeyLife.Seconds(), document(a.Action), timeOrNull(a.EndsAt), a.HeldUntil,
		a.ReviewReason, pause.Seconds())
	return wrap("save checkout", unlessLost(saved, err))
}

// LetGo implements completing.Store. A try never waits beyond the end of the attempt's status, unless that has passed.
func (s *Store) LetGo(ctx context.Context, a attempt.Attempt) error {
	const query = `WITH pause AS (
	SELECT id, now() + make_interval(secs =>
		least($3 * power(2, least(tries, $5)), $4) * (0.75 + random() / 2)) AS over
	FROM checkout.attempts WHERE id = $1
)
UPDATE checkout.attempts a
SET lease_until = now(),
	next_run_at = CASE WHEN coalesce(ends_at, deadline) > now() THEN least(pause.over, coalesce(ends_at, deadline)) ELSE pause.over END
FROM pause
WHERE a.id = pause.id AND lease_epoch = $2`
	longest := longestRetry
	if a.Waiting() && !a.Stale {
		longest = longestWait
	}
	freed, err := s.db.Exec(ctx, query, a.ID, a.Epoch, firstPause.Seconds(), longest.Seconds(), maxPauseDoubling)
	return wrap("let go of checkout", unlessLost(freed, err))
}

func unlessLost(changed int64, err error) error {
	if err == nil && changed == 0 {
		return completing.ErrLeaseLost
	}
	return err
}
