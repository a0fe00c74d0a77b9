// Package reserving holds the use cases that promise stock and keep the promise: a hold for a reference, its end, the
// stock owed to an order and its way out of the door.
//
// Locks are taken in one order by all of them and by package counting: the holds by reference, then the SKUs, then their
// levels, each in ascending order. Reserve alone writes its hold last, but nobody waits for a hold that does not exist yet
// while holding a lock that Reserve wants.
package reserving

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// States of a hold, the row of a reference.
const (
	holdOpen = "open"
	// holdReleased is what Release and holdCanceled what Deallocate leaves behind.
	holdReleased = "released"
	holdExpired  = "expired"
	holdCanceled = "canceled"
)

// Service is the part of inventory.Service that deals with references.
type Service struct {
	store Store
	turns *turns
	newID func() string
}

// New makes the use cases. newID makes UUIDs.
func New(store Store, newID func() string) *Service {
	return &Service{store: store, turns: newTurns(patience), newID: newID}
}

// Store keeps holds and reservations.
type Store interface {
	// Hold tries in one statement of its own. It is Undecided when others were quicker, and when the hold would change
	// what shoppers are told, which has to be announced in a transaction.
	Hold(ctx context.Context, hold Hold) (Attempt, error)
	// Extend moves the end of a hold that has not ended, never to an earlier moment, and answers the end of one that is held
	// or confirmed. Errors: inventory.ErrHoldExpired.
	Extend(ctx context.Context, reference string, until time.Time) (time.Time, error)
	// Standing answers what a reference holds now, in all states.
	Standing(ctx context.Context, reference string) (Standing, error)
	// Confirm allocates the open holds of the references and answers those that had ended, or never were.
	Confirm(ctx context.Context, references []string) (ended []string, err error)
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is the store inside a transaction.
type Tx interface {
	// Hold tries, and keeps the SKUs locked, so that of two calls the second is never Undecided. It announces nothing.
	Hold(ctx context.Context, hold Hold) (Attempt, error)
	// LockHold keeps everyone else from changing what the reference holds.
	LockHold(ctx context.Context, reference string) (Standing, error)
	// CloseHold locks and closes the hold, creating it when missing. An open one gets the state, and so does a confirmed
	// one when its order is canceled.
	CloseHold(ctx context.Context, reference, state string) error
	// LockDue locks up to limit open holds that are past their end and that nobody else is busy with.
	LockDue(ctx context.Context, limit int) (references []string, err error)
	ExpireHolds(ctx context.Context, references []string) error
	Confirm(ctx context.Context, references []string) (ended []string, err error)
	// Promised answers the open and allocated reservations in the order in which stock is taken from locations.
	Promised(ctx context.Context, references []string) ([]inventory.Reservation, error)
	// GiveBack ends the parts in the state and lowers the counters, announcing what that makes available.
	GiveBack(ctx context.Context, parts []stock.Part, state string) error
	// Send ships the parts under the id of the shipment. Errors: inventory.ErrNegativeStock when they are not on hand.
	Send(ctx context.Context, shipmentID string, parts []stock.Part) error
	// ShippedFrom answers where most of a shipment left from, "" for one that moved nothing yet.
	ShippedFrom(ctx context.Context, shipmentID string) (locationID string, err error)
	Announce(ctx context.Context, skus []string) error
	Deallocation(ctx context.Context, id string) (units int64, found bool, err error)
	SaveDeallocation(ctx context.Context, id, reference string, units int64) error
	// Uncounted answers those of the SKUs that are sold without counting now.
	Uncounted(ctx context.Context, skus []string) ([]string, error)
}

// Hold is a wish to hold stock.
type Hold struct {
	// ID is a UUID that the ids of the reservations are made from.
	ID        string
	Reference string
	// Demand is summed per SKU and in SKU order.
	Demand []inventory.Demand
	Until  time.Time
}

// SKUs names what is wished for.
func (h Hold) SKUs() []string {
	skus := make([]string, len(h.Demand))
	for i, demand := range h.Demand {
		skus[i] = demand.SKU
	}
	return skus
}

// Outcome says what became of a wish.
type Outcome string

// Outcomes of an attempt.
const (
	// Held: everything is held now.
	Held Outcome = "held"
	// Known: the reference was used before; nothing was done.
	Known Outcome = "known"
	// Short: there was not enough at one moment; nothing was locked.
	Short Outcome = "short"
	// Undecided: nothing was done, and a transaction may succeed.
	Undecided Outcome = "undecided"
)

// Attempt is the answer to a wish.
type Attempt struct {
	Outcome      Outcome
	Reservations []inventory.Reservation
	Short        []Shortage
}

// Shortage is a SKU of which there is too little.
type Shortage struct {
	SKU       string `json:"sku"`
	Available int64  `json:"available"`
}

// Standing is what is known of a reference; the state is empty when it is unknown.
type Standing struct {
	State string
	// Closed says that nothing may be reserved for it again.
	Closed bool
	// Uncounted are the SKUs that it holds without counting.
	Uncounted    []string
	Reservations []inventory.Reservation
}
