// Package attempt holds the rules of one attempt to turn a cart, or lines sent at once, into an order: which statuses
// follow which, what an end erases, when an idempotency key is free again, and what a snapshot demands of the stock.
// It knows nothing of SQL, HTTP or the order of the steps.
package attempt

import (
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Limits of an attempt's life, all by the database's clock.
const (
	// Lease is how long nobody else may work on an attempt after its holder was last heard of.
	Lease = 10 * time.Second
	// DefaultDeadline holds where a channel has none.
	DefaultDeadline = 30 * time.Minute
	// AuthorizingTime is how long a provider may leave it open whether it heard of a payment.
	AuthorizingTime = 2 * time.Minute
	// UnknownTime is how long an open payment is waited for, and how long undoing is tried, before a person has to look.
	UnknownTime = 24 * time.Hour
	// HoldMargin is how much longer than the attempt its hold on stock lives. Whoever gives an attempt up gives its stock back
	// then; the end of the hold is only for attempts that nobody takes care of any more. So it leaves an order days to have its
	// hold confirmed: the shop may be down over a weekend right after an order was placed.
	HoldMargin = 72 * time.Hour
	// UnknownHold is how long stock and cart are held at least while a payment is open.
	UnknownHold = UnknownTime + time.Hour
	// LeastHold is what must be left of a hold when an order is placed.
	LeastHold = 48 * time.Hour
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
	// EndsAt is when the present status has to be left; zero after the end.
	EndsAt time.Time
	// HeldUntil is how long stock was asked to be held.
	HeldUntil time.Time
	// ReadAt is the database's time of the last read; Overdue (past Deadline), Stale (past EndsAt) and Leased are as of then.
	ReadAt  time.Time
	Overdue bool
	Stale   bool
	Leased  bool
	Epoch   int64
	// Action is what the shopper has to do, while that is awaited.
	Action *payments.Action
	// Failure says why it was given up, in the form it is answered.
	Failure *fault.Error
	// ReviewReason says why a person has to look at it.
	ReviewReason string
	OrderID      string
	Total        money.Money
	// First is what can change of the order, as it was first answered; nil again once it is forgotten.
	First        *Standing
	TokenVersion int
	CreatedAt    time.Time
}

// Standing is what can change of an order after it was placed. Counters of its lines start from nothing.
type Standing struct {
	Status            string             `json:"status"`
	PaymentStatus     string             `json:"payment_status"`
	FulfillmentStatus string             `json:"fulfillment_status"`
	Payment           orders.ViewPayment `json:"payment"`
}

// First answers an order as it was when it stood so.
func (s Standing) First(current orders.View) orders.View {
	first := current
	first.Status, first.PaymentStatus, first.FulfillmentStatus, first.Payment = s.Status, s.PaymentStatus, s.FulfillmentStatus, s.Payment
	first.CanceledAt, first.Lines = nil, slices.Clone(current.Lines)
	for i := range first.Lines {
		ordered := first.Lines[i].Quantity.Ordered
		first.Lines[i].Quantity = orders.ViewQuantity{Ordered: ordered, Current: ordered}
	}
	return first
}

// Terms are what the shopper asked for beside the goods.
type Terms struct {
	Method          string       `json:"method"`
	ExpectedVersion int          `json:"expected_version,omitempty"`
	ExpectedTotal   *money.Money `json:"expected_total,omitempty"`
	ReturnURL       string       `json:"return_url,omitempty"`
}

// HoldUntil is how long stock is to be held from the beginning.
func (a Attempt) HoldUntil() time.Time { return a.Deadline.Add(HoldMargin) }

// HoldEndsSoon says that too little is left of the hold on stock to place an order.
func (a Attempt) HoldEndsSoon() bool { return a.HeldUntil.Sub(a.ReadAt) < LeastHold }

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

// Waiting says that nothing can be done before more is known of the payment.
func (a Attempt) Waiting() bool {
	return a.Status == checkout.StatusActionRequired || a.Status == checkout.StatusPaymentUnknown
}

// OutOfTime says that there is no way forward any more. An open payment has its own, longer time.
func (a Attempt) OutOfTime() bool { return a.Overdue && a.Status != checkout.StatusPaymentUnknown }

// Running says that whoever wrote this status goes on at once, and so keeps the lease.
func (a Attempt) Running() bool {
	return a.Status == checkout.StatusStarted || a.Status == checkout.StatusAuthorizing || a.Status == checkout.StatusCanceling
}

// Erasable says that key and answer are to be forgotten after KeyLife.
func (a Attempt) Erasable() bool {
	return a.Status == checkout.StatusCompleted || a.Status == checkout.StatusCanceled
}
