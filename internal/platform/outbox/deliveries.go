package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// maxErrorText bounds last_error, in bytes.
const maxErrorText = 4000

var (
	errAbandoned = errors.New("every attempt ended without an answer")
	errAway      = errors.New("who acts on the events is away")
	errNotTried  = errors.New("the lease ended before it was handed over")
)

// claimed is a delivery this relay holds the lease of. The pair of id and attempt is the proof: who
// claims it after the lease raises the attempt, and then nothing written under the old one counts.
type claimed struct {
	ID int64 `db:"delivery_id"`
	Delivery
}

// claim takes due deliveries by their state and commits at once. Never by an id above a cursor: ids are
// not in the order of commits, so the event of a long transaction would be passed over for ever.
//
// It and acknowledge do not wait for the disk. What a crash of the database takes back is handed over
// again, which listeners must expect anyway.
func (r *Relay) claim(ctx context.Context, q queueName) ([]claimed, error) {
	const query = `
		WITH due AS (
			SELECT d.id
			FROM {schema}.outbox_deliveries d
			WHERE d.subscriber = $1 AND d.dead_at IS NULL AND d.run_at <= now()
				AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
			ORDER BY d.run_at, d.id
			LIMIT $2
			FOR UPDATE SKIP LOCKED
		)
		UPDATE {schema}.outbox_deliveries d
		SET attempt = d.attempt + 1, run_at = now() + make_interval(secs => $3)
		FROM due, {schema}.outbox_events e
		WHERE d.id = due.id AND e.id = d.event_id
		RETURNING d.id AS delivery_id, d.attempt, e.id AS event_id, e.name, e.aggregate_type, e.aggregate_id,
			e.seq, e.occurred_at, e.payload`
	var batch []claimed
	if err := r.cfg.DB.Select(ctx, &batch, in(q.Schema, query), q.Subscriber, r.cfg.Batch, r.cfg.Lease.Seconds()); err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	slices.SortFunc(batch, func(a, b claimed) int { return cmp.Compare(a.ID, b.ID) })
	return batch, nil
}

func (r *Relay) acknowledge(ctx context.Context, q queueName, group []claimed) error {
	const query = `
		DELETE FROM {schema}.outbox_deliveries d
		USING unnest($1::bigint[], $2::bigint[]) AS c(id, attempt)
		WHERE d.id = c.id AND d.attempt = c.attempt
			AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'`
	ids, attempts := proof(group)
	if _, err := r.cfg.DB.Exec(ctx, in(q.Schema, query), ids, attempts); err != nil {
		return fmt.Errorf("acknowledge deliveries: %w", err)
	}
	return nil
}

// giveBack undoes the claim of what was not tried to its end.
func (r *Relay) giveBack(ctx context.Context, q queueName, group []claimed) error {
	const query = `
		UPDATE {schema}.outbox_deliveries d
		SET attempt = d.attempt - 1, run_at = now()
		FROM unnest($1::bigint[], $2::bigint[]) AS c(id, attempt)
		WHERE d.id = c.id AND d.attempt = c.attempt`
	ids, attempts := proof(group)
	if _, err := r.cfg.DB.Exec(ctx, in(q.Schema, query), ids, attempts); err != nil {
		return fmt.Errorf("give deliveries back: %w", err)
	}
	return nil
}

// postpone plans the next attempt, or ends them.
func (r *Relay) postpone(ctx context.Context, q queueName, group []claimed, reason error) error {
	const query = `
		UPDATE {schema}.outbox_deliveries d
		SET run_at = now() + make_interval(secs => c.wait), last_error = $4,
			dead_at = CASE WHEN c.attempt >= $5 THEN now() END
		FROM unnest($1::bigint[], $2::bigint[], $3::float8[]) AS c(id, attempt, wait)
		WHERE d.id = c.id AND d.attempt = c.attempt`
	ids, attempts := proof(group)
	waits := make([]float64, len(group))
	for i, c := range group {
		waits[i] = r.wait(c.Attempt).Seconds()
	}
	if _, err := r.cfg.DB.Exec(ctx, in(q.Schema, query), ids, attempts, waits, errorText(reason), r.cfg.MaxAttempts); err != nil {
		return fmt.Errorf("postpone deliveries: %w", err)
	}
	return nil
}

// wait doubles with each attempt. The random half spreads those that failed together.
func (r *Relay) wait(attempt int) time.Duration {
	full := float64(r.cfg.Backoff) * math.Pow(2, float64(attempt-1))
	full = min(full, float64(r.cfg.MaxBackoff))
	return time.Duration(full * (1 - r.cfg.Random()/2))
}

func proof(group []claimed) (ids, attempts []int64) {
	for _, c := range group {
		ids = append(ids, c.ID)
		attempts = append(attempts, int64(c.Attempt))
	}
	return ids, attempts
}

// errorText is what a text column takes of an error.
func errorText(err error) string {
	text := err.Error()
	text = text[:min(len(text), maxErrorText)]
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?")
}
