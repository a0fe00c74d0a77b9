package order

import (
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
)

// Line is a line of the snapshot with its counters: units sent, on their way out, canceled, and given money back for,
// with how much that was. Quantity is what was ordered.
type Line struct {
	orders.PlaceLine
	ID             string
	Fulfilled      int64
	Fulfilling     int64
	Canceled       int64
	Refunded       int64
	RefundedAmount int64
}

// Left is how many units can still be sent.
func (l Line) Left() int64 { return l.Quantity - l.Canceled - l.Fulfilled - l.Fulfilling }

// Worth answers what to give back for so many more units: the line's total by quantity, less what was given back. So
// the parts of a line add up to its total exactly, in whatever portions they are given back.
// Errors: orders.ErrRefundExceeds.
func (l Line) Worth(units int64) (money.Money, error) {
	back := l.Refunded + units
	if units < 1 || back > l.Quantity {
		return money.Money{}, orders.ErrRefundExceeds.Detailf("%d of %d units were given money back for", l.Refunded, l.Quantity)
	}
	shares, err := l.Total.Allocate([]int64{back, l.Quantity - back})
	if err != nil {
		return money.Money{}, err
	}
	return money.New(max(0, shares[0].Minor()-l.RefundedAmount), l.Total.Currency())
}

// Delta is a change of a line's counters.
type Delta struct {
	LineID         string `json:"line_id"`
	Fulfilled      int64  `json:"fulfilled"`
	Fulfilling     int64  `json:"fulfilling"`
	Refunded       int64  `json:"refunded"`
	RefundedAmount int64  `json:"refunded_amount"`
}

// Find answers the line of an id.
func Find(lines []Line, id string) (Line, bool) {
	for _, line := range lines {
		if line.ID == id {
			return line, true
		}
	}
	return Line{}, false
}
