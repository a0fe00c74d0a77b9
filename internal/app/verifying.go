package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/app/verify"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
)

// Verify checks every invariant: each module's own, and, while all modules share a database, those between them.
func (a *App) Verify(ctx context.Context) ([]invariant.Violation, error) {
	var found []invariant.Violation
	for name, module := range a.modules.here {
		promising, ok := module.(verified)
		if !ok {
			continue
		}
		broken, err := promising.Verify(ctx)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", name, err)
		}
		found = append(found, broken...)
	}
	if len(a.databases.byURL) == 1 {
		between, err := verify.Run(ctx, a.databases.of("orders").background)
		if err != nil {
			return nil, err
		}
		found = append(found, between...)
	}
	slices.SortFunc(found, func(a, b invariant.Violation) int {
		return strings.Compare(a.Invariant+a.Detail, b.Invariant+b.Detail)
	})
	return found, nil
}
