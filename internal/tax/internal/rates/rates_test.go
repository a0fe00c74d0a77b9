package rates_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/internal/rates"
)

// shelf is a store of rates by country. It keeps the last one it is given.
type shelf struct {
	rates.Store
	byCountry map[string][]rates.Rate
	saved     rates.Rate
}

func (s *shelf) In(_ context.Context, country string) ([]rates.Rate, error) {
	return s.byCountry[country], nil
}

func (s *shelf) Upsert(_ context.Context, rate rates.Rate) (rates.Rate, error) {
	s.saved = rate
	return rate, nil
}

func rate(name, region, class, percent string, shipping bool) rates.Rate {
	parsed, err := money.ParsePercent(percent)
	if err != nil {
		panic(err)
	}
	return rates.Rate{Name: name, Region: region, TaxClass: class, Percent: parsed, AppliesToShipping: shipping}
}

// world is a few real rates; Texas taxes shipping and California does not.
func world() *shelf {
	return &shelf{byCountry: map[string][]rates.Rate{
		"DE": {rate("MwSt", "", "standard", "19", true), rate("MwSt ermäßigt", "", "reduced", "7", true), rate("never", "", "exempt", "50", true)},
		"US": {rate("CA sales tax", "CA", "standard", "7.25", false), rate("TX sales tax", "TX", "standard", "6.25", true)},
		"CA": {rate("QC", "QC", "standard", "14.975", true), rate("GST", "", "standard", "5", true)},
		"JP": {rate("消費税", "", "standard", "10", true), rate("軽減税率", "", "reduced", "8", true)},
		"KW": {rate("VAT", "", "standard", "5", true)},
		"CH": {rate("MWST", "", "standard", "8.1", true)},
		"HK": {rate("none", "", "standard", "0", true)},
	}}
}

func TestGoldenAmounts(t *testing.T) {
	const included, onTop = true, false
	cases := []struct {
		name            string
		country, region string
		included        bool
		minor           int64
		currency, class string
		want            int64
		rate            string
	}{
		{"19 % in 19.99", "DE", "", included, 1999, "EUR", "standard", 319, "19"},
		{"19 % in 119.00", "DE", "", included, 11900, "EUR", "", 1900, "19"},
		{"19 % in 0.01", "DE", "", included, 1, "EUR", "standard", 0, "19"},
		{"7 % in 10.70", "DE", "", included, 1070, "EUR", "reduced", 70, "7"},
		{"7 % in 9.99", "DE", "", included, 999, "EUR", "reduced", 65, "7"},
		{"19 % on 100.00", "DE", "", onTop, 10000, "EUR", "standard", 1900, "19"},
		{"a refund has a negative tax", "DE", "", included, -1999, "EUR", "standard", -319, "19"},
		{"nothing has no tax", "DE", "", included, 0, "EUR", "standard", 0, "19"},
		{"7.25 % on 19.99", "US", "CA", onTop, 1999, "USD", "standard", 145, "7.25"},
		{"6.25 % on 100.00", "US", "TX", onTop, 10000, "USD", "standard", 625, "6.25"},
		{"6.25 % on 0.08 is half a cent: to the even zero", "US", "TX", onTop, 8, "USD", "standard", 0, "6.25"},
		{"6.25 % on 0.24 is one and a half: to the even two", "US", "TX", onTop, 24, "USD", "standard", 2, "6.25"},
		{"a region wins over its country", "CA", "QC", onTop, 10000, "CAD", "standard", 1498, "14.975"},
		{"the country holds in its other regions", "CA", "ON", onTop, 10000, "CAD", "standard", 500, "5"},
		{"a region in lower case and with spaces", "CA", " qc ", onTop, 10000, "CAD", "standard", 1498, "14.975"},
		{"10 % in ¥1100 without decimals", "JP", "", included, 1100, "JPY", "standard", 100, "10"},
		{"10 % in ¥999", "JP", "", included, 999, "JPY", "standard", 91, "10"},
		{"10 % on ¥15 is one and a half: to the even two", "JP", "", onTop, 15, "JPY", "standard", 2, "10"},
		{"10 % on ¥25 is two and a half: to the even two", "JP", "", onTop, 25, "JPY", "standard", 2, "10"},
		{"8 % on ¥1000", "JP", "", onTop, 1000, "JPY", "reduced", 80, "8"},
		{"5 % on 1.000 KWD with three decimals", "KW", "", onTop, 1000, "KWD", "standard", 50, "5"},
		{"5 % on 0.250 KWD is 12.5: to the even 12", "KW", "", onTop, 250, "KWD", "standard", 12, "5"},
		{"5 % in 1.000 KWD", "KW", "", included, 1000, "KWD", "standard", 48, "5"},
		{"8.1 % in 108.10", "CH", "", included, 10810, "CHF", "standard", 810, "8.1"},
		{"0 % is a tax line too", "HK", "", included, 1000, "HKD", "standard", 0, "0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base := tax.TaxBase{Ref: "line", Amount: money.MustNew(c.minor, c.currency), TaxClass: c.class}

			answer, err := rates.New(world()).Calculate(t.Context(), tax.CalculateRequest{
				Country: c.country, Region: c.region, Included: c.included, Lines: []tax.TaxBase{base}})

			require.NoError(t, err)
			require.Len(t, answer.Lines, 1)
			require.Len(t, answer.Lines[0].Taxes, 1)
			assert.Equal(t, money.MustNew(c.want, c.currency), answer.Lines[0].Taxes[0].Amount)
			assert.Equal(t, c.rate, answer.Lines[0].Taxes[0].Rate)
			assert.NotEmpty(t, answer.Lines[0].Taxes[0].Name)
		})
	}
}

