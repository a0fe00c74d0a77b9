package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrDead is returned by Drain when deliveries used up their attempts.
var ErrDead = errors.New("deliveries are dead")

// DeadDelivery is one that used up its attempts. It stays until Revive.
type DeadDelivery struct {
	Schema     string    `db:"schema"`
	Subscriber string    `db:"subscriber"`
	EventID    string    `db:"event_id"`
	Name       string    `db:"name"`
	Attempts   int       `db:"attempt"`
	LastError  string    `db:"last_error"`
	DeadAt     time.Time `db:"dead_at"`
}

// maxDead bounds the answer of Dead.
const maxDead = 1000

// Pending returns how many deliveries to this relay's subscribers are due, in flight or waiting for their
// next attempt. Dead ones do not count. Errors: sqldb.ErrUnavailable.
func (r *Relay) Pending(ctx context.Context) (int, error) {
	const query = `
		SELECT count(*) AS n FROM {schema}.outbox_deliveries
		WHERE subscriber = ANY($1) AND dead_at IS NULL`
	if len(r.queues) == 0 {
		return 0, nil
	}
	var counts []int
	if err := r.cfg.DB.Select(ctx, &counts, forEach(r.cfg.Schemas, query), r.subscribers()); err != nil {
		return 0, fmt.Errorf("count pending deliveries: %w", err)
	}
	return sum(counts), nil
}

// Dead returns up to 1000 dead deliveries of all schemas, those of every subscriber, longest dead first.
// Errors: sqldb.ErrUnavailable.
func (r *Relay) Dead(ctx context.Context) ([]DeadDelivery, error) {
	const query = `
		SELECT '{schema}' AS schema, d.subscriber, d.event_id, e.name, d.attempt,
			coalesce(d.last_error, '') AS last_error, d.dead_at
		FROM {schema}.outbox_deliveries d
		JOIN {schema}.outbox_events e ON e.id = d.event_id
		WHERE d.dead_at IS NOT NULL`
	if len(r.cfg.Schemas) == 0 {
		return nil, nil
	}
	var dead []DeadDelivery
	if err := r.cfg.DB.Select(ctx, &dead, forEach(r.cfg.Schemas, query)+" ORDER BY dead_at, event_id LIMIT $1", maxDead); err != nil {
		return nil, fmt.Errorf("read dead deliveries: %w", err)
	}
	return dead, nil
}

// Revive makes all dead deliveries due again, with all their attempts before them, and returns how many
// there were. Errors: sqldb.ErrUnavailable.
func (r *Relay) Revive(ctx context.Context) (int, error) {
	const query = `
		UPDATE {schema}.outbox_deliveries SET dead_at = NULL, attempt = 0, run_at = now()
		WHERE dead_at IS NOT NULL`
	var revived int64
	for _, schema := range r.cfg.Schemas {
		n, err := r.cfg.DB.Exec(ctx, in(schema, query))
		if err != nil {
			return int(revived), fmt.Errorf("revive dead deliveries of %s: %w", schema, err)
		}
		revived += n
	}
	return int(revived), nil
}

// Drain delivers until nothing is pending, here or in another process, including what listeners announce
// meanwhile and what waits for a further attempt; bound it by ctx. It is for commands and tests and needs
// no Run.
//
// Errors: ErrDead when deliveries are dead, also from earlier; sqldb.ErrUnavailable; the context's error.
func (r *Relay) Drain(ctx context.Context) error {
	for {
		for _, q := range r.queues {
			if err := r.empty(ctx, q); err != nil {
				return fmt.Errorf("drain outbox: %w", err)
			}
		}
		pending, err := r.Pending(ctx)
		if err != nil {
			return fmt.Errorf("drain outbox: %w", err)
		}
		if pending == 0 {
			return r.checkDead(ctx)
		}
		pause(ctx, r.cfg.Gather, r.wake)
		if ctx.Err() != nil {
			return fmt.Errorf("drain outbox: %d deliveries left: %w", pending, ctx.Err())
		}
	}
}

func (r *Relay) checkDead(ctx context.Context) error {
	dead, err := r.Dead(ctx)
	if err != nil {
		return fmt.Errorf("drain outbox: %w", err)
	}
	if len(dead) == 0 {
		return nil
	}
	first := dead[0]
	return fmt.Errorf("drain outbox: %w: %d, first %s for %s after %d attempts: %s",
		ErrDead, len(dead), first.Name, first.Subscriber, first.Attempts, first.LastError)
}

func sum(counts []int) int {
	var total int
	for _, n := range counts {
		total += n
	}
	return total
}
