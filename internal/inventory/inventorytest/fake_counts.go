package inventorytest

import (
	"context"
	"slices"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Adjust implements inventory.Service.
func (f *Fake) Adjust(_ context.Context, req inventory.AdjustRequest) (inventory.AdjustAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	locationID, ok := f.location(req.LocationID)
	if !ok {
		return inventory.AdjustAnswer{}, inventory.ErrUnknownLocation
	}
	key := fakeKey{req.SKU, locationID}
	var level fakeLevel
	if existing, ok := f.levels[key]; ok {
		level = *existing
	}
	level.onHand += req.Delta
	if level.onHand < 0 || level.shelf()+level.backorderLimit < 0 {
		return inventory.AdjustAnswer{}, inventory.ErrNegativeStock
	}
	f.levels[key] = &level
	shown := inventory.Level{SKU: req.SKU, VariantID: f.item(req.SKU).variantID, LocationID: locationID, OnHand: level.onHand,
		Reserved: level.reserved, Allocated: level.allocated, Available: level.shelf() + level.backorderLimit}
	return inventory.AdjustAnswer{MovementID: f.newID(), Level: shown, CreatedAt: f.now()}, nil
}

// location finds a location by id, the first one for an empty id.
func (f *Fake) location(id string) (string, bool) {
	if id == "" {
		return f.locations[0].ID, true
	}
	return id, slices.ContainsFunc(f.locations, func(l inventory.Location) bool { return l.ID == id })
}

// SetStock implements inventory.Service.
func (f *Fake) SetStock(_ context.Context, req inventory.SetStockRequest) (inventory.SetStockAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	locationID, ok := f.location(req.LocationID)
	if !ok {
		return inventory.SetStockAnswer{}, inventory.ErrUnknownLocation
	}
	levels := map[fakeKey]fakeLevel{}
	for _, item := range req.Items {
		for key, level := range f.wanted(item, locationID) {
			levels[key] = level
		}
	}
	if err := refused(levels); err != nil {
		return inventory.SetStockAnswer{}, err
	}
	for _, item := range req.Items {
		f.describe(item)
	}
	return inventory.SetStockAnswer{Changed: f.replace(levels)}, nil
}

// wanted answers all levels of the SKU as they are to be.
func (f *Fake) wanted(item inventory.StockItem, locationID string) map[fakeKey]fakeLevel {
	levels := map[fakeKey]fakeLevel{}
	limitAt := ""
	for _, location := range f.locations {
		key := fakeKey{item.SKU, location.ID}
		level, exists := f.levels[key]
		needed := location.ID == locationID && (item.OnHand != nil || item.BackorderLimit > 0)
		if !exists && !needed {
			continue
		}
		if !exists {
			level = &fakeLevel{}
		}
		levels[key] = *level
		if limitAt == "" || level.backorderLimit > 0 {
			limitAt = location.ID
		}
	}
	for key, level := range levels {
		level.backorderLimit = 0
		if key.locationID == limitAt {
			level.backorderLimit = item.BackorderLimit
		}
		if key.locationID == locationID && item.OnHand != nil {
			level.onHand = *item.OnHand
		}
		levels[key] = level
	}
	return levels
}

func refused(levels map[fakeKey]fakeLevel) error {
	var fields []fault.Field
	for key, level := range levels {
		if level.onHand < 0 || level.shelf()+level.backorderLimit < 0 {
			fields = append(fields, fault.Field{Code: inventory.ErrNegativeStock.Code, Members: map[string]any{"sku": key.sku}})
		}
	}
	if len(fields) > 0 {
		return inventory.ErrNegativeStock.With(fields...)
	}
	return nil
}

func (f *Fake) describe(wanted inventory.StockItem) {
	item := f.item(wanted.SKU)
	if wanted.LowStockThreshold != inventory.KeepThreshold {
		item.threshold = wanted.LowStockThreshold
	}
	if wanted.Mode != "" {
		item.mode = wanted.Mode
	}
	if wanted.VariantID != "" {
		item.variantID = wanted.VariantID
	}
}

func (f *Fake) replace(levels map[fakeKey]fakeLevel) (changed int) {
	for key, level := range levels {
		before, exists := f.levels[key]
		if !exists {
			before = &fakeLevel{}
		}
		if before.onHand != level.onHand {
			changed++
		}
		f.levels[key] = &level
	}
	return changed
}
