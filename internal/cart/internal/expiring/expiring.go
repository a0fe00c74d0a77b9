// Package expiring marks carts that nobody has touched for their lifetime. A cart counts as expired from that moment
// on, marked or not; marking keeps the tables honest and small where it matters.
package expiring

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
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

// Run sweeps until the context ends. Any number of processes may run it at once.
func (s *Sweeper) Run(ctx context.Context) error {
	return periodic.Run(ctx, interval, "sweep expired carts", s.Sweep)
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
