// Package order holds the rules of an order: whether a snapshot adds up, what its counters mean for its statuses, which
// state allows what, and what a part of a line is worth. It does no I/O, knows no table, and of other modules only what
// payments call their states.
package order

import (
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// Verb is a command on an order.
type Verb string

// The verbs. Pay records what payments say and is always possible: it is a fact and not a wish.
const (
	Pay     Verb = "pay"
	Capture Verb = "capture"
	Refund  Verb = "refund"
	Fulfill Verb = "fulfill"
	Cancel  Verb = "cancel"
)

// May refuses a verb in a state that does not allow it. Money can always be given back: some may have been taken by a
// provider while the order was canceled. Errors: orders.ErrIllegalTransition, orders.ErrNotCancelable.
func May(status string, verb Verb) error {
	placed := status == orders.StatusPlaced
	switch {
	case verb == Pay, verb == Refund, placed:
		return nil
	case verb == Cancel:
		return orders.ErrNotCancelable.Detailf("the order is %s", status)
	default:
		return orders.ErrIllegalTransition.Detailf("an order that is %s allows no %s", status, verb)
	}
}

// State is the part of an order that changes. Verbs answer a changed copy.
type State struct {
	ID                string
	Reference         string
	Currency          string
	Total             int64
	Payment           Payment
	Status            string
	PaymentStatus     string
	FulfillmentStatus string
	CancelReason      string
	CanceledAt        *time.Time
	Version           int
	Seq               int64
	// Announce says that a status changed, which the world is told.
	Announce bool
}

// Order is the whole order: the snapshot as it was agreed, and its state.
type Order struct {
	State
	Number          string
	CartID          string
	ChannelID       string
	ChannelCode     string
	Locale          string
	TaxIncluded     bool
	Email           string
	ShippingAddress *orders.Address
	BillingAddress  *orders.Address
	Shipping        *orders.PlaceShipping
	Totals          orders.Totals
	Note            string
	Metadata        map[string]string
	TokenVersion    int
	PlacedAt        time.Time
	UpdatedAt       time.Time
	Lines           []Line
}

// New is the order of a snapshot that was checked.
func New(newID func() string, req orders.PlaceRequest) Order {
	o := Order{
		State: State{ID: newID(), Reference: req.Reference, Currency: req.Currency, Total: req.Totals.Total.Minor(), Version: 1, Seq: 1,
			Payment: Payment{Method: req.Payment.Method, Authorized: req.Payment.Authorized.Minor(), Seq: req.Payment.Seq}},
		CartID: req.CartID, ChannelID: req.ChannelID, ChannelCode: req.ChannelCode, Locale: req.Locale,
		TaxIncluded: req.TaxIncluded, Email: req.Email, ShippingAddress: req.ShippingAddress, BillingAddress: req.BillingAddress,
		Shipping: req.Shipping, Totals: req.Totals, Note: req.Note, Metadata: req.Metadata, TokenVersion: 1,
	}
	for _, line := range req.Lines {
		o.Lines = append(o.Lines, Line{PlaceLine: line, ID: newID()})
	}
	o.State = o.derive(FulfillmentStatus(o.Lines))
	return o
}

// ApplyPayment records where the payment stands; what is not newer than what is known changes nothing.
// Errors: money.ErrCurrencyMismatch.
func (s State) ApplyPayment(p orders.PaymentStanding) (State, error) {
	if p.Seq <= s.Payment.Seq {
		return s, nil
	}
	if p.Authorized.Currency() != s.Currency {
		return s, money.ErrCurrencyMismatch.Detailf("order %s is in %s and its payment in %s", s.ID, s.Currency, p.Authorized.Currency())
	}
	next := s
	next.Payment = Payment{Method: s.Payment.Method, Authorized: p.Authorized.Minor(), Captured: p.Captured.Minor(),
		Refunded: p.Refunded.Minor(), Voided: p.Status == payments.StatusVoided, Seq: p.Seq}
	return next.changed(s, s.FulfillmentStatus), nil
}

// ApplyFulfillment records what the counters of the lines say.
func (s State) ApplyFulfillment(lines []Line) State {
	return s.changed(s, FulfillmentStatus(lines))
}

// Cancel calls the order off, at the given time. Errors: orders.ErrNotCancelable, also when something was sent or is on
// its way out.
func (s State) Cancel(lines []Line, reason string, now time.Time) (State, error) {
	if err := May(s.Status, Cancel); err != nil {
		return s, err
	}
	for _, line := range lines {
		if line.Fulfilled+line.Fulfilling > 0 {
			return s, orders.ErrNotCancelable.Detailf("some of the order was sent")
		}
	}
	next := s
	next.CanceledAt, next.CancelReason = &now, reason
	return next.changed(s, s.FulfillmentStatus), nil
}

// changed derives the statuses anew and counts the change.
func (s State) changed(before State, fulfillment string) State {
	s = s.derive(fulfillment)
	s.Version++
	s.Announce = s.Status != before.Status || s.PaymentStatus != before.PaymentStatus ||
		s.FulfillmentStatus != before.FulfillmentStatus
	if s.Announce {
		s.Seq++
	}
	return s
}

func (s State) derive(fulfillment string) State {
	s.FulfillmentStatus = fulfillment
	s.PaymentStatus = PaymentStatus(s.Total, s.Payment)
	s.Status = Status(s.CanceledAt != nil, s.Total, s.Payment, fulfillment)
	return s
}

// Changed is the event that tells the statuses.
func (s State) Changed() orders.OrderChanged {
	return orders.OrderChanged{OrderID: s.ID, Status: s.Status, PaymentStatus: s.PaymentStatus, FulfillmentStatus: s.FulfillmentStatus}
}

// Placed is the event that tells of a new order.
func (o Order) Placed(captureNow bool) orders.OrderPlaced {
	return orders.OrderPlaced{OrderID: o.ID, Number: o.Number, Reference: o.Reference, CartID: o.CartID, ChannelID: o.ChannelID,
		CapturePayment: captureNow}
}

// Amount is so many minor units of the order's currency.
func (s State) Amount(minor int64) money.Money { return money.MustNew(minor, s.Currency) }
