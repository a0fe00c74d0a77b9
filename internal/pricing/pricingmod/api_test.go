package pricingmod_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

func TestEveryOperationNeedsItsScope(t *testing.T) {
	contracttest.CheckScopes(t, open(t).module.Mount, "pricing")
}

func TestAPriceOverHTTP(t *testing.T) {
	s := open(t)
	variant, channel := ids.Encode("var", ids.New()), ids.Encode("chan", ids.New())

	created := s.create(fmt.Sprintf(`{"variant_id": %q, "channel_id": %q, "country": "DE",
		"amount": {"amount": 1999, "currency": "EUR"}, "compare_at": {"amount": 2499, "currency": "EUR"}}`, variant, channel))

	id, createdAt := created.Text("id"), created.Text("created_at")
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "variant_id": %q, "channel_id": %q, "country": "DE", "created_at": %q,
		"amount": {"amount": 1999, "currency": "EUR"}, "compare_at": {"amount": 2499, "currency": "EUR"}}`,
		id, variant, channel, createdAt), created.Body)
	at, err := time.Parse(time.RFC3339Nano, createdAt)
	require.NoError(t, err)
	assert.Equal(t, time.UTC, at.Location())
	assert.Equal(t, path+"/"+id, created.Header.Get("Location"))
	assert.Equal(t, created.Body, s.Send(http.MethodGet, path+"/"+id, "").Is(http.StatusOK).Body)
}

func TestWhatDoesNotMatterForAPriceIsLeftOut(t *testing.T) {
	s := open(t)
	variant := ids.Encode("var", ids.New())

	created := s.create(fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": 0, "currency": "JPY"}}`, variant))

	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "variant_id": %q, "created_at": %q, "amount": {"amount": 0, "currency": "JPY"}}`,
		created.Text("id"), variant, created.Text("created_at")), created.Body)
}

func TestSettingAPriceAgainAnswersTheSameOne(t *testing.T) {
	s := open(t)
	variant := ids.New()
	body := fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": 500, "currency": "EUR"}}`, ids.Encode("var", variant))

	assert.Equal(t, s.create(body).Body, s.create(body).Body)
	assert.Equal(t, 1, s.events(variant))
}

func TestAReplacedOrRemovedPriceIsNotFound(t *testing.T) {
	s := open(t)
	variant := ids.New()
	body := `{"variant_id": %q, "amount": {"amount": %d, "currency": "EUR"}}`
	first := s.create(fmt.Sprintf(body, ids.Encode("var", variant), 1)).Header.Get("Location")
	second := s.create(fmt.Sprintf(body, ids.Encode("var", variant), 2)).Header.Get("Location")

	s.Send(http.MethodGet, first, "").Refused(http.StatusNotFound, "not_found")
	s.Send(http.MethodDelete, first, "").Refused(http.StatusNotFound, "not_found")
	s.Send(http.MethodDelete, second, "").Is(http.StatusNoContent)
	s.Send(http.MethodDelete, second, "").Refused(http.StatusNotFound, "not_found")
	s.Send(http.MethodGet, second, "").Refused(http.StatusNotFound, "not_found")

	assert.Empty(t, s.prices(pricing.PricesRequest{VariantIDs: []string{variant}, Currency: "EUR"}))
	history := s.history(variant)
	require.Len(t, history, 2)
	assert.NotNil(t, history[1].SupersededAt)
	assert.Equal(t, 3, s.events(variant))
}

