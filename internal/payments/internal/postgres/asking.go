package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// Claim implements paying.Store. The database's clock decides, so that processes with wrong ones do not ask twice.
func (s Store) Claim(ctx context.Context, reference string, rest, asking time.Duration) (attempt.Attempt, bool, error) {
	const query = `
		UPDATE payments.attempts a
		SET asking_until = now() + $3 * interval '1 second', next_ask_at = now() + $3 * interval '1 second'
		WHERE a.reference = $1 AND a.status IN ('submitted', 'unknown', 'action_required')
			AND a.asking_until <= now() - $2 * interval '1 second'
		RETURNING ` + columns
	claimed, err := s.attempt(ctx, query, reference, rest.Seconds(), asking.Seconds())
	if errors.Is(err, payments.ErrNotFound) {
		return claimed, false, nil
	}
	return claimed, err == nil, err
}

// GiveUp implements paying.Store.
func (s Store) GiveUp(ctx context.Context, reference string) (attempt.Attempt, bool, error) {
	const query = `
		UPDATE payments.attempts a SET given_up_at = coalesce(a.given_up_at, now()), updated_at = now()
		WHERE a.reference = $1 AND a.status IN ('submitted', 'unknown', 'action_required')
		RETURNING ` + columns
	marked, err := s.attempt(ctx, query, reference)
	if errors.Is(err, payments.ErrNotFound) {
		return marked, false, nil
	}
	return marked, err == nil, err
}

// DueAttempts implements paying.Backlog.
func (s Store) DueAttempts(ctx context.Context, limit int, lease time.Duration) ([]attempt.Attempt, error) {
	const query = `
		WITH due AS (
			SELECT reference FROM payments.attempts
			WHERE (status IN ('submitted', 'unknown', 'action_required', 'void_pending') OR giving_back)
				AND next_ask_at <= now() AND asking_until <= now()
			ORDER BY next_ask_at LIMIT $1 FOR UPDATE SKIP LOCKED
		)
		UPDATE payments.attempts a
		SET asking_until = now() + $2 * interval '1 second', next_ask_at = now() + $2 * interval '1 second'
		FROM due WHERE a.reference = due.reference
		RETURNING ` + columns
	var rows []row
	if err := s.q.Select(ctx, &rows, query, limit, lease.Seconds()); err != nil {
		return nil, fmt.Errorf("claim due attempts: %w", err)
	}
	attempts := make([]attempt.Attempt, len(rows))
	for i, r := range rows {
		attempts[i] = r.attempt()
	}
	return attempts, nil
}

// DueMovements implements paying.Backlog.
func (s Store) DueMovements(ctx context.Context, limit int, lease time.Duration) ([]attempt.Movement, error) {
	const query = `
		WITH due AS (
			SELECT id FROM payments.movements WHERE NOT done AND refused_at IS NULL AND next_try_at <= now()
			ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED
		)
		UPDATE payments.movements m SET next_try_at = now() + $2 * interval '1 second', tries = m.tries + 1
		FROM due WHERE m.id = due.id
		RETURNING m.id, m.reference, m.kind, m.key, m.request_hash, m.amount, m.reason, m.done, m.created_at, m.refusal, m.tries,
			extract(epoch FROM now() - m.created_at)::float8 AS age`
	var rows []movementRow
	if err := s.q.Select(ctx, &rows, query, limit, lease.Seconds()); err != nil {
		return nil, fmt.Errorf("claim due movements: %w", err)
	}
	movements := make([]attempt.Movement, len(rows))
	for i, r := range rows {
		movements[i] = r.movement()
	}
	return movements, nil
}

// DelayMovement implements paying.Backlog.
func (s Store) DelayMovement(ctx context.Context, m attempt.Movement, wait time.Duration) (time.Duration, error) {
	const query = `
		UPDATE payments.movements SET next_try_at = now() + $2 * interval '1 second' * (0.9 + 0.2 * random())
		WHERE id = $1 RETURNING extract(epoch FROM now() - created_at)::float8`
	var age float64
	if err := s.q.Get(ctx, &age, query, m.ID, wait.Seconds()); err != nil {
		return 0, fmt.Errorf("delay movement: %w", err)
	}
	return time.Duration(age * float64(time.Second)), nil
}
