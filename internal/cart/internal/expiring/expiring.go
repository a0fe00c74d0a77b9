// Package expiring marks carts that nobody has touched for their lifetime. A cart counts as expired from that moment
// on, marked or not; marking keeps the tables honest and small where it matters.
package expiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

const (
	batch = 500
	// interval is the pause when no cart is due.
	interval = time.Minute
)

type store interface {
	Expire(ctx context.Context, limit int) (int64, error)
	Abandoned(ctx context.Context, limit int) ([]string, error)
	Lapse(ctx context.Context, cartID string) error
}

// Sweeper expires carts.
type Sweeper struct {
	store store
}

// New returns a Sweeper.
func New(s store) *Sweeper {
	return &Sweeper{store: s}
}

// Run sweeps until the context ends. A sweep that goes wrong is logged and tried again after the interval. Any number
// of processes may run it at once.
func (s *Sweeper) Run(ctx context.Context) error {
	timer := time.NewTicker(interval)
	defer timer.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && !errors.Is(err, context.Canceled) {
			slog.ErrorContext(ctx, "sweep of expired carts", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
	}
}

// Sweep expires every cart that is due, in batches. Carts whose checkout never came back are opened first.
func (s *Sweeper) Sweep(ctx context.Context) error {
	if err := s.reopen(ctx); err != nil {
		return err
	}
	for {
		n, err := s.store.Expire(ctx, batch)
		if err != nil {
			return fmt.Errorf("expire carts: %w", err)
		}
		if n < batch {
			return nil
		}
	}
}

func (s *Sweeper) reopen(ctx context.Context) error {
	abandoned, err := s.store.Abandoned(ctx, batch)
	if err != nil {
		return fmt.Errorf("find abandoned carts: %w", err)
	}
	for _, id := range abandoned {
		if err := s.store.Lapse(ctx, id); err != nil {
			return fmt.Errorf("reopen abandoned cart: %w", err)
		}
	}
	return nil
}
