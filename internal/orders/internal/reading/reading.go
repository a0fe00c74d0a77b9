// Package reading answers what is known of orders: to the buyer who holds the token, and to staff with everything that
// payments and fulfillment add.
package reading

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// Filter says which orders to list; an empty field is no condition.
type Filter struct {
	Statuses            []string  `json:"statuses"`
	PaymentStatuses     []string  `json:"payment_statuses"`
	FulfillmentStatuses []string  `json:"fulfillment_statuses"`
	Email               string    `json:"email"`
	Number              string    `json:"number"`
	PlacedAfter         time.Time `json:"placed_after"`
	PlacedBefore        time.Time `json:"placed_before"`
	// OldestFirst turns the list around.
	OldestFirst bool `json:"oldest_first"`
}

// Page is where a list goes on, behind the order with the id After, and how far.
type Page struct {
	After string
	Limit int
}

// RefundedUnits are the units that a refund was for.
type RefundedUnits struct {
	RefundID string
	LineID   string
	Quantity int64
}

// Store reads orders.
type Store interface {
	// Order answers one order. Errors: orders.ErrNotFound.
	Order(ctx context.Context, id string) (order.Order, error)
	// List answers the orders of a page, and Count how many there are on all pages.
	List(ctx context.Context, filter Filter, page Page) ([]order.Order, error)
	Count(ctx context.Context, filter Filter) (int64, error)
	RefundedUnits(ctx context.Context, orderID string) ([]RefundedUnits, error)
}

type paymentService interface {
	Movements(ctx context.Context, req payments.MovementsRequest) (payments.MovementsAnswer, error)
}

type fulfillmentService interface {
	Shipments(ctx context.Context, req fulfillment.ShipmentsRequest) (fulfillment.ShipmentsAnswer, error)
}

// Deps are what reading needs.
type Deps struct {
	Store       Store
	Payments    paymentService
	Fulfillment fulfillmentService
	Tokens      *tokens.Keyring
}

// Reading answers questions about orders.
type Reading struct {
	Deps
}

// New returns the use cases.
func New(deps Deps) *Reading { return &Reading{Deps: deps} }

// Detail is an order with all that happened to it.
type Detail struct {
	order.Order
	Captures  []payments.Capture
	Refunds   []payments.Refund
	Units     []RefundedUnits
	Shipments []fulfillment.Shipment
}

// ForBuyer answers the order if the token is its own. Errors: orders.ErrTokenRequired without a token; orders.ErrNotFound,
// the same for a wrong token as for an order that does not exist.
func (r *Reading) ForBuyer(ctx context.Context, id, token string) (order.Order, error) {
	if token == "" {
		return order.Order{}, orders.ErrTokenRequired
	}
	found, err := r.Store.Order(ctx, id)
	if err != nil {
		return order.Order{}, fmt.Errorf("read order: %w", err)
	}
	if !r.Tokens.Valid(orders.TokenKind, found.ID, found.TokenVersion, token) {
		return order.Order{}, orders.ErrNotFound
	}
	return found, nil
}

// Detail answers everything about one order. Errors: orders.ErrNotFound.
func (r *Reading) Detail(ctx context.Context, id string) (Detail, error) {
	found, err := r.Store.Order(ctx, id)
	if err != nil {
		return Detail{}, fmt.Errorf("read order: %w", err)
	}
	units, err := r.Store.RefundedUnits(ctx, id)
	if err != nil {
		return Detail{}, fmt.Errorf("read what refunds of order %s were for: %w", id, err)
	}
	moved, err := r.Payments.Movements(ctx, payments.MovementsRequest{Reference: found.Reference})
	if err != nil {
		return Detail{}, fmt.Errorf("read payments of order %s: %w", id, err)
	}
	sent, err := r.Fulfillment.Shipments(ctx, fulfillment.ShipmentsRequest{OrderID: id})
	if err != nil {
		return Detail{}, fmt.Errorf("read shipments of order %s: %w", id, err)
	}
	return Detail{Order: found, Captures: moved.Captures, Refunds: moved.Refunds, Units: units, Shipments: sent.Shipments}, nil
}

// List answers the orders of a page and whether more follow. Errors: none of its own.
func (r *Reading) List(ctx context.Context, filter Filter, page Page) ([]order.Order, bool, error) {
	limit := page.Limit
	page.Limit++
	found, err := r.Store.List(ctx, filter, page)
	if err != nil {
		return nil, false, err
	}
	shown, more := pagination.Cut(found, limit)
	return shown, more, nil
}
