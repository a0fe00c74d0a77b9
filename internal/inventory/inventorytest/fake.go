// Package inventorytest is for tests of inventory and of those who call it: the contract that every inventory.Service
// keeps, and a Fake that keeps it in memory.
package inventorytest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Fake is an inventory.Service in memory, with one location called "main". It announces nothing.
type Fake struct {
	mu            sync.Mutex
	now           func() time.Time
	ids           int
	locations     []inventory.Location
	items         map[string]*fakeItem
	levels        map[fakeKey]*fakeLevel
	holds         map[string]*fakeHold
	shippedFrom   map[string]string
	deallocations map[string]int64
}

type fakeItem struct {
	variantID string
	mode      string
	threshold int64
}

type fakeKey struct{ sku, locationID string }

type fakeLevel struct {
	onHand, backorderLimit, reserved, allocated int64
}

func (l fakeLevel) shelf() int64 { return l.onHand - l.reserved - l.allocated }

type fakeHold struct {
	state        string
	closed       bool
	until        time.Time
	uncounted    []string
	reservations []inventory.Reservation
}

// NewFake makes an empty inventory.
func NewFake(now func() time.Time) *Fake {
	f := &Fake{now: now, items: map[string]*fakeItem{}, levels: map[fakeKey]*fakeLevel{}, holds: map[string]*fakeHold{},
		shippedFrom: map[string]string{}, deallocations: map[string]int64{}}
	f.locations = []inventory.Location{{ID: f.newID(), Code: "main", Name: "Main location", Version: 1}}
	return f
}

func (f *Fake) newID() string {
	f.ids++
	return fmt.Sprintf("00000000-0000-7000-8000-%012x", f.ids)
}

// Availability implements inventory.Service.
func (f *Fake) Availability(_ context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var answer inventory.AvailabilityAnswer
	for _, sku := range stock.Distinct(req.SKUs) {
		count := f.count(sku)
		answer.Statuses = append(answer.Statuses, inventory.StockStatus{SKU: sku, Mode: count.Mode, Available: count.Available(),
			Availability: count.Availability()})
	}
	return answer, nil
}

func (f *Fake) count(sku string) stock.Count {
	count := stock.Count{Mode: inventory.ModeTrack}
	if item, ok := f.items[sku]; ok {
		count.Mode, count.LowStockThreshold = item.mode, item.threshold
	}
	for _, location := range f.locations {
		if level, ok := f.levels[fakeKey{sku, location.ID}]; ok {
			count.Shelf += level.shelf()
			count.BackorderLimit += level.backorderLimit
		}
	}
	return count
}

// Reserve implements inventory.Service.
func (f *Fake) Reserve(_ context.Context, req inventory.ReserveRequest) (inventory.ReserveAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if hold, ok := f.holds[req.Reference]; ok {
		if hold.closed {
			return inventory.ReserveAnswer{}, inventory.ErrReferenceClosed
		}
		return inventory.ReserveAnswer{Reservations: slices.Clone(hold.reservations)}, nil
	}
	demand, err := stock.Sum(req.Lines)
	if err != nil {
		return inventory.ReserveAnswer{}, err
	}
	hold := &fakeHold{state: "open", until: req.HoldUntil.UTC().Truncate(time.Microsecond)}
	if demand, err = f.counted(hold, demand); err != nil {
		return inventory.ReserveAnswer{}, err
	}
	for _, d := range demand {
		f.spread(hold, req.Reference, d)
	}
	f.holds[req.Reference] = hold
	return inventory.ReserveAnswer{Reservations: slices.Clone(hold.reservations)}, nil
}

// counted leaves out what is sold without counting, and refuses what there is too little of.
func (f *Fake) counted(hold *fakeHold, demand []inventory.Demand) (counted []inventory.Demand, err error) {
	var short []fault.Field
	for _, d := range demand {
		count := f.count(d.SKU)
		switch {
		case count.Mode == inventory.ModeNone:
			hold.uncounted = append(hold.uncounted, d.SKU)
		case count.Available() < d.Quantity:
			short = append(short, fault.Field{Code: inventory.ErrInsufficientStock.Code,
				Members: map[string]any{"sku": d.SKU, "available": count.Available()}})
		default:
			counted = append(counted, d)
		}
	}
	if len(short) > 0 {
		return nil, inventory.ErrInsufficientStock.With(short...)
	}
	return counted, nil
}

// spread takes from the shelves first, in the order of locations, and then from what may be on backorder.
func (f *Fake) spread(hold *fakeHold, reference string, d inventory.Demand) {
	takes := map[string]int64{}
	left := d.Quantity
	for _, backorder := range []bool{false, true} {
		for _, location := range f.locations {
			level, ok := f.levels[fakeKey{d.SKU, location.ID}]
			if !ok {
				continue
			}
			free := max(level.shelf(), 0)
			if backorder {
				free = level.shelf() + level.backorderLimit
			}
			take := min(free, left)
			level.reserved += take
			takes[location.ID] += take
			left -= take
		}
	}
	for _, location := range f.locations {
		if takes[location.ID] > 0 {
			hold.reservations = append(hold.reservations, inventory.Reservation{ID: f.newID(), Reference: reference, SKU: d.SKU,
				LocationID: location.ID, Quantity: takes[location.ID], State: inventory.ReservationOpen, HoldUntil: hold.until})
		}
	}
}

// Register implements inventory.Service.
func (f *Fake) Register(_ context.Context, req inventory.RegisterRequest) (inventory.RegisterAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, item := range req.Items {
		f.item(item.SKU).variantID = item.VariantID
	}
	return inventory.RegisterAnswer{}, nil
}

func (f *Fake) item(sku string) *fakeItem {
	item, ok := f.items[sku]
	if !ok {
		item = &fakeItem{mode: inventory.ModeTrack}
		f.items[sku] = item
	}
	return item
}

// SaveLocation implements inventory.Service.
func (f *Fake) SaveLocation(_ context.Context, req inventory.SaveLocationRequest) (inventory.Location, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.locations, func(l inventory.Location) bool { return l.Code == req.Code })
	if at < 0 {
		f.locations = append(f.locations, inventory.Location{ID: f.newID(), Code: req.Code, CreatedAt: f.now()})
		at = len(f.locations) - 1
	}
	location := f.locations[at]
	location.Name, location.Country, location.Position = req.Name, req.Country, req.Position
	if location != f.locations[at] || location.Version == 0 {
		location.Version++
		location.UpdatedAt = f.now()
	}
	f.locations[at] = location
	slices.SortStableFunc(f.locations, func(a, b inventory.Location) int { return cmp.Compare(a.Position, b.Position) })
	return location, nil
}
