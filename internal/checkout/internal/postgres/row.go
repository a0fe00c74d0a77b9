package postgres

import (
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type row struct {
	ID           string     `db:"id"`
	Reference    string     `db:"reference"`
	Status       string     `db:"status"`
	CartID       string     `db:"cart_id"`
	Scope        string     `db:"scope"`
	Key          string     `db:"idempotency_key"`
	RequestHash  string     `db:"request_hash"`
	Terms        sqldb.JSON `db:"terms"`
	PaymentToken string     `db:"payment_token"`
	Snapshot     sqldb.JSON `db:"snapshot"`
	Deadline     time.Time  `db:"deadline"`
	EndsAt       *time.Time `db:"ends_at"`
	HeldUntil    *time.Time `db:"hold_until"`
	Action       sqldb.JSON `db:"action"`
	ReviewReason string     `db:"review_reason"`
	CreatedAt    time.Time  `db:"created_at"`
	ReadAt       time.Time  `db:"read_at"`
	Leased       bool       `db:"leased"`
	Epoch        int64      `db:"lease_epoch"`
	Failure      sqldb.JSON `db:"failure"`
	First        sqldb.JSON `db:"first_standing"`
	OrderID      string     `db:"order_id"`
	Total        *int64     `db:"total"`
	Currency     *string    `db:"currency"`
	TokenVersion int        `db:"token_version"`

	terms    attempt.Terms
	snapshot *cart.Snapshot
	failure  *fault.Error
	first    *attempt.Standing
	action   *payments.Action
}

// newRow lets the JSON columns scan into the row's own fields; a NULL leaves nil.
func newRow() *row {
	r := &row{}
	r.Terms.V, r.Snapshot.V, r.Failure.V, r.First.V, r.Action.V = &r.terms, &r.snapshot, &r.failure, &r.first, &r.action
	return r
}

func (r *row) attempt() (attempt.Attempt, error) {
	a := attempt.Attempt{
		ID: r.ID, Reference: r.Reference, Status: r.Status, CartID: r.CartID, Scope: r.Scope, Key: r.Key,
		RequestHash: r.RequestHash, Terms: r.terms, PaymentToken: r.PaymentToken, Snapshot: r.snapshot,
		Deadline: r.Deadline, ReadAt: r.ReadAt, Overdue: !r.Deadline.After(r.ReadAt), Leased: r.Leased, Epoch: r.Epoch,
		Action: r.action, Failure: r.failure, ReviewReason: r.ReviewReason, OrderID: r.OrderID, First: r.first,
		TokenVersion: r.TokenVersion, CreatedAt: r.CreatedAt,
	}
	a.HeldUntil = timeOr(r.HeldUntil, a.HoldUntil())
	if !a.Ended() {
		a.EndsAt = timeOr(r.EndsAt, a.Deadline)
		a.Stale = !a.EndsAt.After(a.ReadAt)
	}
	if r.Total == nil || r.Currency == nil {
		return a, nil
	}
	total, err := money.New(*r.Total, *r.Currency)
	if err != nil {
		return attempt.Attempt{}, fmt.Errorf("read total of %s: %w", r.Reference, err)
	}
	a.Total = total
	return a, nil
}

func timeOr(t *time.Time, otherwise time.Time) time.Time {
	if t == nil {
		return otherwise
	}
	return *t
}

// timeOrNull is SQL NULL for no time.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// document is a JSON column that is NULL where there is nothing.
func document[T any](value *T) sqldb.JSON {
	if value == nil {
		return sqldb.JSON{}
	}
	return sqldb.JSON{V: value}
}
