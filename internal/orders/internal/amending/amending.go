// Package amending carries out what staff ask to be done to an order that was placed: capture, refund, fulfillment,
// cancellation. Each is a command: a row that says what was decided, written together with what it claims of the order,
// and then steps in other modules that its id makes idempotent. So a crash between two steps is finished by whoever comes
// next, the repeated request or the background.
package amending

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// Kinds of a command.
const (
	KindCapture      = "capture"
	KindRefund       = "refund"
	KindFulfillment  = "fulfillment"
	KindCancellation = "cancellation"
)

// Command is something to be done to an order. Its id names each of its steps in other modules.
type Command struct {
	Request
	ID        string
	Reference string
	Kind      string
	Input     Input
	Outcome   Outcome
	Done      bool
}

// Request says which order, and who asks. Key is empty when the caller sent none; Scope and Key together name the request,
// and Hash tells it from another one.
type Request struct {
	OrderID string
	Scope   string
	Key     string
	Hash    string
}

// Input is what was asked for; each kind of command uses its part. No amount means all that is left.
type Input struct {
	Amount     *money.Money         `json:"amount,omitempty"`
	Lines      []Units              `json:"lines,omitempty"`
	Reason     string               `json:"reason,omitempty"`
	LocationID string               `json:"location_id,omitempty"`
	Tracking   fulfillment.Tracking `json:"tracking"`
}

// Units are some units of a line. Worth is what they were valued at, in minor units, when the refund's amount comes from
// its lines, and Valued says so.
type Units struct {
	LineID   string `json:"line_id"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	Valued   bool   `json:"valued,omitempty"`
	Worth    int64  `json:"worth,omitempty"`
}

// Outcome is what came of it: the capture or refund that payments made, or where and when a shipment left.
type Outcome struct {
	ID         string       `json:"id,omitempty"`
	Amount     *money.Money `json:"amount,omitempty"`
	LocationID string       `json:"location_id,omitempty"`
	CreatedAt  time.Time    `json:"created_at"`
}

// Store keeps orders and commands.
type Store interface {
	// InTx runs do in one transaction; do must use only the Store it is given.
	InTx(ctx context.Context, do func(tx Store) error) error
	// Lock keeps others from changing an order until the transaction ends. Errors: orders.ErrNotFound.
	Lock(ctx context.Context, orderID string) (order.State, []order.Line, error)
	Lines(ctx context.Context, orderID, currency string) ([]order.Line, error)
	// Save writes the state of an order that is locked and announces its statuses when they changed.
	Save(ctx context.Context, state order.State) error
	// AddCounters answers false when a line does not have so many units.
	AddCounters(ctx context.Context, orderID string, deltas []order.Delta) (bool, error)
	// CancelLines cancels every unit that was not sent.
	CancelLines(ctx context.Context, orderID string) error
	// InsertCommand answers false when another command has the key.
	InsertCommand(ctx context.Context, c Command) (bool, error)
	// Command answers the command of a key, false when there is none.
	Command(ctx context.Context, scope, key string) (Command, bool, error)
	// FinishCommand answers false when it was finished before, DropCommand when it was finished or dropped.
	FinishCommand(ctx context.Context, id string, outcome Outcome) (bool, error)
	DropCommand(ctx context.Context, id string) (bool, error)
	// DueCommands takes up to limit unfinished commands whose time has come and puts their next time off.
	DueCommands(ctx context.Context, limit int) ([]Command, error)
}

type paymentService interface {
	Capture(ctx context.Context, req payments.CaptureRequest) (payments.CaptureAnswer, error)
	Refund(ctx context.Context, req payments.RefundRequest) (payments.RefundAnswer, error)
	Void(ctx context.Context, req payments.VoidRequest) (payments.Attempt, error)
	Attempt(ctx context.Context, req payments.AttemptRequest) (payments.Attempt, error)
}

type inventoryService interface {
	Ship(ctx context.Context, req inventory.ShipRequest) (inventory.ShipAnswer, error)
	Deallocate(ctx context.Context, req inventory.DeallocateRequest) (inventory.DeallocateAnswer, error)
}

type fulfillmentService interface {
	CreateShipment(ctx context.Context, req fulfillment.CreateShipmentRequest) (fulfillment.Shipment, error)
}

// Deps are what the commands need.
type Deps struct {
	Store       Store
	Payments    paymentService
	Inventory   inventoryService
	Fulfillment fulfillmentService
	NewID       func() string
	Now         func() time.Time
}

// Amending carries out commands.
type Amending struct {
	Deps
}

// New returns the use cases.
func New(deps Deps) *Amending { return &Amending{Deps: deps} }

// Done is a command that was carried out. Replayed says that an earlier request did it.
type Done struct {
	Command
	Replayed bool
}

// run decides a command, unless its key was used before, and carries it out.
func (a *Amending) run(ctx context.Context, c Command) (Done, error) {
	done, err := a.carryOut(ctx, c)
	if err != nil {
		return Done{}, fmt.Errorf("%s of order %s: %w", c.Kind, c.OrderID, err)
	}
	return done, nil
}

func (a *Amending) carryOut(ctx context.Context, c Command) (Done, error) {
	c.ID = a.NewID()
	stands, err := a.begin(ctx, c)
	if err != nil || stands.Done {
		return Done{Command: stands, Replayed: true}, err
	}
	stands, err = a.advance(ctx, stands)
	return Done{Command: stands}, err
}
