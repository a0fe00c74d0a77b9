package reserving

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// Extend implements inventory.Service.
func (s *Service) Extend(ctx context.Context, req inventory.ExtendRequest) (inventory.ExtendAnswer, error) {
	until, err := s.store.Extend(ctx, req.Reference, req.HoldUntil.UTC().Truncate(time.Microsecond))
	if err != nil {
		return inventory.ExtendAnswer{}, fmt.Errorf("extend hold of %s: %w", req.Reference, err)
	}
	return inventory.ExtendAnswer{HoldUntil: until}, nil
}
