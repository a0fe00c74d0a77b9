// Package attempt holds the rules of one attempt to turn a cart, or lines sent at once, into an order: which statuses
// follow which, what an end erases, when an idempotency key is free again, and what a snapshot demands of the stock.
// It knows nothing of SQL, HTTP or the order of the steps.
package attempt

import (
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Limits of an attempt's life. The lease outlives the longest run of its holder by far, so it is never renewed by time
// alone; each write renews it.
const (
	Lease = 10 * time.Second
	// DefaultDeadline holds where the channel's own is not known before the first write.
	DefaultDeadline = 30 * time.Minute
	// HoldMargin is how much longer than the attempt its hold on stock lives, so that Place never races with expiry.
	HoldMargin = 10 * time.Minute
	// KeyLife is how long a key and the answer to it are kept after the end.
	KeyLife = 72 * time.Hour
)

// Attempt is a row of idempotent calls around one pivot, and where it stands.
type Attempt struct {
	ID        string
	Reference string
	Status    string
	// CartID is empty for lines sent at once.
	CartID string
	// Key is unique within Scope; empty when it is free for another attempt.
	Scope        string
	Key          string
	RequestHash  string
	Terms        Terms
	PaymentToken string
	// Snapshot is nil while only the cart knows it, and after the end.
	Snapshot *cart.Snapshot
	Deadline time.Time
	// Overdue and Leased are as of the last read, by the database's clock.
	Overdue bool
	Leased  bool
	Epoch   int64
	// Failure says why it was given up, in the form it is answered.
	Failure *fault.Error
	OrderID string
	Total   money.Money
	// Answer is the order as it was first answered, without its token; nil again once it is forgotten.
	Answer       *orders.View
	TokenVersion int
}

// Terms are what the shopper asked for beside the goods.
type Terms struct {
	Method          string       `json:"method"`
	ExpectedVersion int          `json:"expected_version,omitempty"`
	ExpectedTotal   *money.Money `json:"expected_total,omitempty"`
	ReturnURL       string       `json:"return_url,omitempty"`
}

// HoldUntil is how long stock is to be held.
func (a Attempt) HoldUntil() time.Time { return a.Deadline.Add(HoldMargin) }

// Resumed says that somebody else may have taken steps of this attempt before.
func (a Attempt) Resumed() bool { return a.Epoch > 1 }

// BelongsTo says whether this key made the attempt.
func (a Attempt) BelongsTo(scope, key string) bool {
	return a.Key != "" && a.Scope == scope && a.Key == key
}

// Ended says that nothing more is done by itself.
func (a Attempt) Ended() bool {
	return a.Status == checkout.StatusCompleted || a.Status == checkout.StatusCanceled || a.Status == checkout.StatusReview
}

// Running says that whoever wrote this status goes on at once, and so keeps the lease.
func (a Attempt) Running() bool {
	return a.Status == checkout.StatusStarted || a.Status == checkout.StatusAuthorizing || a.Status == checkout.StatusCanceling
}

// Erasable says that key and answer are to be forgotten after KeyLife.
func (a Attempt) Erasable() bool {
	return a.Status == checkout.StatusCompleted || a.Status == checkout.StatusCanceled
}
