package attempt

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Wanted are lines as far as stock is concerned: what each wants, in their order.
type Wanted []inventory.Demand

// OfSnapshot answers what the lines of a snapshot want.
func OfSnapshot(lines []cart.SnapshotLine) Wanted {
	wanted := make(Wanted, len(lines))
	for i, line := range lines {
		wanted[i] = inventory.Demand{SKU: line.SKU, Quantity: line.Quantity}
	}
	return wanted
}

// OfCart answers what the lines of a cart want. A line whose variant is gone has no SKU.
func OfCart(lines []cart.StateDemand) Wanted {
	wanted := make(Wanted, len(lines))
	for i, line := range lines {
		wanted[i] = inventory.Demand(line)
	}
	return wanted
}

// Sum adds the quantities up per SKU, in the order in which the SKUs first appear. Lines without a SKU want nothing.
func (w Wanted) Sum() []inventory.Demand {
	var demand []inventory.Demand
	place := map[string]int{}
	for _, line := range w {
		if line.SKU == "" {
			continue
		}
		at, seen := place[line.SKU]
		if !seen {
			at = len(demand)
			place[line.SKU] = at
			demand = append(demand, inventory.Demand{SKU: line.SKU})
		}
		demand[at].Quantity += line.Quantity
	}
	return demand
}

// SoldOut is the refusal of lines that want more than there is, or nil. What is sold without counting is never short.
func (w Wanted) SoldOut(statuses []inventory.StockStatus) *fault.Error {
	counted := map[string]int64{}
	for _, status := range statuses {
		if status.Mode != inventory.ModeNone {
			counted[status.SKU] = status.Available
		}
	}
	short := map[string]any{}
	for _, wanted := range w.Sum() {
		if available, known := counted[wanted.SKU]; known && available < wanted.Quantity {
			short[wanted.SKU] = available
		}
	}
	if len(short) == 0 {
		return nil
	}
	return w.shortage(short)
}

// Shortage turns what inventory says of SKUs into what the shopper knows: lines.
func (w Wanted) Shortage(refusal *fault.Error) *fault.Error {
	short := map[string]any{}
	for _, field := range refusal.Fields {
		if sku, ok := field.Members["sku"].(string); ok {
			short[sku] = field.Members["available"]
		}
	}
	return w.shortage(short)
}

func (w Wanted) shortage(availableBySKU map[string]any) *fault.Error {
	refusal := checkout.ErrInsufficientStock
	for i, line := range w {
		if available, short := availableBySKU[line.SKU]; short {
			refusal = refusal.With(fault.Field{
				Pointer: fmt.Sprintf("/lines/%d", i),
				Code:    checkout.ErrInsufficientStock.Code,
				Members: map[string]any{"available": available},
			})
		}
	}
	return refusal
}
