package stock

import (
	"cmp"
	"slices"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// Part is a quantity out of one reservation, at most all of it.
type Part struct {
	Reservation inventory.Reservation
	Quantity    int64
}

// Whole makes a part of all of each reservation.
func Whole(reservations []inventory.Reservation) []Part {
	parts := make([]Part, len(reservations))
	for i, r := range reservations {
		parts[i] = Part{Reservation: r, Quantity: r.Quantity}
	}
	return parts
}

// Pick serves the demands from the reservations, first come first served, and answers what it could not serve.
func Pick(reservations []inventory.Reservation, demands []inventory.Demand) (parts []Part, missing []inventory.Demand) {
	for _, demand := range demands {
		left := demand.Quantity
		for _, r := range reservations {
			if r.SKU != demand.SKU || left == 0 {
				continue
			}
			quantity := min(left, r.Quantity)
			parts = append(parts, Part{Reservation: r, Quantity: quantity})
			left -= quantity
		}
		if left > 0 {
			missing = append(missing, inventory.Demand{SKU: demand.SKU, Quantity: left})
		}
	}
	return parts, missing
}

// Prefer moves the reservations at a location to the front and keeps the order otherwise.
func Prefer(reservations []inventory.Reservation, locationID string) {
	slices.SortStableFunc(reservations, func(a, b inventory.Reservation) int {
		return cmp.Compare(rank(a, locationID), rank(b, locationID))
	})
}

func rank(r inventory.Reservation, locationID string) int {
	if r.LocationID == locationID {
		return 0
	}
	return 1
}

// Units counts the parts.
func Units(parts []Part) int64 {
	var units int64
	for _, part := range parts {
		units += part.Quantity
	}
	return units
}

// SKUs names the SKUs of the parts, once each.
func SKUs(parts []Part) []string {
	skus := make([]string, len(parts))
	for i, part := range parts {
		skus[i] = part.Reservation.SKU
	}
	return Distinct(skus)
}
