package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// Verify checks that every change of a price was announced.
func (s *Store) Verify(ctx context.Context) ([]invariant.Violation, error) {
	gaps := outbox.GapsSQL(outbox.Aggregate{Schema: "pricing", Type: aggregate, Table: "variants", ID: "variant_id"})
	return invariant.Check(ctx, s.db, invariant.Query{Name: "INV-E1", SQL: gaps})
}
