package reserving

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Reserve implements inventory.Service. It costs one statement unless it meets others at the same moment or changes what
// shoppers are told.
func (s *Service) Reserve(ctx context.Context, req inventory.ReserveRequest) (inventory.ReserveAnswer, error) {
	demand, err := stock.Sum(req.Lines)
	if err != nil {
		return inventory.ReserveAnswer{}, fmt.Errorf("reserve stock: %w", err)
	}
	// The database keeps microseconds; the first answer must equal the ones read back later.
	hold := Hold{ID: s.newID(), Reference: req.Reference, Demand: demand, Until: req.HoldUntil.UTC().Truncate(time.Microsecond)}
	attempt, err := s.holdInTurn(ctx, hold)
	if err != nil {
		return inventory.ReserveAnswer{}, fmt.Errorf("reserve stock for %s: %w", req.Reference, err)
	}
	return s.answer(ctx, req.Reference, attempt)
}

func (s *Service) holdInTurn(ctx context.Context, hold Hold) (attempt Attempt, err error) {
	leave, err := s.turns.take(ctx, hold.SKUs())
	if err != nil {
		return Attempt{}, err
	}
	defer leave()
	attempt, err = s.store.Hold(ctx, hold)
	if err == nil && attempt.Outcome == Undecided {
		return s.holdLocked(ctx, hold)
	}
	return attempt, err
}

// holdLocked tries a second time under the locks of the first: then nobody else can change the SKUs, and the statement
// sees everything that was committed before.
func (s *Service) holdLocked(ctx context.Context, hold Hold) (attempt Attempt, err error) {
	err = s.store.InTx(ctx, func(tx Tx) error {
		attempt, err = tx.Hold(ctx, hold)
		if err == nil && attempt.Outcome == Undecided {
			attempt, err = tx.Hold(ctx, hold)
		}
		if err != nil || attempt.Outcome != Held {
			return err
		}
		return tx.Announce(ctx, hold.SKUs())
	})
	return attempt, err
}

func (s *Service) answer(ctx context.Context, reference string, attempt Attempt) (inventory.ReserveAnswer, error) {
	switch attempt.Outcome {
	case Held:
		return inventory.ReserveAnswer{Reservations: attempt.Reservations}, failpoint.Hit(ctx, "inventory.reserved")
	case Short:
		return inventory.ReserveAnswer{}, fmt.Errorf("reserve stock for %s: %w", reference, insufficient(attempt.Short))
	case Known:
		return s.firstAnswer(ctx, reference)
	}
	return inventory.ReserveAnswer{}, fmt.Errorf("reserve stock for %s: no decision under lock", reference)
}

func (s *Service) firstAnswer(ctx context.Context, reference string) (inventory.ReserveAnswer, error) {
	standing, err := s.store.Standing(ctx, reference)
	if err != nil {
		return inventory.ReserveAnswer{}, fmt.Errorf("reserve stock for %s again: %w", reference, err)
	}
	if standing.Closed {
		return inventory.ReserveAnswer{}, fmt.Errorf("reserve stock for %s: %w", reference, inventory.ErrReferenceClosed)
	}
	return inventory.ReserveAnswer{Reservations: standing.Reservations}, nil
}

func insufficient(short []Shortage) error {
	fields := make([]fault.Field, len(short))
	for i, s := range short {
		fields[i] = fault.Field{
			Code:    inventory.ErrInsufficientStock.Code,
			Detail:  fmt.Sprintf("%d of %s available", s.Available, s.SKU),
			Members: map[string]any{"sku": s.SKU, "available": s.Available},
		}
	}
	return inventory.ErrInsufficientStock.With(fields...)
}
