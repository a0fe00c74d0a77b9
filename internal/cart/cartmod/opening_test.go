package cartmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnOpenedCartShowsItsTokenOnce(t *testing.T) {
	s := newShop(t)

	answer := s.do(http.MethodPost, "/store/v1/carts", `{}`)

	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	var created cartJSON
	answer.into(t, &created)
	assert.Equal(t, `"1"`, answer.header.Get("ETag"))
	assert.Equal(t, "no-store", answer.header.Get("Cache-Control"))
	assert.Equal(t, "/store/v1/carts/"+created.ID, answer.header.Get("Location"))
	assert.Len(t, created.Token, 43)
	assert.Equal(t, "open", created.Status)
	assert.Equal(t, "web", created.Channel)
	assert.Equal(t, "EUR", created.Currency)
	assert.Equal(t, "https://shop.example/checkout/"+created.ID, created.CheckoutURL)
	livesThirtyDays(t, created.ExpiresAt)
	assert.Equal(t, euros(0), created.Totals.Total)
	assert.Empty(t, created.Messages)

	b := &basket{shop: s, token: created.Token, cartJSON: created}
	b.must(http.MethodGet, "", "")
	assert.Empty(t, b.Token)
	assert.Equal(t, created.CheckoutURL, b.CheckoutURL)
}

func TestACartIsOpenedWhereTheRequestSaysSo(t *testing.T) {
	s := newShop(t)
	usd := s.do(http.MethodPost, "/store/v1/carts?currency=USD&country=FR&key=pk_web", `{"currency": "USD", "locale": "de"}`)
	require.Equal(t, http.StatusCreated, usd.status, usd.body)
	var created cartJSON
	usd.into(t, &created)
	assert.Equal(t, "USD", created.Currency)
	assert.Equal(t, "de", created.Locale)
	assert.Equal(t, "FR", created.Country)

	tests := []struct {
		name, query, body string
		status            int
		code              string
	}{
		{"an unknown channel", "?channel=nowhere", `{}`, 422, "unknown_channel"},
		{"an unknown key", "?key=pk_other", `{}`, 422, "unknown_channel"},
		{"a currency it does not sell in", "", `{"currency": "JPY"}`, 422, "unsupported_currency"},
		{"a country it does not sell to", "?country=US", `{}`, 422, "unsupported_country"},
		{"a currency that contradicts the query", "?currency=EUR", `{"currency": "USD"}`, 400, "invalid_parameter"},
		{"a locale that contradicts the query", "?locale=en", `{"locale": "de"}`, 400, "invalid_parameter"},
		{"a price of its own", "", `{"lines": [{"sku": "TEE-M", "quantity": 1, "unit_price": {"amount": 1, "currency": "EUR"}}]}`, 400, "unknown_field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.do(http.MethodPost, "/store/v1/carts"+tt.query, tt.body).refuses(t, tt.status, tt.code)
		})
	}
}

func TestACartIsOpenedWithLinesOrNotAtAll(t *testing.T) {
	s := newShop(t)

	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 2}, {"variant_id": "` + s.publicID("MUG") + `", "quantity": 1}, {"sku": "TEE-M", "quantity": 1}]}`)

	require.Len(t, b.Lines, 2)
	assert.Equal(t, int64(3), b.Lines[0].Quantity)
	assert.Equal(t, "Plain TEE-M, Red", b.Lines[0].Title)
	assert.Equal(t, "Plain MUG", b.Lines[1].Title)
	assert.Equal(t, euros(6997), b.Totals.Total)
	assert.False(t, b.TotalsFinal)
	assert.Equal(t, 1, b.Version)

	var before, after int
	require.NoError(t, s.db.Admin().Get(t.Context(), &before, `SELECT count(*) FROM cart.carts`))
	answer := s.do(http.MethodPost, "/store/v1/carts", `{"lines": [{"sku": "TEE-M", "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}]}`)
	assert.Equal(t, []string{"/lines/1/sku"}, answer.refuses(t, 422, "unknown_variant"))
	require.NoError(t, s.db.Admin().Get(t.Context(), &after, `SELECT count(*) FROM cart.carts`))
	assert.Equal(t, before, after)
}
