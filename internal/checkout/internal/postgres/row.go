package postgres

import (
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
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
	Overdue      bool       `db:"overdue"`
	Leased       bool       `db:"leased"`
	Epoch        int64      `db:"lease_epoch"`
	Failure      sqldb.JSON `db:"failure"`
	Answer       sqldb.JSON `db:"answer"`
	OrderID      string     `db:"order_id"`
	Total        *int64     `db:"total"`
	Currency     *string    `db:"currency"`
	TokenVersion int        `db:"token_version"`

	terms    attempt.Terms
	snapshot *cart.Snapshot
	failure  *fault.Error
	answer   *orders.View
}

// newRow lets the JSON columns scan into the row's own fields; a NULL leaves nil.
func newRow() *row {
	r := &row{}
	r.Terms.V, r.Snapshot.V, r.Failure.V, r.Answer.V = &r.terms, &r.snapshot, &r.failure, &r.answer
	return r
}

func (r *row) attempt() (attempt.Attempt, error) {
	a := attempt.Attempt{
		ID: r.ID, Reference: r.Reference, Status: r.Status, CartID: r.CartID, Scope: r.Scope, Key: r.Key,
		RequestHash: r.RequestHash, Terms: r.terms, PaymentToken: r.PaymentToken, Snapshot: r.snapshot,
		Deadline: r.Deadline, Overdue: r.Overdue, Leased: r.Leased, Epoch: r.Epoch,
		Failure: r.failure, OrderID: r.OrderID, Answer: r.answer, TokenVersion: r.TokenVersion,
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

// amount splits the total into its columns; both are NULL until there is an order.
func amount(a attempt.Attempt) (total *int64, currency string) {
	if a.OrderID == "" {
		return nil, ""
	}
	minor := a.Total.Minor()
	return &minor, a.Total.Currency()
}

// document is a JSON column that is NULL where there is nothing.
func document[T any](value *T) sqldb.JSON {
	if value == nil {
		return sqldb.JSON{}
	}
	return sqldb.JSON{V: value}
}