func TestWhatHasNoTax(t *testing.T) {
	cases := []struct {
		name, country, region, class string
		shipping                     bool
	}{
		{"no country", "", "", "standard", false},
		{"a country without rates", "FR", "", "standard", false},
		{"a region without a rate in a country that has none of its own", "US", "OR", "standard", false},
		{"no region where only regions tax", "US", "", "standard", false},
		{"a class without a rate", "KW", "", "reduced", false},
		{"what is exempt, whatever the rates say", "DE", "", "exempt", false},
		{"shipping where the rate leaves it alone", "US", "CA", "standard", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			base := tax.TaxBase{Ref: "line", Amount: money.MustNew(1000, "EUR"), TaxClass: c.class, Shipping: c.shipping}

			answer, err := rates.New(world()).Calculate(t.Context(), tax.CalculateRequest{Country: c.country, Region: c.region, Lines: []tax.TaxBase{base}})

			require.NoError(t, err)
			require.Len(t, answer.Lines, 1)
			assert.NotNil(t, answer.Lines[0].Taxes)
			assert.Empty(t, answer.Lines[0].Taxes)
		})
	}
}

func TestShippingIsTaxedWhereTheRateSaysSo(t *testing.T) {
	base := tax.TaxBase{Ref: "shipping", Amount: money.MustNew(800, "USD"), Shipping: true}

	answer, err := rates.New(world()).Calculate(t.Context(), tax.CalculateRequest{Country: "US", Region: "TX", Lines: []tax.TaxBase{base}})

	require.NoError(t, err)
	require.Len(t, answer.Lines[0].Taxes, 1)
	assert.Equal(t, money.MustNew(50, "USD"), answer.Lines[0].Taxes[0].Amount)
}

func TestLinesAreAnsweredInTheirOrder(t *testing.T) {
	refs := []string{"b", "shipping", "a", "b"}
	req := tax.CalculateRequest{Country: "DE"}
	for _, ref := range refs {
		req.Lines = append(req.Lines, tax.TaxBase{Ref: ref, Amount: money.MustNew(1, "EUR")})
	}

	answer, err := rates.New(world()).Calculate(t.Context(), req)

	require.NoError(t, err)
	for i, line := range answer.Lines {
		assert.Equal(t, refs[i], line.Ref)
	}
	assert.Len(t, answer.Lines, len(refs))
}

func TestB06ATaxBeyondTheRangeIsRefused(t *testing.T) {
	store := &shelf{byCountry: map[string][]rates.Rate{"DE": {rate("all of it", "", "standard", "1000", true)}}}
	base := tax.TaxBase{Ref: "line", Amount: money.MustNew(math.MaxInt64, "EUR")}

	_, err := rates.New(store).Calculate(t.Context(), tax.CalculateRequest{Country: "DE", Lines: []tax.TaxBase{base}})

	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestRatesThatTheTableWouldRoundOrRefuseDoNotGetThere(t *testing.T) {
	good := tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: "19"}
	for _, percent := range []string{"0", "0.0001", "7.25", "99.9999", "100", "100.0000"} {
		req := good
		req.Rate = percent

		_, err := rates.New(&shelf{}).SaveRate(t.Context(), req)

		assert.NoError(t, err, percent)
	}
	for _, percent := range []string{"", "-1", "100.0001", "101", "1000", "7.00001", "1e1", "7,25", "7.", ".5", " 7", "7%", "0x7"} {
		req := good
		req.Rate = percent

		_, err := rates.New(&shelf{}).SaveRate(t.Context(), req)

		assert.ErrorIs(t, err, tax.ErrInvalidRate, percent)
		assert.Equal(t, "/rate", pointerOf(err), percent)
	}
}

func TestARateNamesARealPlace(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*tax.SaveRateRequest)
		want    error
		pointer string
	}{
		{"a country that is none", func(r *tax.SaveRateRequest) { r.Country = "ZZ" }, tax.ErrUnsupportedCountry, "/country"},
		{"no country", func(r *tax.SaveRateRequest) { r.Country = "" }, tax.ErrUnsupportedCountry, "/country"},
		{"a country in lower case", func(r *tax.SaveRateRequest) { r.Country = "de" }, tax.ErrUnsupportedCountry, "/country"},
		{"a region of spaces", func(r *tax.SaveRateRequest) { r.Region = "  " }, tax.ErrInvalidRate, "/region"},
		{"no name", func(r *tax.SaveRateRequest) { r.Name = "" }, tax.ErrInvalidRate, "/name"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: "19"}
			c.change(&req)

			_, err := rates.New(&shelf{}).SaveRate(t.Context(), req)

			require.ErrorIs(t, err, c.want)
			assert.Equal(t, c.pointer, pointerOf(err))
		})
	}
}

func TestARateIsKeptForOneSpellingOfItsRegion(t *testing.T) {
	store := &shelf{}

	_, err := rates.New(store).SaveRate(t.Context(), tax.SaveRateRequest{Name: "Sales tax", Country: "US", Region: " ca", Rate: "7.25"})

	require.NoError(t, err)
	assert.Equal(t, "CA", store.saved.Region)
	assert.Equal(t, tax.ClassStandard, store.saved.TaxClass)
}

// pointerOf answers the first place that a fault names, or "".
func pointerOf(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Pointer
}
