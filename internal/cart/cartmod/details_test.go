package cartmod_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestDetailsAreSetKeptAndCleared(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)

	b.must(http.MethodPatch, "", `{"email": "ada@example.com", "note": "ring twice", "metadata": {"a": "b"}, "billing_address": {"company": "Byron"}, "shipping_address": {"city": "Jena"}}`)
	b.must(http.MethodPatch, "", `{"shipping_address": {"country": "DE", "region": "TH"}}`)
	b.must(http.MethodGet, "", "")

	assert.Equal(t, "ada@example.com", b.Email)
	assert.Equal(t, "ring twice", b.Note)
	assert.Equal(t, map[string]string{"a": "b"}, b.Metadata)
	assert.Equal(t, cart.Address{Country: "DE", Region: "TH"}, b.ShippingAddress, "an address is replaced as a whole")
	assert.Equal(t, cart.Address{Company: "Byron"}, b.BillingAddress)
	assert.Equal(t, 3, b.Version)

	answer := b.do(http.MethodPatch, "", `{"email": null, "note": null, "metadata": null, "billing_address": null, "shipping_address": null}`)
	require.Equal(t, http.StatusOK, answer.status)
	for _, name := range []string{`"email"`, `"note"`, `"billing_address"`, `"shipping_address":`} {
		assert.NotContains(t, answer.body, name)
	}
	assert.Empty(t, b.Metadata)
	assert.Equal(t, `"4"`, answer.header.Get("ETag"))
}

func TestAnAddressDecidesTaxAndShippingWithin(t *testing.T) {
	s := newShop(t)
	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 2}]}`)
	assert.Equal(t, euros(0), b.Totals.Tax)
	require.Len(t, b.Messages, 1)
	assert.Equal(t, "info", b.Messages[0].Type)
	assert.Equal(t, "/shipping_address", b.Messages[0].Path)

	b.must(http.MethodPatch, "", `{"shipping_address": `+address+`}`)
	assert.Equal(t, euros(638), b.Totals.Tax)
	assert.Equal(t, euros(3998), b.Totals.Total)
	assert.False(t, b.TotalsFinal, "shipping is not chosen")

	b.must(http.MethodPatch, "", `{"shipping_option_id": "`+s.optionID("standard")+`"}`)
	assert.Equal(t, euros(490), b.Totals.Shipping)
	assert.Equal(t, euros(638+78), b.Totals.Tax)
	assert.Equal(t, euros(4488), b.Totals.Total)
	assert.True(t, b.TotalsFinal)
	assert.True(t, b.TaxIncluded)
	assert.Empty(t, b.Messages)
	assert.Equal(t, "standard", b.ShippingOption["code"])
	assert.EqualValues(t, 2, b.ShippingOption["min_days"])
	require.Len(t, b.Lines[0].TaxLines, 1)
	assert.Equal(t, "19", b.Lines[0].TaxLines[0].Rate)
}

func TestTaxIsPutOnTopWhereTheChannelSaysSo(t *testing.T) {
	s := newShop(t)
	s.set(func(o *owners) { o.channel.TaxIncluded = false })

	b := s.open(`{"lines": [{"sku": "MUG", "quantity": 3}]}`).
		must(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}, "shipping_option_id": "`+s.optionID("standard")+`"}`)

	assert.False(t, b.TaxIncluded)
	assert.Equal(t, euros(3000), b.Lines[0].Subtotal)
	assert.Equal(t, euros(3570), b.Lines[0].Total)
	assert.Equal(t, cart.Totals{Subtotal: euros(3000), Discount: euros(0), Shipping: euros(490), Tax: euros(570 + 93), Total: euros(4153)}, b.Totals)
}

func TestWhatIsNotTaxableIsExempt(t *testing.T) {
	s := newShop(t)
	s.sells("GIFT", 1000)
	s.set(func(o *owners) {
		v := o.variants["GIFT"]
		v.Taxable = false
		o.variants["GIFT"] = v
	})

	b := s.open(`{"lines": [{"sku": "GIFT", "quantity": 1}, {"sku": "MUG", "quantity": 1}]}`).
		must(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}}`)

	assert.Empty(t, b.Lines[0].TaxLines)
	assert.Equal(t, euros(160), b.Totals.Tax)
}

func TestTheShoppersCountryEstimatesTheTax(t *testing.T) {
	s := newShop(t)
	answer := s.do(http.MethodPost, "/store/v1/carts?country=FR", `{"lines": [{"sku": "MUG", "quantity": 1}]}`)
	b := &basket{shop: s}
	answer.into(t, &b.cartJSON)
	b.token = b.Token

	assert.Equal(t, euros(167), b.Totals.Tax)
	assert.False(t, b.TotalsFinal)

	b.must(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}}`)
	assert.Equal(t, euros(160), b.Totals.Tax)
}

func TestAPriceOfTheCountryWins(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	s.set(func(o *owners) {
		id := o.variants["TEE-M"].VariantID
		price := o.prices[id+"EUR"]
		price.Amount = euros(1500)
		o.prices[id+"EURFR"] = price
	})

	b.must(http.MethodPatch, "", `{"shipping_address": {"country": "FR"}}`)

	assert.Equal(t, euros(1500), b.Totals.Total)
}

