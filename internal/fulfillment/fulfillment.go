package fulfillment

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
)

// Prefixes of public ids.
const (
	OptionPrefix   = "ship"
	ShipmentPrefix = "ful"
)

// Service answers how an order can travel, and records that it did.
type Service interface {
	// Options answers the active options that serve the country in the currency, cheapest first, then by position. An empty
	// country answers those that serve every country.
	// Errors: none of its own.
	Options(ctx context.Context, req OptionsRequest) (OptionsAnswer, error)
	// Option answers one option if it serves the country in the currency.
	// Errors: ErrOptionUnavailable.
	Option(ctx context.Context, req OptionRequest) (Option, error)
	// CreateShipment records a shipment under the id that the caller gives; the same id again answers the first record.
	// Errors: none of its own.
	CreateShipment(ctx context.Context, req CreateShipmentRequest) (Shipment, error)
	// Shipments answers the shipments of an order, oldest first.
	// Errors: none of its own.
	Shipments(ctx context.Context, req ShipmentsRequest) (ShipmentsAnswer, error)
	// SaveOption creates the option of this code or makes the existing one equal to the request.
	// Errors: ErrInvalidOption, ErrUnsupportedCountry.
	SaveOption(ctx context.Context, req SaveOptionRequest) (SaveOptionAnswer, error)
}

// Option is what can be chosen, with its price in the currency asked for.
type Option struct {
	ID       string      `json:"id"`
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Price    money.Money `json:"price"`
	MinDays  int         `json:"min_days"`
	MaxDays  int         `json:"max_days"`
	TaxClass string      `json:"tax_class"`
}

// OptionsRequest says where to and in which currency.
type OptionsRequest struct {
	Country  string `json:"country"`
	Currency string `json:"currency"`
}

// OptionsAnswer holds the options, cheapest first.
type OptionsAnswer struct {
	Options []Option `json:"options"`
}

// OptionRequest names one option and says where to and in which currency.
type OptionRequest struct {
	ID       string `json:"id"`
	Country  string `json:"country"`
	Currency string `json:"currency"`
}

// Tracking is how a parcel can be followed; every field may be empty.
type Tracking struct {
	Carrier string `json:"carrier"`
	Number  string `json:"number"`
	URL     string `json:"url"`
}

// ShipmentLine is a quantity of an order line.
type ShipmentLine struct {
	LineID   string `json:"line_id"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Shipment is some lines of an order, sent from one location.
type Shipment struct {
	ID         string         `json:"id"`
	OrderID    string         `json:"order_id"`
	LocationID string         `json:"location_id"`
	Lines      []ShipmentLine `json:"lines"`
	Tracking   Tracking       `json:"tracking"`
	CreatedAt  time.Time      `json:"created_at"`
}

// CreateShipmentRequest carries the shipment to record; CreatedAt is the module's own.
type CreateShipmentRequest struct {
	Shipment Shipment `json:"shipment"`
}

// ShipmentsRequest names an order.
type ShipmentsRequest struct {
	OrderID string `json:"order_id"`
}

// ShipmentsAnswer holds the shipments, oldest first.
type ShipmentsAnswer struct {
	Shipments []Shipment `json:"shipments"`
}

// SaveOptionRequest is the wanted state of one option. No countries means every country, no prices free in every
// currency, and 0 days that nothing is promised.
type SaveOptionRequest struct {
	Code      string        `json:"code"`
	Name      string        `json:"name"`
	Countries []string      `json:"countries"`
	Prices    []money.Money `json:"prices"`
	MinDays   int           `json:"min_days"`
	MaxDays   int           `json:"max_days"`
	TaxClass  string        `json:"tax_class"`
	Position  int           `json:"position"`
	Active    bool          `json:"active"`
}

// SaveOptionAnswer names the option.
type SaveOptionAnswer struct {
	ID string `json:"id"`
}
