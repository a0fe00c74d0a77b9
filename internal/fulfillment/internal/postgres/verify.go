package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// Verify checks that every shipment was announced.
func (s *Store) Verify(ctx context.Context) ([]invariant.Violation, error) {
	gaps := outbox.GapsSQL(outbox.Aggregate{Schema: "fulfillment", Type: aggregate, Table: "shipments", ID: "id"})
	return invariant.Check(ctx, s.db, invariant.Query{Name: "INV-E1", SQL: gaps})
}