func TestNothingThatIsShippedCostsNoShipping(t *testing.T) {
	s := newShop(t)
	s.sells("EBOOK", 1000)
	s.set(func(o *owners) {
		v := o.variants["EBOOK"]
		v.RequiresShipping = false
		o.variants["EBOOK"] = v
	})
	b := s.open(`{"lines": [{"sku": "EBOOK", "quantity": 1}]}`)
	assert.Equal(t, "/billing_address", b.Messages[0].Path)

	b.must(http.MethodPatch, "", `{"billing_address": {"country": "DE"}, "shipping_option_id": "`+s.optionID("world")+`"}`)

	assert.Equal(t, euros(0), b.Totals.Shipping)
	assert.Equal(t, euros(1000), b.Totals.Total)
	assert.Equal(t, euros(160), b.Totals.Tax)
	assert.True(t, b.TotalsFinal)

	b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)
	assert.Equal(t, euros(2990), b.Totals.Shipping)
	assert.False(t, b.TotalsFinal, "the address it is billed to is not the one it is sent to")
}

func TestAnOptionThatNoLongerServesTheAddressIsCleared(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee).must(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}, "shipping_option_id": "`+s.optionID("express")+`"}`)
	assert.Equal(t, euros(2989), b.Totals.Total)

	b.must(http.MethodPatch, "", `{"shipping_address": {"country": "FR"}}`)

	assert.Nil(t, b.ShippingOption)
	assert.Equal(t, euros(1999), b.Totals.Total)
	require.Len(t, b.Messages, 1)
	assert.Equal(t, "shipping_option_unavailable", b.Messages[0].Code)
	assert.Equal(t, "warning", b.Messages[0].Type)
	b.must(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}}`)
	assert.Nil(t, b.ShippingOption, "it does not come back by itself")
}

func TestDetailsThatAreImpossibleLeaveTheCartAlone(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	tests := []struct {
		name, body    string
		status        int
		code, pointer string
	}{
		{"a country it does not sell to", `{"shipping_address": {"country": "US"}}`, 422, "unsupported_country", "/shipping_address/country"},
		{"an option that does not serve the address", `{"shipping_address": {"country": "FR"}, "shipping_option_id": "` + s.optionID("express") + `"}`, 422, "shipping_option_unavailable", "/shipping_option_id"},
		{"an option that needs an address", `{"shipping_option_id": "` + s.optionID("express") + `"}`, 422, "shipping_option_unavailable", "/shipping_option_id"},
		{"an option that does not exist", `{"shipping_option_id": "` + ids.Encode(fulfillment.OptionPrefix, ids.New()) + `"}`, 422, "shipping_option_unavailable", "/shipping_option_id"},
		{"an option of another kind", `{"shipping_option_id": "var_x"}`, 422, "shipping_option_unavailable", "/shipping_option_id"},
		{"an e-mail address that is none", `{"email": "ada"}`, 422, "validation_failed", "/email"},
		{"a metadata key that is too long", `{"metadata": {"` + strings.Repeat("é", 65) + `": "x"}}`, 422, "validation_failed", "/metadata"},
		{"a field of the shop's", `{"status": "completed"}`, 400, "unknown_field", "/status"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pointers := b.do(http.MethodPatch, "", tt.body).refuses(t, tt.status, tt.code)

			assert.Equal(t, []string{tt.pointer}, pointers)
			b.must(http.MethodGet, "", "")
			assert.Equal(t, 1, b.Version)
			assert.Nil(t, b.ShippingOption)
		})
	}
}

func TestABilledCountryMayBeAny(t *testing.T) {
	b := newShop(t).open(oneTee).must(http.MethodPatch, "", `{"billing_address": {"country": "US"}}`)

	assert.Equal(t, "US", b.BillingAddress.Country)
}

func TestAmountsOutOfRangeAreRefused(t *testing.T) {
	s := newShop(t)
	s.sells("YACHT", 9_000_000_000_000_000)
	s.sells("ISLAND", 9_000_000_000_000_000_000)
	b := s.open(`{"lines": [{"sku": "YACHT", "quantity": 1000}]}`)
	assert.Equal(t, euros(9_000_000_000_000_000_000), b.Totals.Total)

	b.do(http.MethodPost, "/lines", `{"sku": "YACHT", "quantity": 999000}`).refuses(t, 422, "amount_out_of_range")
	b.do(http.MethodPost, "/lines", `{"sku": "ISLAND", "quantity": 1}`).refuses(t, 422, "amount_out_of_range")
	b.do(http.MethodPatch, "/lines/"+b.Lines[0].ID, `{"quantity": 1000000}`).refuses(t, 422, "amount_out_of_range")
	s.set(func(o *owners) { o.channel.TaxIncluded = false })
	b.do(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}}`).refuses(t, 422, "amount_out_of_range")

	b.must(http.MethodGet, "", "")
	assert.Equal(t, 1, b.Version)
}

func TestShippingOptionsAndPaymentMethodsFollowTheCart(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	var options, methods struct {
		Data []map[string]any
		Page map[string]any
	}
	b.do(http.MethodGet, "/shipping-options", "").into(t, &options)
	assert.Empty(t, options.Data, "no country is known")

	b.must(http.MethodPatch, "", `{"shipping_address": {"country": "DE"}}`)
	b.do(http.MethodGet, "/shipping-options", "").into(t, &options)
	require.Len(t, options.Data, 3)
	assert.Equal(t, "standard", options.Data[0]["code"])
	assert.NotContains(t, options.Data[2], "max_days")

	answer := b.do(http.MethodGet, "/payment-methods", "")
	answer.into(t, &methods)
	require.Len(t, methods.Data, 2)
	assert.Equal(t, map[string]any{"method": "fake", "name": "Test card", "requires_token": true}, methods.Data[1])
	assert.Equal(t, "no-store", answer.header.Get("Cache-Control"))
}
