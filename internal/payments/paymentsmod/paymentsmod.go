// Package paymentsmod builds the payments module. Only the composition root imports it.
package paymentsmod

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/payments/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/payments/internal/providers"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Deps is what the module needs.
type Deps struct {
	DB     *sqldb.DB
	Outbox *outbox.Outbox
	NewID  func() string
	// LazyCommit says that orders are committed by the same database server, so that authorizations without a provider need
	// not wait for the disk.
	LazyCommit bool
	// OfferFake offers the method "fake", with which anybody can pay.
	OfferFake bool
}

// Module is the built module.
type Module struct {
	payments *paying.Payments
	store    postgres.Store
}

// New builds the module.
func New(deps Deps) *Module {
	store := postgres.New(deps.DB, postgres.Config{Outbox: deps.Outbox, NewID: deps.NewID, LazyCommit: deps.LazyCommit})
	return &Module{payments: paying.New(store, providers.Methods(deps.OfferFake), deps.NewID), store: store}
}

// Service is the front door.
func (m *Module) Service() payments.Service { return m.payments }

// Verify looks for broken promises in the module's own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
