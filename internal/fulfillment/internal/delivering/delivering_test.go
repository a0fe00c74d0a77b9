package delivering_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/delivering"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// shelf is a store of options to read. It keeps the last one it is given.
type shelf struct {
	delivering.Store
	options []delivering.Option
	saved   delivering.Option
}

func (s *shelf) ActiveOptions(context.Context) ([]delivering.Option, error) { return s.options, nil }

func (s *shelf) FindOption(context.Context, string) (delivering.Option, error) {
	return s.options[0], nil
}

func (s *shelf) UpsertOption(_ context.Context, o delivering.Option) (delivering.Option, error) {
	s.saved = o
	return o, nil
}

func euros(minor int64) money.Money { return money.MustNew(minor, "EUR") }

func world() *shelf {
	yen := money.MustNew(0, "JPY")
	two, four := int64(2), int64(4)
	return &shelf{options: []delivering.Option{
		{ID: "express", Countries: []string{"DE"}, Prices: []money.Money{euros(990), yen}},
		{ID: "standard", Countries: []string{"DE", "AT"}, Prices: []money.Money{euros(490)}, MinDays: &two, MaxDays: &four, Position: 1},
		{ID: "pickup", Countries: []string{"DE"}, Prices: []money.Money{euros(490)}, Position: 2},
		{ID: "world", Prices: []money.Money{euros(2990)}, Position: 3},
		{ID: "free", Countries: []string{"CH"}, Position: 4},
	}}
}

func TestTheOptionsThatServeAPlaceCheapestFirst(t *testing.T) {
	cases := []struct {
		name, country, currency string
		want                    []string
		cheapest                money.Money
	}{
		{"equal prices go by position", "DE", "EUR", []string{"standard", "pickup", "express", "world"}, euros(490)},
		{"another country", "AT", "EUR", []string{"standard", "world"}, euros(490)},
		{"a country that only what serves every country serves", "US", "EUR", []string{"world"}, euros(2990)},
		{"no country", "", "EUR", []string{"world"}, euros(2990)},
		{"an option of another currency is not offered", "DE", "JPY", []string{"express"}, money.MustNew(0, "JPY")},
		{"without a price an option is free in every currency", "CH", "CHF", []string{"free"}, money.MustNew(0, "CHF")},
		{"nothing", "AT", "USD", nil, money.Money{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answer, err := delivering.New(world()).Options(t.Context(), fulfillment.OptionsRequest{Country: c.country, Currency: c.currency})

			require.NoError(t, err)
			require.NotNil(t, answer.Options)
			var offered []string
			for _, o := range answer.Options {
				offered = append(offered, o.ID)
			}
			assert.Equal(t, c.want, offered)
			if len(answer.Options) > 0 {
				assert.Equal(t, c.cheapest, answer.Options[0].Price)
			}
		})
	}
}

func TestAnOptionIsAnsweredWhereItServes(t *testing.T) {
	service := delivering.New(world())

	found, err := service.Option(t.Context(), fulfillment.OptionRequest{ID: "standard", Country: "AT", Currency: "EUR"})

	require.NoError(t, err)
	assert.Equal(t, fulfillment.Option{ID: "standard", Price: euros(490), MinDays: 2, MaxDays: 4}, found)
	for _, req := range []fulfillment.OptionRequest{
		{ID: "standard", Country: "US", Currency: "EUR"}, {ID: "standard", Country: "AT", Currency: "USD"}, {ID: "gone", Country: "AT", Currency: "EUR"}, {},
	} {
		_, err := service.Option(t.Context(), req)

		assert.ErrorIs(t, err, fulfillment.ErrOptionUnavailable)
	}
}

func TestInconsistentOptionsAreRefused(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*fulfillment.SaveOptionRequest)
		want    error
		pointer string
	}{
		{"no code", func(r *fulfillment.SaveOptionRequest) { r.Code = "" }, fulfillment.ErrInvalidOption, "/code"},
		{"no name", func(r *fulfillment.SaveOptionRequest) { r.Name = "" }, fulfillment.ErrInvalidOption, "/name"},
		{"a country that is none", func(r *fulfillment.SaveOptionRequest) { r.Countries = []string{"DE", "ZZ"} }, fulfillment.ErrUnsupportedCountry, "/countries/1"},
		{"a price below zero", func(r *fulfillment.SaveOptionRequest) { r.Prices = []money.Money{euros(-1)} }, fulfillment.ErrInvalidOption, "/prices/0"},
		{"two prices of one currency", func(r *fulfillment.SaveOptionRequest) { r.Prices = []money.Money{euros(1), euros(1)} },
			fulfillment.ErrInvalidOption, "/prices/1"},
		{"days in the wrong order", func(r *fulfillment.SaveOptionRequest) { r.MinDays, r.MaxDays = 3, 2 }, fulfillment.ErrInvalidOption, "/max_days"},
		{"days below zero", func(r *fulfillment.SaveOptionRequest) { r.MinDays = -1 }, fulfillment.ErrInvalidOption, "/min_days"},
		{"an end below zero", func(r *fulfillment.SaveOptionRequest) { r.MaxDays = -1 }, fulfillment.ErrInvalidOption, "/max_days"},
		{"a position below zero", func(r *fulfillment.SaveOptionRequest) { r.Position = -1 }, fulfillment.ErrInvalidOption, "/position"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := fulfillment.SaveOptionRequest{Code: "standard", Name: "Standard", Countries: []string{"DE"}}
			c.change(&req)

			_, err := delivering.New(&shelf{}).SaveOption(t.Context(), req)

			require.ErrorIs(t, err, c.want)
			assert.Equal(t, c.pointer, pointerOf(err))
		})
	}
}

func TestZeroDaysPromiseNothing(t *testing.T) {
	store := &shelf{}

	_, err := delivering.New(store).SaveOption(t.Context(), fulfillment.SaveOptionRequest{Code: "standard", Name: "Standard", MaxDays: 3})

	require.NoError(t, err)
	assert.Nil(t, store.saved.MinDays)
	assert.Equal(t, int64(3), *store.saved.MaxDays)
	assert.Equal(t, "standard", store.saved.TaxClass)
}

// What was read may be older than what is stored by now: then the store alone would take the change of an older option
// for one of the newer.
func TestAChangeOfAnotherVersionThanTheOneReadIsNotMade(t *testing.T) {
	store := &shelf{options: []delivering.Option{{ID: "a", Code: "a", Name: "A", Version: 1}}}

	_, err := delivering.New(store).Change(t.Context(), "a", 2, func(o *delivering.Option) { o.Name = "" })

	require.ErrorIs(t, err, fulfillment.ErrVersionMismatch)
}

// pointerOf answers the first place that a fault names, or "".
func pointerOf(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Pointer
}
