package fulfillmenttest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func offering() []story {
	return []story{
		{"an option has its price in the currency asked for", anOptionHasItsPriceInTheCurrency},
		{"only options that serve the country in the currency are offered", onlyOptionsThatServeAreOffered},
		{"an option without countries serves every one", anOptionWithoutCountriesServesEveryOne},
		{"an option without prices is free in every currency", anOptionWithoutPricesIsFree},
		{"only active options are offered", onlyActiveOptionsAreOffered},
		{"the cheapest option comes first, then by position", theCheapestComesFirst},
		{"an option that does not serve is unavailable", anOptionThatDoesNotServe},
	}
}

func anOptionHasItsPriceInTheCurrency(s shop) {
	id := s.save(parcel())
	want := fulfillment.Option{ID: id, Code: "parcel", Name: "Parcel", MinDays: 2, MaxDays: 4, TaxClass: "shipping"}

	for _, price := range []money.Money{eur(490), jpy(700)} {
		want.Price = price

		assert.Equal(s, []fulfillment.Option{want}, s.options("DE", price.Currency()))
		option, err := s.option(id, "AT", price.Currency())
		require.NoError(s, err)
		assert.Equal(s, want, option)
	}
	assert.True(s, ids.Valid(id))
}

func onlyOptionsThatServeAreOffered(s shop) {
	s.save(parcel())

	for _, place := range [][2]string{{"FR", "EUR"}, {"DE", "USD"}, {"", "EUR"}, {"DE", ""}, {"de", "EUR"}, {"DE", "eur"},
		{"DE", "nonsense"}} {
		assert.Empty(s, s.options(place[0], place[1]), place)
	}
}

func anOptionWithoutCountriesServesEveryOne(s shop) {
	s.save(parcel())
	s.save(everywhere("world", 900, 0))

	assert.Equal(s, []string{"parcel", "world"}, s.codes("DE", "EUR"))
	assert.Equal(s, []string{"world"}, s.codes("JP", "EUR"))
	assert.Equal(s, []string{"world"}, s.codes("", "EUR"), "it is not said yet where to")
}

func anOptionWithoutPricesIsFree(s shop) {
	id := s.save(fulfillment.SaveOptionRequest{Code: "free", Name: "Free", Active: true})

	for _, currency := range []string{"EUR", "JPY", "KWD"} {
		option, err := s.option(id, "DE", currency)

		require.NoError(s, err)
		assert.Equal(s, money.Zero(currency), option.Price)
		assert.Zero(s, option.MinDays+option.MaxDays, "nothing is promised")
		assert.NotEmpty(s, option.TaxClass)
	}
	assert.Empty(s, s.options("DE", "nonsense"))
}

func onlyActiveOptionsAreOffered(s shop) {
	req := parcel()
	id := s.save(req)
	req.Active = false
	s.save(req)

	assert.Empty(s, s.options("DE", "EUR"))
	_, err := s.option(id, "DE", "EUR")
	assert.ErrorIs(s, err, fulfillment.ErrOptionUnavailable)

	req.Active = true
	s.save(req)

	assert.Equal(s, []string{"parcel"}, s.codes("DE", "EUR"))
}

func theCheapestComesFirst(s shop) {
	s.save(everywhere("late", 500, 9))
	s.save(everywhere("dear", 900, 0))
	s.save(everywhere("early", 500, 1))
	s.save(everywhere("cheap", 100, 5))
	s.save(fulfillment.SaveOptionRequest{Code: "free", Name: "Free", Position: 7, Active: true})

	assert.Equal(s, []string{"free", "cheap", "early", "late", "dear"}, s.codes("DE", "EUR"))
}

func anOptionThatDoesNotServe(s shop) {
	id := s.save(parcel())
	s.save(everywhere("world", 900, 0))

	for _, req := range []fulfillment.OptionRequest{
		{ID: id, Country: "FR", Currency: "EUR"}, {ID: id, Country: "DE", Currency: "USD"}, {ID: id, Currency: "EUR"}, {ID: id},
		{ID: ids.New(), Country: "DE", Currency: "EUR"}, {ID: "nonsense", Country: "DE", Currency: "EUR"},
		{ID: "parcel", Country: "DE", Currency: "EUR"}, {Country: "DE", Currency: "EUR"},
	} {
		_, err := s.Option(s.Context(), req)

		assert.ErrorIs(s, err, fulfillment.ErrOptionUnavailable, "%+v", req)
	}
}

func saving() []story {
	return []story{
		{"saving an option again makes it equal to the request", savingAgainMakesItEqual},
		{"impossible options are refused, and leave all as it was", impossibleOptionsAreRefused},
	}
}

func savingAgainMakesItEqual(s shop) {
	first := s.save(parcel())
	changed := fulfillment.SaveOptionRequest{Code: "parcel", Name: "Slow", Countries: []string{"FR"}, Prices: []money.Money{eur(290)},
		MaxDays: 9, TaxClass: "reduced", Active: true}

	assert.Equal(s, first, s.save(changed))
	assert.Equal(s, first, s.save(changed))

	assert.Equal(s, []fulfillment.Option{{ID: first, Code: "parcel", Name: "Slow", Price: eur(290), MaxDays: 9, TaxClass: "reduced"}},
		s.options("FR", "EUR"))
	assert.Empty(s, s.options("DE", "EUR"))
	assert.Empty(s, s.options("FR", "JPY"))
}

// request is what a table of them changes.
type request = fulfillment.SaveOptionRequest

func impossibleOptionsAreRefused(s shop) {
	s.save(parcel())
	before := s.options("DE", "EUR")
	for name, c := range map[string]struct {
		spoil func(*request)
		want  error
	}{
		"no code":                    {func(r *request) { r.Code = "" }, fulfillment.ErrInvalidOption},
		"no name":                    {func(r *request) { r.Name = "" }, fulfillment.ErrInvalidOption},
		"a price below nothing":      {func(r *request) { r.Prices = []money.Money{eur(-1)} }, fulfillment.ErrInvalidOption},
		"two prices in one currency": {func(r *request) { r.Prices = []money.Money{eur(1), eur(2)} }, fulfillment.ErrInvalidOption},
		"days below nothing":         {func(r *request) { r.MinDays, r.MaxDays = -1, 0 }, fulfillment.ErrInvalidOption},
		"at most before at least":    {func(r *request) { r.MinDays, r.MaxDays = 3, 2 }, fulfillment.ErrInvalidOption},
		"a place below the first":    {func(r *request) { r.Position = -1 }, fulfillment.ErrInvalidOption},
		"a country that is none":     {func(r *request) { r.Countries = []string{"DE", "ZZ"} }, fulfillment.ErrUnsupportedCountry},
		"a country in lower case":    {func(r *request) { r.Countries = []string{"de"} }, fulfillment.ErrUnsupportedCountry},
	} {
		s.Run(name, func(t *testing.T) {
			req := parcel()
			req.Name = "Spoiled"
			c.spoil(&req)

			_, err := s.SaveOption(t.Context(), req)

			assert.ErrorIs(t, err, c.want)
		})
	}
	unset := parcel()
	unset.Prices = append(unset.Prices, money.Money{})
	_, err := s.SaveOption(s.Context(), unset)
	assert.Error(s, err, "an amount that somebody forgot to set does not even travel")

	assert.Equal(s, before, s.options("DE", "EUR"))
}
