package cartmod_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestAQuoteIsASnapshotWithoutACart(t *testing.T) {
	s := newShop(t)
	req := s.quote()
	req.Lines = append(req.Lines, cart.QuoteLine{VariantID: s.variantID("MUG"), Quantity: 1}, cart.QuoteLine{SKU: "TEE-M", Quantity: 3})
	req.Note, req.Metadata = "ring twice", map[string]string{"a": "b"}

	snapshot, err := s.module.Service().Quote(t.Context(), req)

	require.NoError(t, err)
	assert.Empty(t, snapshot.CartID)
	assert.Zero(t, snapshot.CartVersion)
	require.Len(t, snapshot.Lines, 3, "equal lines stay separate")
	assert.Equal(t, []string{"TEE-M", "MUG", "TEE-M"}, []string{snapshot.Lines[0].SKU, snapshot.Lines[1].SKU, snapshot.Lines[2].SKU})
	assert.True(t, ids.Valid(snapshot.Lines[0].ID))
	assert.Equal(t, "standard", snapshot.Shipping.Code, "the cheapest that serves the address")
	assert.Equal(t, euros(4*1999+1000+490), snapshot.Totals.Total)
	assert.Equal(t, snapshot.ShippingAddress, snapshot.BillingAddress)
	assert.Equal(t, "ring twice", snapshot.Note)
	assert.Equal(t, map[string]string{"a": "b"}, snapshot.Metadata)

	var carts int
	require.NoError(t, s.db.Admin().Get(t.Context(), &carts, `SELECT count(*) FROM cart.carts`))
	assert.Zero(t, carts)
}

func TestAQuoteTakesTheOptionThatIsNamed(t *testing.T) {
	s := newShop(t)
	req := s.quote()
	req.ShippingOptionID = s.options[0].ID

	snapshot, err := s.module.Service().Quote(t.Context(), req)

	require.NoError(t, err)
	assert.Equal(t, "express", snapshot.Shipping.Code)
}

func TestAQuoteIsRefusedAtThePlaceThatIsWrong(t *testing.T) {
	s := newShop(t)
	s.sells("GONE", 100)
	s.set(func(o *owners) {
		gone := o.variants["GONE"]
		gone.Active = false
		o.variants["GONE"] = gone
	})
	tests := []struct {
		name     string
		spoil    func(*cart.QuoteRequest)
		want     error
		pointers []string
	}{
		{"no lines", func(r *cart.QuoteRequest) { r.Lines = nil }, cart.ErrEmpty, nil},
		{"no e-mail address", func(r *cart.QuoteRequest) { r.Email = " " }, cart.ErrEmailRequired, []string{"/email"}},
		{"unknown variants", func(r *cart.QuoteRequest) {
			r.Lines = append(r.Lines, cart.QuoteLine{SKU: "NO", Quantity: 1}, cart.QuoteLine{VariantID: ids.New(), Quantity: 1}, cart.QuoteLine{Quantity: 1})
		}, cart.ErrUnknownVariant, []string{"/lines/1/sku", "/lines/2/variant_id", "/lines/3/sku"}},
		{"an unavailable variant", func(r *cart.QuoteRequest) { r.Lines = append(r.Lines, cart.QuoteLine{SKU: "GONE", Quantity: 1}) },
			cart.ErrVariantUnavailable, []string{"/lines/1"}},
		{"a quantity of 0", func(r *cart.QuoteRequest) { r.Lines[0].Quantity = 0 }, cart.ErrQuantityOutOfRange, []string{"/lines/0/quantity"}},
		{"too many lines", func(r *cart.QuoteRequest) {
			r.Lines = make([]cart.QuoteLine, cart.MaxLines+1)
			for i := range r.Lines {
				r.Lines[i] = cart.QuoteLine{SKU: "MUG", Quantity: 1}
			}
		}, cart.ErrTooManyLines, []string{fmt.Sprintf("/lines/%d", cart.MaxLines)}},
		{"half an address", func(r *cart.QuoteRequest) { r.ShippingAddress.City = "" }, cart.ErrAddressIncomplete, []string{"/shipping_address/city"}},
		{"a country it does not sell to", func(r *cart.QuoteRequest) { r.ShippingAddress.Country = "US" }, channels.ErrUnsupportedCountry, []string{"/shipping_address/country"}},
		{"an option that does not serve the address", func(r *cart.QuoteRequest) { r.ShippingAddress.Country, r.ShippingOptionID = "FR", s.options[0].ID },
			cart.ErrShippingOptionRequired, []string{"/shipping_option_id"}},
		{"an amount out of range", func(r *cart.QuoteRequest) {
			s.sells("YACHT", 9_000_000_000_000_000)
			r.Lines[0] = cart.QuoteLine{SKU: "YACHT", Quantity: 1_000_000}
		}, money.ErrOverflow, nil},
		{"another channel", func(r *cart.QuoteRequest) { r.Channel.Code = "nowhere" }, channels.ErrUnknownChannel, nil},
		{"another currency", func(r *cart.QuoteRequest) { r.Channel.Currency = "JPY" }, channels.ErrUnsupportedCurrency, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := s.quote()
			tt.spoil(&req)

			_, err := s.module.Service().Quote(t.Context(), req)

			require.ErrorIs(t, err, tt.want)
			assert.Equal(t, tt.pointers, pointers(t, err))
		})
	}
}

func TestAQuoteWithoutAnyOptionIsRefused(t *testing.T) {
	s := newShop(t)
	s.set(func(o *owners) { o.options = nil })

	_, err := s.module.Service().Quote(t.Context(), s.quote())

	assert.ErrorIs(t, err, cart.ErrShippingOptionRequired)
}

func (s *shop) quote() cart.QuoteRequest {
	return cart.QuoteRequest{Lines: []cart.QuoteLine{{SKU: "TEE-M", Quantity: 1}}, Email: "ada@example.com",
		ShippingAddress: &cart.Address{FirstName: "Ada", LastName: "Byron", Line1: "Lindenweg 4", City: "Jena", PostalCode: "07743", Country: "DE"}}
}
