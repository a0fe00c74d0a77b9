// Package basket holds a cart's content and its rules: which lines are one line, what a cart may hold, when it may be
// changed, and where it is going. It does no I/O and knows no price.
package basket

import (
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
)

// NoID stands for an id that cannot be read: it is valid, and nothing has it.
const NoID = "00000000-0000-0000-0000-000000000000"

// Cart is what a shopper means to buy. Ids that are not set are empty.
type Cart struct {
	ID           string
	Status       string
	Version      int
	TokenVersion int
	OrderID      string

	ChannelID string
	Currency  string
	Locale    string
	// Country is where the shopper said to be before there was an address; it may be empty.
	Country string

	Email            string
	ShippingAddress  *cart.Address
	BillingAddress   *cart.Address
	ShippingOptionID string
	Note             string
	Metadata         map[string]string
	Lines            []Line
	// Stored are the lines as the store has them, in their order.
	Stored []StoredLine

	// Lapsed says that the freeze which made the cart checking_out has passed its end.
	Lapsed bool
	// Overdue says that the cart's time is over, whether or not it has been marked so.
	Overdue   bool
	ExpiresAt time.Time
}

// Line is a variant and how many of it. Variant and metadata never change during the life of a line.
type Line struct {
	ID        string
	VariantID string
	Quantity  int64
	Metadata  map[string]string
	Product   Product
}

// StoredLine is a line with its amounts in minor units of the cart's currency, as of the last change of the cart.
type StoredLine struct {
	Line

	UnitPrice int64
	Subtotal  int64
	Discount  int64
	Tax       int64
	Total     int64
}

// Product is what a line shows of its product, as it was last seen: the line outlives the variant.
type Product struct {
	ProductID        string                `json:"product_id"`
	Handle           string                `json:"handle"`
	SKU              string                `json:"sku"`
	Title            string                `json:"title"`
	VariantTitle     string                `json:"variant_title"`
	Options          []cart.SelectedOption `json:"options"`
	Thumbnail        *cart.Thumbnail       `json:"thumbnail"`
	RequiresShipping bool                  `json:"requires_shipping"`
}

// Changes to a cart; nil leaves a field as it is, an empty value clears it.
type Changes struct {
	Email            *string
	ShippingAddress  *cart.Address
	BillingAddress   *cart.Address
	ShippingOptionID *string
	Note             *string
	Metadata         *map[string]string
}

// Apply makes the changes.
func (c *Cart) Apply(ch Changes) {
	set(&c.Email, ch.Email)
	set(&c.ShippingOptionID, ch.ShippingOptionID)
	set(&c.Note, ch.Note)
	set(&c.Metadata, ch.Metadata)
	setAddress(&c.ShippingAddress, ch.ShippingAddress)
	setAddress(&c.BillingAddress, ch.BillingAddress)
}

// VariantIDs returns the variant of every line, in the order of the lines.
func (c Cart) VariantIDs() []string {
	ids := make([]string, len(c.Lines))
	for i, line := range c.Lines {
		ids[i] = line.VariantID
	}
	return ids
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

func setAddress(field **cart.Address, value *cart.Address) {
	switch {
	case value == nil:
	case *value == cart.Address{}:
		*field = nil
	default:
		*field = value
	}
}
