package stock

import "github.com/rialto-commerce/rialto/internal/inventory"

// Count is what decides the availability of a SKU. Shelf is what is on hand and promised to nobody, over all active
// locations; it is negative when units are on backorder.
type Count struct {
	Mode              string
	Shelf             int64
	BackorderLimit    int64
	LowStockThreshold int64
}

// Availability answers what shoppers are told. The function inventory.availability of the database says the same.
func (c Count) Availability() string {
	switch {
	case c.Mode == inventory.ModeNone:
		return inventory.InStock
	case c.Shelf > 0 && c.Shelf > c.LowStockThreshold:
		return inventory.InStock
	case c.Shelf > 0:
		return inventory.LowStock
	case c.Shelf+c.BackorderLimit > 0:
		return inventory.Backorder
	}
	return inventory.OutOfStock
}

// Available answers how many can be sold: 0 for a SKU that is not counted.
func (c Count) Available() int64 {
	if c.Mode == inventory.ModeNone {
		return 0
	}
	return c.Shelf + c.BackorderLimit
}
