package basket

import (
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/isocode"
)

// Pointers of the addresses of a cart.
const (
	ShippingPointer = "/shipping_address"
	BillingPointer  = "/billing_address"
)

// Place is where a cart is priced, taxed and sent to.
type Place struct {
	Country string
	Region  string
}

// Shippable reports whether a line, as it was last seen, has to be sent.
func (c Cart) Shippable() bool {
	return slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Product.RequiresShipping })
}

// Place returns where the cart is going. It is decided when an address says so: the one it is sent to or, when nothing
// has to be sent, the one it is billed to. Until then it is the country that the shopper came with, which may be empty.
func (c Cart) Place(shippable bool) (place Place, decided bool) {
	if a := c.ShippingAddress; a != nil && a.Country != "" {
		return Place{Country: a.Country, Region: a.Region}, true
	}
	if a := c.BillingAddress; !shippable && a != nil && a.Country != "" {
		return Place{Country: a.Country, Region: a.Region}, true
	}
	return Place{Country: c.Country}, false
}

// SellsTo reports whether one of the countries is this one; none means every country of ISO 3166-1.
func SellsTo(countries []string, country string) bool {
	if len(countries) == 0 {
		return isocode.IsCountry(country)
	}
	return slices.Contains(countries, country)
}

// CompleteAddress refuses an address that nothing can be sent to, with a field for each part that is missing. The
// pointer is that of the address. Errors: cart.ErrAddressIncomplete.
func CompleteAddress(a *cart.Address, pointer string) error {
	if a == nil {
		a = &cart.Address{}
	}
	parts := []struct{ name, value string }{
		{"first_name", a.FirstName}, {"last_name", a.LastName}, {"line1", a.Line1},
		{"city", a.City}, {"postal_code", a.PostalCode}, {"country", a.Country},
	}
	var missing []fault.Field
	for _, part := range parts {
		if strings.TrimSpace(part.value) == "" {
			missing = append(missing, fault.Field{Pointer: pointer + "/" + part.name,
				Code: cart.ErrAddressIncomplete.Code, Detail: part.name + " is missing"})
		}
	}
	if missing == nil {
		return nil
	}
	return cart.ErrAddressIncomplete.With(missing...)
}
