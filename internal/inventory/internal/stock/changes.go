package stock

import (
	"cmp"
	"slices"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// Change is what is added to the counters of one level.
type Change struct {
	SKU        string
	LocationID string
	OnHand     int64
	Reserved   int64
	Allocated  int64
}

// GiveBack answers how levels change when parts stop being held or owed.
func GiveBack(parts []Part) []Change {
	return changes(parts, func(part Part) Change {
		if part.Reservation.State == inventory.ReservationAllocated {
			return Change{Allocated: -part.Quantity}
		}
		return Change{Reserved: -part.Quantity}
	})
}

// Send answers how levels change when allocated parts leave the shelf.
func Send(parts []Part) []Change {
	return changes(parts, func(part Part) Change {
		return Change{OnHand: -part.Quantity, Allocated: -part.Quantity}
	})
}

// changes adds up per level, in the order in which levels are locked.
func changes(parts []Part, of func(Part) Change) []Change {
	type level struct{ sku, locationID string }
	sums := map[level]Change{}
	for _, part := range parts {
		at := level{part.Reservation.SKU, part.Reservation.LocationID}
		sum, one := sums[at], of(part)
		sums[at] = Change{SKU: at.sku, LocationID: at.locationID, OnHand: sum.OnHand + one.OnHand,
			Reserved: sum.Reserved + one.Reserved, Allocated: sum.Allocated + one.Allocated}
	}
	list := make([]Change, 0, len(sums))
	for _, sum := range sums {
		list = append(list, sum)
	}
	slices.SortFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.LocationID, b.LocationID))
	})
	return list
}

// MostFrom names the location that most units leave from, of equals the one with the lowest id; empty without changes.
func MostFrom(changes []Change) string {
	leaving := map[string]int64{}
	for _, change := range changes {
		leaving[change.LocationID] -= change.OnHand
	}
	most := ""
	for id, units := range leaving {
		if units > leaving[most] || units == leaving[most] && (most == "" || id < most) {
			most = id
		}
	}
	return most
}
