package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// Verify checks that every change of a channel was announced.
func (s *Store) Verify(ctx context.Context) ([]invariant.Violation, error) {
	gaps := outbox.GapsSQL(outbox.Aggregate{Schema: "channels", Type: aggregate, Table: "channels", ID: "id", Name: "code"})
	return invariant.Check(ctx, s.db, invariant.Query{Name: "INV-E1", SQL: gaps})
}
