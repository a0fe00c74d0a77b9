package httpapi

import (
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/amending"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/orders/internal/reading"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// admin is the order as staff see it in a list: what the buyer sees, without the token.
func (h *Handlers) admin(o order.Order) AdminOrder {
	v := h.presenter.View(o)
	shown := AdminOrder{
		ID: v.ID, Number: v.Number, Status: OrderStatus(v.Status), PaymentStatus: PaymentStatus(v.PaymentStatus),
		FulfillmentStatus: FulfillmentStatus(v.FulfillmentStatus), Channel: v.Channel, Currency: v.Currency, Locale: v.Locale,
		Email: v.Email, Lines: v.Lines, Addresses: v.Addresses, TaxIncluded: v.TaxIncluded, Payment: v.Payment,
		Totals: Totals{Subtotal: v.Totals.Subtotal, Discount: v.Totals.Discount, Shipping: v.Totals.Shipping, Tax: v.Totals.Tax,
			Total: v.Totals.Total},
		Note: v.Note, Metadata: v.Metadata, PlacedAt: v.PlacedAt, CheckoutID: o.Reference, CancelReason: o.CancelReason,
		Version: int64(o.Version), UpdatedAt: o.UpdatedAt,
	}
	if v.Shipping != nil {
		shown.Shipping = *v.Shipping
	}
	if v.CanceledAt != nil {
		shown.CanceledAt = *v.CanceledAt
	}
	return shown
}

// detail adds what happened to the order.
func (h *Handlers) detail(d reading.Detail) AdminOrder {
	captures, refunds, fulfillments := []Capture{}, []Refund{}, []Fulfillment{}
	for _, c := range d.Captures {
		captures = append(captures, capture(d.ID, c))
	}
	for _, r := range d.Refunds {
		var lines []OrderLineAmount
		for _, u := range d.Units {
			if u.RefundID == r.ID {
				lines = append(lines, amount(u.LineID, u.Quantity))
			}
		}
		refunds = append(refunds, refund(d.ID, r, lines))
	}
	for _, s := range d.Shipments {
		fulfillments = append(fulfillments, shipment(s))
	}
	shown := h.admin(d.Order)
	shown.Captures, shown.Refunds, shown.Fulfillments = &captures, &refunds, &fulfillments
	return shown
}

func captured(done amending.Done) Capture {
	return capture(done.OrderID, payments.Capture{ID: done.Outcome.ID, Amount: *done.Outcome.Amount, CreatedAt: done.Outcome.CreatedAt})
}

func capture(orderID string, c payments.Capture) Capture {
	return Capture{ID: ids.Encode(payments.CapturePrefix, c.ID), OrderID: ids.Encode(orders.OrderPrefix, orderID), Amount: c.Amount,
		Status: MovementStatusSucceeded, CreatedAt: c.CreatedAt}
}

func refunded(done amending.Done) Refund {
	var lines []OrderLineAmount
	for _, u := range done.Input.Lines {
		lines = append(lines, amount(u.LineID, u.Quantity))
	}
	return refund(done.OrderID, payments.Refund{ID: done.Outcome.ID, Amount: *done.Outcome.Amount, Reason: done.Input.Reason,
		CreatedAt: done.Outcome.CreatedAt}, lines)
}

func refund(orderID string, r payments.Refund, lines []OrderLineAmount) Refund {
	if lines == nil {
		lines = []OrderLineAmount{}
	}
	return Refund{ID: ids.Encode(payments.RefundPrefix, r.ID), OrderID: ids.Encode(orders.OrderPrefix, orderID), Amount: r.Amount,
		Status: MovementStatusSucceeded, Lines: lines, Reason: r.Reason, CreatedAt: r.CreatedAt}
}

func sent(done amending.Done) Fulfillment {
	s := fulfillment.Shipment{ID: done.Outcome.ID, OrderID: done.OrderID, LocationID: done.Outcome.LocationID,
		Tracking: done.Input.Tracking, CreatedAt: done.Outcome.CreatedAt}
	for _, u := range done.Input.Lines {
		s.Lines = append(s.Lines, fulfillment.ShipmentLine{LineID: u.LineID, Quantity: u.Quantity})
	}
	return shipment(s)
}

func shipment(s fulfillment.Shipment) Fulfillment {
	shown := Fulfillment{ID: ids.Encode(fulfillment.ShipmentPrefix, s.ID), OrderID: ids.Encode(orders.OrderPrefix, s.OrderID),
		Lines: []OrderLineAmount{}, CreatedAt: s.CreatedAt.UTC(),
		Tracking: Tracking{Carrier: s.Tracking.Carrier, Number: s.Tracking.Number, URL: s.Tracking.URL}}
	if s.LocationID != "" {
		shown.LocationID = ids.Encode(inventory.LocationPrefix, s.LocationID)
	}
	for _, line := range s.Lines {
		shown.Lines = append(shown.Lines, amount(line.LineID, line.Quantity))
	}
	return shown
}

func amount(lineID string, quantity int64) OrderLineAmount {
	return OrderLineAmount{LineID: ids.Encode(orders.LinePrefix, lineID), Quantity: quantity}
}

// given is nil for an amount that was left out.
func given(m money.Money) *money.Money {
	if m == (money.Money{}) {
		return nil
	}
	return &m
}

// units keeps what is not an id as it is: it names no line, and the rule that says so knows its place in the request.
func units(lines []OrderLineRef) []amending.Units {
	var list []amending.Units
	for _, line := range lines {
		id, ok := ids.Decode(orders.LinePrefix, line.LineID)
		if !ok {
			id = line.LineID
		}
		list = append(list, amending.Units{LineID: id, Quantity: line.Quantity})
	}
	return list
}

func fulfillmentInput(body FulfillmentCreate) (amending.Input, error) {
	input := amending.Input{Lines: units(body.Lines),
		Tracking: fulfillment.Tracking{Carrier: body.Tracking.Carrier, Number: body.Tracking.Number, URL: body.Tracking.URL}}
	if body.LocationID == "" {
		return input, nil
	}
	id, ok := ids.Decode(inventory.LocationPrefix, body.LocationID)
	if !ok {
		return input, inventory.ErrUnknownLocation.With(fault.Field{Pointer: "/location_id", Code: inventory.ErrUnknownLocation.Code})
	}
	input.LocationID = id
	return input, nil
}