func TestAnIDOfTheWrongFormIsNotFound(t *testing.T) {
	s := open(t)
	for _, id := range []string{"1", "price_", "PRICE_06f2k9v3t8xj4m7qp1c5zr0y18", ids.New(),
		ids.Encode("var", ids.New()), ids.Encode(pricing.PricePrefix, ids.New())} {
		s.Send(http.MethodGet, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
		s.Send(http.MethodDelete, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
	}
}

func TestImpossiblePricesAreRefusedWithTheirPlace(t *testing.T) {
	s := open(t)
	variant := ids.Encode("var", ids.New())
	euro := `"amount": {"amount": 100, "currency": "EUR"}`
	cases := []struct {
		name, fields string
		status       int
		code         string
		pointer      string
	}{
		{"a price below zero", `"amount": {"amount": -1, "currency": "EUR"}`, 422, "validation_failed", "/amount/amount"},
		{"a fraction", `"amount": {"amount": 1.5, "currency": "EUR"}`, 400, "invalid_type", "/amount/amount"},
		{"beyond 64 bits", `"amount": {"amount": 9223372036854775808, "currency": "EUR"}`, 400, "invalid_type", "/amount/amount"},
		{"a currency that is none", `"amount": {"amount": 1, "currency": "XXX"}`, 422, "unsupported_currency", ""},
		{"compare-at equal to the price", euro + `, "compare_at": {"amount": 100, "currency": "EUR"}`, 422, "validation_failed", "/compare_at"},
		{"compare-at below the price", euro + `, "compare_at": {"amount": 99, "currency": "EUR"}`, 422, "validation_failed", "/compare_at"},
		{"compare-at of zero", euro + `, "compare_at": {"amount": 0, "currency": "EUR"}`, 422, "validation_failed", "/compare_at"},
		{"compare-at in another currency", euro + `, "compare_at": {"amount": 900, "currency": "USD"}`, 422, "currency_mismatch", "/compare_at"},
		{"a country that is none", euro + `, "country": "ZZ"`, 422, "unsupported_country", "/country"},
		{"a channel that is none", euro + `, "channel_id": "web"`, 422, "unknown_channel", "/channel_id"},
		{"an unknown field", euro + `, "id": "price_1"`, 400, "unknown_field", "/id"},
		{"null where it means nothing", euro + `, "country": null`, 400, "invalid_type", "/country"},
		{"no amount", `"country": "DE"`, 422, "validation_failed", "/amount"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			refused := s.Send(http.MethodPost, path, fmt.Sprintf(`{"variant_id": %q, %s}`, variant, c.fields))

			pointers := refused.Refused(c.status, c.code)
			if c.pointer != "" {
				assert.Contains(t, pointers, c.pointer)
			}
		})
	}
	pointers := s.Send(http.MethodPost, path, `{"variant_id": "MUG", `+euro+`}`).Refused(http.StatusUnprocessableEntity, "unknown_variant")
	assert.Equal(t, []string{"/variant_id"}, pointers)
	assert.Empty(t, s.Send(http.MethodGet, path, "").Is(http.StatusOK).Column("id"))
}

func TestPricesInPagesNewestFirst(t *testing.T) {
	s := open(t)
	variant := ids.Encode("var", ids.New())
	var made []string
	for i, country := range []string{"DE", "AT", "FR", "IT", "ES"} {
		body := fmt.Sprintf(`{"variant_id": %q, "country": %q, "amount": {"amount": %d, "currency": "EUR"}}`, variant, country, i)
		made = append([]string{s.create(body).Text("id")}, made...)
	}
	s.create(fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": 1, "currency": "USD"}}`, variant))
	s.create(fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": 1, "currency": "EUR"}}`, ids.Encode("var", ids.New())))

	var seen []string
	for _, page := range s.Pages(path + "?limit=2&total=true&currency=EUR&variant_id=" + variant) {
		assert.LessOrEqual(t, len(page.Column("id")), 2)
		assert.Contains(t, page.Body, `"total":5`)
		seen = append(seen, page.Column("id")...)
	}

	assert.Equal(t, made, seen)
	assert.Len(t, s.Send(http.MethodGet, path, "").Is(http.StatusOK).Column("id"), 7)
	assert.Len(t, s.Send(http.MethodGet, path+"?currency=USD", "").Is(http.StatusOK).Column("id"), 1)
}

func TestPagesNeitherSkipNorRepeatWhenPricesAreAdded(t *testing.T) {
	s := open(t)
	made := map[string]bool{}
	add := func() string {
		body := fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": 1, "currency": "EUR"}}`, ids.Encode("var", ids.New()))
		return s.create(body).Text("id")
	}
	for range 5 {
		made[add()] = true
	}

	next := path + "?limit=2"
	seen := map[string]bool{}
	for next != "" {
		page := s.Send(http.MethodGet, next, "").Is(http.StatusOK)
		for _, id := range page.Column("id") {
			assert.False(t, seen[id], "repeated")
			seen[id] = true
		}
		add()
		next = page.Next()
	}

	assert.Equal(t, made, seen)
}

func TestAListOfAVariantThatIsNoneIsEmpty(t *testing.T) {
	s := open(t)

	page := s.Send(http.MethodGet, path+"?variant_id=MUG&total=true", "").Is(http.StatusOK)

	assert.JSONEq(t, `{"data": [], "page": {"has_more": false, "total": 0}}`, page.Body)
}

func TestListsRefuseWhatTheyCannotRead(t *testing.T) {
	s := open(t)
	for range 2 {
		s.create(fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": 1, "currency": "EUR"}}`, ids.Encode("var", ids.New())))
	}
	var list struct {
		Page struct {
			NextCursor string `json:"next_cursor"`
		}
	}
	s.Send(http.MethodGet, path+"?limit=1", "").Is(http.StatusOK).Into(&list)

	s.Send(http.MethodGet, path+"?cursor="+list.Page.NextCursor+"&currency=EUR", "").Refused(http.StatusBadRequest, "invalid_cursor")
	s.Send(http.MethodGet, path+"?cursor=forged", "").Refused(http.StatusBadRequest, "invalid_cursor")
	for _, query := range []string{"limit=0", "limit=101", "limit=abc", "limit=-1", "currency=eur", "total=yes"} {
		s.Send(http.MethodGet, path+"?"+query, "").Refused(http.StatusBadRequest, "invalid_parameter")
	}
	s.Send(http.MethodGet, path+"?offset=1", "").Refused(http.StatusBadRequest, "unknown_parameter")
	s.Send(http.MethodGet, path+"?limit=1&limit=2", "").Refused(http.StatusBadRequest, "duplicate_parameter")
}
