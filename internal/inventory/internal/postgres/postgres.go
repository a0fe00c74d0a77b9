// Package postgres keeps holds, reservations, SKUs, levels, movements and locations in the Postgres schema "inventory".
// It holds no rule but those that concurrency demands to be decided where the rows are: how a demand is spread over
// locations, and whether others must be told.
package postgres

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/reserving"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

// Holds implements reserving.Store.
type Holds struct{ pool }

// Stock implements counting.Store.
type Stock struct {
	pool
	counts *together.Reader[string, stock.Count]
}

// Tx implements reserving.Tx and counting.Tx.
type Tx struct {
	tx     *sqldb.Tx
	outbox *outbox.Outbox
	newID  func() string
}

// Config says what the stores share.
type Config struct {
	Outbox *outbox.Outbox
	NewID  func() string
	// LazyCommit lets holds be made and confirmed without waiting for the disk. It is safe where the same database server
	// commits the order, which comes after the hold and before its confirmation is taken off the outbox: what survives of
	// these is a beginning of the server's one log.
	LazyCommit bool
}

type pool struct {
	db     *sqldb.DB
	config Config
}

// NewHolds makes the store of holds.
func NewHolds(db *sqldb.DB, config Config) *Holds {
	return &Holds{pool{db: db, config: config}}
}

// NewStock makes the store of stock.
func NewStock(db *sqldb.DB, config Config) *Stock {
	s := &Stock{pool: pool{db: db, config: config}}
	s.counts = together.NewReader(db, s.readCounts)
	return s
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
		return fn(&Tx{tx: tx, outbox: p.config.Outbox, newID: p.config.NewID})
	})
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
