// Package postgres keeps orders, their lines and the commands on them in the schema "orders".
package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/orders/internal/amending"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

// aggregate is what events of this module are about.
const aggregate = "order"

// Store implements the stores of the use cases.
type Store struct {
	db     *sqldb.DB
	q      sqldb.Queryer
	outbox *outbox.Outbox
	place  string
	// placing has orders of the same moment written together.
	placing *together.Group[placement, placed]
}

// New returns a store that runs each statement on its own.
func New(db *sqldb.DB, o *outbox.Outbox) Store {
	s := Store{db: db, q: db, outbox: o, place: placeSQL(o)}
	s.placing = together.New(db, s.insert)
	return s
}

// InTx implements amending.Store.
func (s Store) InTx(ctx context.Context, do func(tx amending.Store) error) error {
	return s.inTx(ctx, func(tx Store) error { return do(tx) })
}

func (s Store) inTx(ctx context.Context, do func(tx Store) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return do(Store{db: s.db, q: tx, outbox: s.outbox}) })
}
