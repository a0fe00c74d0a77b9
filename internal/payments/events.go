package payments

import "github.com/rialto-commerce/rialto/internal/money"

// AttemptChanged says where a payment stands after a change: all amounts are totals so far.
type AttemptChanged struct {
	Reference  string      `json:"reference"`
	Status     string      `json:"status"`
	Authorized money.Money `json:"authorized"`
	Captured   money.Money `json:"captured"`
	Refunded   money.Money `json:"refunded"`
	Seq        int64       `json:"seq"`
}

// EventName implements the outbox's Event.
func (AttemptChanged) EventName() string { return "payments.attempt_changed.v1" }
