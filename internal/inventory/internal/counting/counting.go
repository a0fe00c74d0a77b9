// Package counting holds the use cases of what is where: how a SKU is counted, what is on hand at a location and every
// change of it, and the locations themselves. It takes its locks in the order that package reserving documents, a location
// before the SKUs.
package counting

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Service is the part of inventory.Service that deals with SKUs and locations, and what the admin API needs beyond it.
type Service struct {
	store Store
	newID func() string
}

// New makes the use cases. newID makes UUIDs.
func New(store Store, newID func() string) *Service {
	return &Service{store: store, newID: newID}
}

// Store keeps SKUs, levels, movements and locations.
type Store interface {
	// Counts leaves out SKUs that were never heard of.
	Counts(ctx context.Context, skus []string) (map[string]stock.Count, error)
	SaveLocation(ctx context.Context, id string, req inventory.SaveLocationRequest) (inventory.Location, error)
	// InsertLocation errors: inventory.ErrCodeTaken.
	InsertLocation(ctx context.Context, location Location) (Location, error)
	InTx(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is the store inside a transaction.
type Tx interface {
	// ShareLocation keeps the location from being deactivated. An empty id means the first active one. Errors:
	// inventory.ErrUnknownLocation when there is none, or it is not active.
	ShareLocation(ctx context.Context, id string) (locationID string, err error)
	// LockLocation errors: inventory.ErrNotFound.
	LockLocation(ctx context.Context, id string) (Location, error)
	UpdateLocation(ctx context.Context, location Location) (Location, error)
	// LockItemsAt locks the SKUs that have a level at the location, and names them.
	LockItemsAt(ctx context.Context, locationID string) (skus []string, err error)

	// CreateItems inserts the SKUs that are new and names them.
	CreateItems(ctx context.Context, items []inventory.StockItem) (created []string, err error)
	// LockItems keeps everyone else from changing what can be sold of the SKUs.
	LockItems(ctx context.Context, skus []string) error
	// Item answers a SKU. Errors: inventory.ErrNotFound.
	Item(ctx context.Context, sku string) (Item, error)
	// CreateLevels inserts the levels that are missing at the location.
	CreateLevels(ctx context.Context, locationID string, skus []string) error
	// SetItems makes the items equal to the wish, an empty mode or variant excepted. A change raises the version of those
	// that were not just created.
	SetItems(ctx context.Context, items []inventory.StockItem, created []string) error
	// SetLevels sets backorder limits and, where given, the count at the location, and writes the movements. Errors:
	// inventory.ErrNegativeStock with a field per SKU.
	SetLevels(ctx context.Context, locationID string, items []inventory.StockItem) (changed int, err error)
	SetVariants(ctx context.Context, items []inventory.RegisterItem) error
	// Adjust errors: inventory.ErrNegativeStock.
	Adjust(ctx context.Context, id string, req inventory.AdjustRequest) (inventory.AdjustAnswer, error)
	Announce(ctx context.Context, skus []string) error
}

// Item is how a SKU is counted.
type Item struct {
	SKU               string    `db:"sku"`
	VariantID         string    `db:"variant_id"`
	Mode              string    `db:"mode"`
	BackorderLimit    int64     `db:"backorder_limit"`
	LowStockThreshold int64     `db:"low_stock_threshold"`
	Version           int       `db:"version"`
	UpdatedAt         time.Time `db:"updated_at"`
}

// Location is a location as staff see it. One that is not active keeps its stock, but none of it is sold.
type Location struct {
	inventory.Location
	Active bool
}

// NewestFirst is where a page of locations goes on: after this one.
type NewestFirst struct {
	CreatedAt time.Time
	ID        string
}

// LevelFilter chooses levels; empty strings choose all. A page goes on after a SKU and location.
type LevelFilter struct {
	SKU             string
	LocationID      string
	AfterSKU        string
	AfterLocationID string
	Limit           int
}

// Reservation is a reservation as staff see it.
type Reservation struct {
	inventory.Reservation
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ReservationFilter chooses reservations; empty strings choose all. A page goes on with those older than BeforeID.
type ReservationFilter struct {
	Reference string
	SKU       string
	State     string
	BeforeID  string
	Limit     int
}
