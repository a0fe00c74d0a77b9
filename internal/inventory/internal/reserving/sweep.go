package reserving

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// SweepEvery is how often ended holds are looked for. INV-S6 allows a hold to outlive its end by twice as much.
const SweepEvery = 15 * time.Second

const sweepBatch = 100

// Sweeper gives back what was held for references that let their hold end. Any number of processes may sweep at once.
type Sweeper struct {
	store Store
	every time.Duration
}

// NewSweeper makes a sweeper; a zero every is SweepEvery.
func NewSweeper(store Store, every time.Duration) *Sweeper {
	if every == 0 {
		every = SweepEvery
	}
	return &Sweeper{store: store, every: every}
}

// Run sweeps until ctx ends, and then answers nil.
func (s *Sweeper) Run(ctx context.Context) error {
	return periodic.Run(ctx, s.every, "sweep ended holds", func(ctx context.Context) error {
		_, err := s.Sweep(ctx)
		return err
	})
}

// Sweep ends every hold that is past its end by the database clock, and answers how many.
func (s *Sweeper) Sweep(ctx context.Context) (ended int, err error) {
	for {
		n, err := s.batch(ctx)
		ended += n
		if err != nil {
			return ended, fmt.Errorf("sweep ended holds: %w", err)
		}
		if n < sweepBatch {
			return ended, nil
		}
	}
}

func (s *Sweeper) batch(ctx context.Context) (ended int, err error) {
	err = s.store.InTx(ctx, func(tx Tx) error {
		due, err := tx.LockDue(ctx, sweepBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		promised, err := tx.Promised(ctx, due)
		if err != nil {
			return err
		}
		if err := tx.GiveBack(ctx, stock.Whole(promised), inventory.ReservationExpired); err != nil {
			return err
		}
		if err := failpoint.Hit(ctx, "inventory.sweeping"); err != nil {
			return err
		}
		ended = len(due)
		return tx.ExpireHolds(ctx, due)
	})
	if err != nil {
		return 0, err
	}
	return ended, nil
}
