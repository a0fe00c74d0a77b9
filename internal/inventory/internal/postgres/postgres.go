// Package postgres keeps holds, reservations, SKUs, levels, movements and locations in the Postgres schema "inventory".
// It holds no rule but those that concurrency demands to be decided where the rows are: how a demand is spread over
// locations, and whether others must be told.
package postgres

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/reserving"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Holds implements reserving.Store.
type Holds struct{ pool }

// Stock implements counting.Store.
type Stock struct{ pool }

// Tx implements reserving.Tx and counting.Tx.
type Tx struct {
	tx     *sqldb.Tx
	outbox *outbox.Outbox
	newID  func() string
}

type pool struct {
	db     *sqldb.DB
	outbox *outbox.Outbox
	newID  func() string
}

// NewHolds makes the store of holds.
func NewHolds(db *sqldb.DB, announcements *outbox.Outbox, newID func() string) *Holds {
	return &Holds{pool{db: db, outbox: announcements, newID: newID}}
}

// NewStock makes the store of stock.
func NewStock(db *sqldb.DB, announcements *outbox.Outbox, newID func() string) *Stock {
	return &Stock{pool{db: db, outbox: announcements, newID: newID}}
}

// InTx implements reserving.Store.
func (h *Holds) InTx(ctx context.Context, fn func(tx reserving.Tx) error) error {
	return h.inTx(ctx, func(tx *Tx) error { return fn(tx) })
}

// InTx implements counting.Store.
func (s *Stock) InTx(ctx context.Context, fn func(tx counting.Tx) error) error {
	return s.inTx(ctx, func(tx *Tx) error { return fn(tx) })
}

func (p pool) inTx(ctx context.Context, fn func(tx *Tx) error) error {
	return p.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return fn(&Tx{tx: tx, outbox: p.outbox, newID: p.newID})
	})
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
