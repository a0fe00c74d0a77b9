package attempt

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Demand sums the quantities of lines per SKU, in the order in which the SKUs first appear.
func Demand(lines []cart.SnapshotLine) []inventory.Demand {
	var demand []inventory.Demand
	place := map[string]int{}
	for _, line := range lines {
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
func SoldOut(lines []cart.SnapshotLine, statuses []inventory.StockStatus) *fault.Error {
	counted := map[string]int64{}
	for _, status := range statuses {
		if status.Mode != inventory.ModeNone {
			counted[status.SKU] = status.Available
		}
	}
	short := map[string]any{}
	for _, wanted := range Demand(lines) {
		if available, known := counted[wanted.SKU]; known && available < wanted.Quantity {
			short[wanted.SKU] = available
		}
	}
	if len(short) == 0 {
		return nil
	}
	return shortage(lines, short)
}

// Shortage turns what inventory says of SKUs into what the shopper knows: lines.
func Shortage(lines []cart.SnapshotLine, refusal *fault.Error) *fault.Error {
	short := map[string]any{}
	for _, field := range refusal.Fields {
		if sku, ok := field.Members["sku"].(string); ok {
			short[sku] = field.Members["available"]
		}
	}
	return shortage(lines, short)
}

func shortage(lines []cart.SnapshotLine, availableBySKU map[string]any) *fault.Error {
	refusal := checkout.ErrInsufficientStock
	for i, line := range lines {
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
