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

// LatePaymentRefunded says that money came for a reference that had been given up, or was about to, and was given back: by
// voiding the authorization, or by refunding what was captured.
type LatePaymentRefunded struct {
	Reference string      `json:"reference"`
	Amount    money.Money `json:"amount"`
	// By is "void" or "refund".
	By  string `json:"by"`
	Seq int64  `json:"seq"`
}

// EventName implements the outbox's Event.
func (LatePaymentRefunded) EventName() string { return "payments.late_payment_refunded.v1" }
