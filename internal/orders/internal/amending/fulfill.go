package amending

import (
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Fulfill records that lines left a location and takes them from its stock. No lines means everything that is left.
//
// Errors: orders.ErrNotFound, orders.ErrUnknownLine, orders.ErrNotFulfillable, orders.ErrIllegalTransition,
// orders.ErrKeyReused.
func (a *Amending) Fulfill(ctx context.Context, req Request, input Input) (Done, error) {
	return a.run(ctx, Command{Request: req, Kind: KindFulfillment, Input: input})
}

// planFulfillment claims the units before the stock is asked for them: of two that want the last one, one is refused here,
// counted stock or not.
func planFulfillment(input Input, s subject) (plan, error) {
	if err := order.May(s.state.Status, order.Fulfill); err != nil {
		return plan{}, err
	}
	input.Lines = merge(input.Lines)
	if len(input.Lines) == 0 {
		input.Lines = everythingLeft(s.lines)
	}
	if len(input.Lines) == 0 {
		return plan{}, orders.ErrNotFulfillable.Detailf("everything was sent")
	}
	decided := plan{input: input}
	for i := range input.Lines {
		u := &input.Lines[i]
		line, ok := order.Find(s.lines, u.LineID)
		if !ok {
			return plan{}, orders.ErrUnknownLine.With(fault.Field{Pointer: fmt.Sprintf("/lines/%d/line_id", i), Code: "unknown_reference"})
		}
		if u.Quantity < 1 || u.Quantity > line.Left() {
			return plan{}, orders.ErrNotFulfillable.With(fault.Field{Pointer: fmt.Sprintf("/lines/%d/quantity", i),
				Code: orders.ErrNotFulfillable.Code, Members: map[string]any{"available": line.Left()}})
		}
		u.SKU = line.SKU
		decided.deltas = append(decided.deltas, order.Delta{LineID: u.LineID, Fulfilling: u.Quantity})
	}
	return decided, nil
}

func everythingLeft(lines []order.Line) []Units {
	var left []Units
	for _, line := range lines {
		if line.Left() > 0 {
			left = append(left, Units{LineID: line.ID, Quantity: line.Left()})
		}
	}
	return left
}

func (a *Amending) ship(ctx context.Context, c Command) (effect, error) {
	shipped, err := a.Inventory.Ship(ctx, inventory.ShipRequest{
		ID: c.ID, Reference: c.Reference, Lines: demand(c.Input.Lines), LocationID: c.Input.LocationID})
	if err != nil {
		return effect{}, err
	}
	if shipped.LocationID == "" {
		shipped.LocationID = c.Input.LocationID
	}
	record := fulfillment.Shipment{ID: c.ID, OrderID: c.OrderID, LocationID: shipped.LocationID, Tracking: c.Input.Tracking}
	for _, u := range c.Input.Lines {
		record.Lines = append(record.Lines, fulfillment.ShipmentLine{LineID: u.LineID, SKU: u.SKU, Quantity: u.Quantity})
	}
	shipment, err := a.Fulfillment.CreateShipment(ctx, fulfillment.CreateShipmentRequest{Shipment: record})
	if err != nil {
		return effect{}, err
	}
	return effect{outcome: Outcome{ID: c.ID, LocationID: shipment.LocationID, CreatedAt: shipment.CreatedAt}}, nil
}

// demand sums the units per SKU, since several lines may sell the same.
func demand(units []Units) []inventory.Demand {
	var summed []inventory.Demand
	for _, u := range units {
		i := slices.IndexFunc(summed, func(d inventory.Demand) bool { return d.SKU == u.SKU })
		if i < 0 {
			summed = append(summed, inventory.Demand{SKU: u.SKU, Quantity: u.Quantity})
			continue
		}
		summed[i].Quantity += u.Quantity
	}
	return summed
}

// countShipped turns what was claimed into what was sent.
func (a *Amending) countShipped(ctx context.Context, tx Store, c Command, before order.State) (order.State, error) {
	var deltas []order.Delta
	for _, u := range c.Input.Lines {
		deltas = append(deltas, order.Delta{LineID: u.LineID, Fulfilling: -u.Quantity, Fulfilled: u.Quantity})
	}
	if err := count(ctx, tx, c, deltas); err != nil {
		return before, err
	}
	lines, err := tx.Lines(ctx, c.OrderID, before.Currency)
	if err != nil {
		return before, err
	}
	return before.ApplyFulfillment(lines), nil
}
