package order

import "github.com/rialto-commerce/rialto/internal/orders"

// Payment is where the money of an order stands: totals so far in minor units. Seq numbers the standings.
type Payment struct {
	Method     string
	Authorized int64
	Captured   int64
	Refunded   int64
	Voided     bool
	Seq        int64
}

// PaymentStatus says what a standing means for an order of this total. An order that costs nothing is paid.
func PaymentStatus(total int64, p Payment) string {
	kept := p.Captured - p.Refunded
	switch {
	case kept > total:
		return orders.PaymentOverpaid
	case p.Refunded > 0 && kept == 0:
		return orders.PaymentRefunded
	case p.Refunded > 0:
		return orders.PaymentPartiallyRefunded
	case p.Voided:
		return orders.PaymentVoided
	case kept >= total:
		return orders.PaymentPaid
	case kept > 0:
		return orders.PaymentPartiallyPaid
	case p.Authorized > 0:
		return orders.PaymentAuthorized
	default:
		return orders.PaymentUnpaid
	}
}

// FulfillmentStatus says how much of what is still wanted was sent.
func FulfillmentStatus(lines []Line) string {
	var fulfilled, wanted int64
	for _, line := range lines {
		fulfilled += line.Fulfilled
		wanted += line.Quantity - line.Canceled
	}
	switch {
	case fulfilled == 0:
		return orders.Unfulfilled
	case fulfilled < wanted:
		return orders.PartiallyFulfilled
	default:
		return orders.Fulfilled
	}
}

// Status says where the agreement stands: completed when all was sent and all was taken, even if some was given back.
func Status(canceled bool, total int64, p Payment, fulfillment string) string {
	switch {
	case canceled:
		return orders.StatusCanceled
	case fulfillment == orders.Fulfilled && p.Captured >= total:
		return orders.StatusCompleted
	default:
		return orders.StatusPlaced
	}
}
