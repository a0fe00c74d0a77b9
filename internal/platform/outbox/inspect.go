package outbox

import (
	"context"
	"errors"
	"fmt"
)

// ErrDead is returned by Drain when deliveries used up their attempts.
var ErrDead = errors.New("deliveries are dead")

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

// Drain delivers until nothing is pending, here or in another process, including what listeners announce
// meanwhile and what waits for a further attempt; bound it by ctx. It is for commands and tests and needs
// no Run.
//
// Errors: ErrDead when deliveries are dead, also from earlier; sqldb.ErrUnavailable; the context's error.
func (r *Relay) Drain(ctx context.Context) error {
	for {
		for _, q := range r.queues {
			if err := r.empty(ctx, q); err != nil && !errors.Is(err, errAway) {
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
	number, err := r.CountDead(ctx)
	if err != nil || number == 0 {
		return err
	}
	dead, err := r.Dead(ctx, Position{}, 1)
	if err != nil {
		return fmt.Errorf("drain outbox: %w", err)
	}
	for _, last := range dead {
		return fmt.Errorf("drain outbox: %w: %d, last %s for %s after %d attempts: %s",
			ErrDead, number, last.Name, last.Subscriber, last.Attempts, last.LastError)
	}
	return nil
}

func sum(counts []int) int {
	var total int
	for _, n := range counts {
		total += n
	}
	return total
}
