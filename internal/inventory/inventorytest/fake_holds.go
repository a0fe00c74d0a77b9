package inventorytest

import (
	"context"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Extend implements inventory.Service.
func (f *Fake) Extend(_ context.Context, req inventory.ExtendRequest) (inventory.ExtendAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hold, ok := f.holds[req.Reference]
	if !ok || hold.state != "confirmed" && (hold.state != "open" || !hold.until.After(f.now())) {
		return inventory.ExtendAnswer{}, inventory.ErrHoldExpired
	}
	until := req.HoldUntil.UTC().Truncate(time.Microsecond)
	if hold.state == "open" && until.After(hold.until) {
		hold.until = until
		for i := range hold.reservations {
			hold.reservations[i].HoldUntil = until
		}
	}
	return inventory.ExtendAnswer{HoldUntil: hold.until}, nil
}

// Release implements inventory.Service.
func (f *Fake) Release(_ context.Context, req inventory.ReleaseRequest) (inventory.ReleaseAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hold := f.closed(req.Reference)
	if hold.state != "open" {
		return inventory.ReleaseAnswer{}, nil
	}
	hold.state = "released"
	return inventory.ReleaseAnswer{Units: f.giveBack(hold, stock.Whole(promised(hold)), inventory.ReservationReleased)}, nil
}

func (f *Fake) closed(reference string) *fakeHold {
	hold, ok := f.holds[reference]
	if !ok {
		hold = &fakeHold{state: "released"}
		f.holds[reference] = hold
	}
	hold.closed = true
	return hold
}

func promised(hold *fakeHold) []inventory.Reservation {
	if hold == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(hold.reservations), func(r inventory.Reservation) bool {
		return r.State != inventory.ReservationOpen && r.State != inventory.ReservationAllocated
	})
}

func (f *Fake) giveBack(hold *fakeHold, parts []stock.Part, state string) int64 {
	f.apply(stock.GiveBack(parts))
	f.settle(hold, parts, state)
	return stock.Units(parts)
}

func (f *Fake) apply(changes []stock.Change) {
	for _, change := range changes {
		level := f.levels[fakeKey{change.SKU, change.LocationID}]
		level.onHand += change.OnHand
		level.reserved += change.Reserved
		level.allocated += change.Allocated
	}
}

func (f *Fake) settle(hold *fakeHold, parts []stock.Part, state string) {
	for _, part := range parts {
		at := slices.IndexFunc(hold.reservations, func(r inventory.Reservation) bool { return r.ID == part.Reservation.ID })
		if hold.reservations[at].Quantity == part.Quantity {
			hold.reservations[at].State = state
			continue
		}
		cut := hold.reservations[at]
		hold.reservations[at].Quantity -= part.Quantity
		cut.ID, cut.Quantity, cut.State = f.newID(), part.Quantity, state
		hold.reservations = append(hold.reservations, cut)
	}
}

// Confirm implements inventory.Service.
func (f *Fake) Confirm(_ context.Context, req inventory.ConfirmRequest) (inventory.ConfirmAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var answer inventory.ConfirmAnswer
	for _, reference := range stock.Distinct(req.References) {
		hold, ok := f.holds[reference]
		if !ok || hold.state == "expired" || hold.state == "released" {
			answer.Expired = append(answer.Expired, reference)
			continue
		}
		f.confirm(hold)
	}
	slices.Sort(answer.Expired)
	return answer, nil
}

func (f *Fake) confirm(hold *fakeHold) {
	if hold == nil || hold.state != "open" {
		return
	}
	hold.state = "confirmed"
	for i, r := range hold.reservations {
		if r.State == inventory.ReservationOpen {
			hold.reservations[i].State = inventory.ReservationAllocated
			f.apply([]stock.Change{{SKU: r.SKU, LocationID: r.LocationID, Reserved: -r.Quantity, Allocated: r.Quantity}})
		}
	}
}

// Deallocate implements inventory.Service.
func (f *Fake) Deallocate(_ context.Context, req inventory.DeallocateRequest) (inventory.DeallocateAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if units, done := f.deallocations[req.ID]; done {
		return inventory.DeallocateAnswer{Units: units}, nil
	}
	demand, err := stock.Sum(req.Lines)
	if err != nil {
		return inventory.DeallocateAnswer{}, err
	}
	hold := f.holds[req.Reference]
	parts, missing := stock.Pick(promised(hold), demand)
	if err := f.refuse(hold, missing); err != nil {
		return inventory.DeallocateAnswer{}, err
	}
	if len(demand) == 0 {
		hold = f.closed(req.Reference)
		hold.state = "canceled"
		parts = stock.Whole(promised(hold))
	}
	units := f.giveBack(hold, parts, inventory.ReservationReleased)
	f.deallocations[req.ID] = units
	return inventory.DeallocateAnswer{Units: units}, nil
}

func (f *Fake) refuse(hold *fakeHold, missing []inventory.Demand) error {
	for _, demand := range missing {
		if f.count(demand.SKU).Mode == inventory.ModeNone || hold != nil && slices.Contains(hold.uncounted, demand.SKU) {
			continue
		}
		return inventory.ErrNotAllocated
	}
	return nil
}

// Ship implements inventory.Service.
func (f *Fake) Ship(_ context.Context, req inventory.ShipRequest) (inventory.ShipAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if from, done := f.shippedFrom[req.ID]; done {
		return inventory.ShipAnswer{LocationID: from}, nil
	}
	demand, err := stock.Sum(req.Lines)
	if err != nil {
		return inventory.ShipAnswer{}, err
	}
	hold := f.holds[req.Reference]
	reservations := promised(hold)
	stock.Prefer(reservations, req.LocationID)
	parts, missing := stock.Pick(reservations, demand)
	err = f.refuse(hold, missing)
	if err != nil && hold != nil && hold.state == "expired" {
		return inventory.ShipAnswer{}, inventory.ErrHoldExpired
	}
	if err != nil {
		return inventory.ShipAnswer{}, err
	}
	changes := stock.Send(parts)
	for _, change := range changes {
		if f.levels[fakeKey{change.SKU, change.LocationID}].onHand+change.OnHand < 0 {
			return inventory.ShipAnswer{}, inventory.ErrNotAllocated
		}
	}
	f.confirm(hold)
	f.apply(changes)
	f.settle(hold, parts, inventory.ReservationShipped)
	if len(parts) > 0 {
		f.shippedFrom[req.ID] = stock.MostFrom(changes)
	}
	return inventory.ShipAnswer{LocationID: stock.MostFrom(changes)}, nil
}

// Sweep ends the holds that are past their end and answers how many there were.
func (f *Fake) Sweep(context.Context) (ended int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, hold := range f.holds {
		if hold.state == "open" && !hold.until.After(f.now()) {
			f.giveBack(hold, stock.Whole(promised(hold)), inventory.ReservationExpired)
			hold.state, hold.closed = "expired", true
			ended++
		}
	}
	return ended, nil
}
