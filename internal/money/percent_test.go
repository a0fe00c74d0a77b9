package money_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/money"
)

func percent(t require.TestingT, text string) money.Percent {
	p, err := money.ParsePercent(text)
	require.NoError(t, err)
	return p
}

// rates draws a percentage and its value as an exact fraction of one.
func rates(t *rapid.T) (money.Percent, *big.Rat) {
	millionths := rapid.OneOf(
		rapid.Int64Range(0, 100_000_000),
		rapid.Int64Range(0, 1_000_000_000),
		rapid.SampledFrom([]int64{0, 1, 19_000_000, 8_100_000, 100_000_000, 1_000_000_000}),
	).Draw(t, "rate")
	text := fmt.Sprintf("%d.%06d", millionths/1_000_000, millionths%1_000_000)
	return percent(t, text), big.NewRat(millionths, 100_000_000)
}

// halfEven rounds an exact fraction by another road than the package: floor, then look at the rest.
func halfEven(exact *big.Rat) *big.Int {
	floor := new(big.Int).Div(exact.Num(), exact.Denom())
	rest := new(big.Rat).Sub(exact, new(big.Rat).SetInt(floor))
	switch c := rest.Cmp(big.NewRat(1, 2)); {
	case c > 0, c == 0 && floor.Bit(0) == 1:
		return floor.Add(floor, big.NewInt(1))
	default:
		return floor
	}
}

func TestTaxIsRoundedHalfToEven(t *testing.T) {
	cases := []struct {
		net  int64
		rate string
		want int64
	}{
		{10000, "19", 1900}, {0, "19", 0}, {100, "0", 0},
		{50, "1", 0}, {150, "1", 2}, {250, "1", 2}, {350, "1", 4},
		{-50, "1", 0}, {-150, "1", -2}, {-250, "1", -2}, {-350, "1", -4},
		{51, "1", 1}, {49, "1", 0}, {-51, "1", -1},
		{1999, "8.1", 162}, {1999, "7.7", 154}, {999, "20", 200},
		{1, "50", 0}, {3, "50", 2}, {1, "49.999999", 0}, {1, "50.000001", 1},
		{math.MaxInt64, "100", math.MaxInt64},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s%% on %d", c.rate, c.net), func(t *testing.T) {
			tax, err := money.TaxOnTop(eur(c.net), percent(t, c.rate))

			require.NoError(t, err)
			assert.Equal(t, eur(c.want), tax)
		})
	}
}

func TestTaxIsExtractedFromAGrossAmount(t *testing.T) {
	cases := []struct {
		gross int64
		rate  string
		want  int64
	}{
		{11900, "19", 1900}, {1999, "19", 319}, {1999, "0", 0}, {0, "19", 0}, {-1999, "19", -319},
		{1, "100", 0}, {3, "100", 2}, {5, "100", 2}, {7, "100", 4}, {-3, "100", -2},
		{1999, "8.1", 150}, {1000, "25", 200}, {math.MaxInt64, "100", 1 << 62}, {11, "1000", 10},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s%% in %d", c.rate, c.gross), func(t *testing.T) {
			assert.Equal(t, eur(c.want), money.TaxIncluded(eur(c.gross), percent(t, c.rate)))
		})
	}
}

func TestTaxOnTopIsTheRoundedExactTax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := minors().Draw(t, "net")
		rate, exactRate := rates(t)
		want := halfEven(new(big.Rat).Mul(new(big.Rat).SetInt64(net), exactRate))

		got, err := money.TaxOnTop(eur(net), rate)

		checkExact(t, want, got, err)
	})
}

func TestTaxIncludedIsTheRoundedExactTax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gross := minors().Draw(t, "gross")
		rate, r := rates(t)
		share := new(big.Rat).Quo(r, new(big.Rat).Add(r, big.NewRat(1, 1)))
		want := halfEven(share.Mul(share, new(big.Rat).SetInt64(gross)))

		got := money.TaxIncluded(eur(gross), rate)

		require.Equal(t, eur(want.Int64()), got)
	})
}

func TestTaxPutOnANetAmountIsTheTaxFoundInItsGross(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		net := eur(rapid.Int64Range(-1e15, 1e15).Draw(t, "net"))
		rate, _ := rates(t)
		tax, err := money.TaxOnTop(net, rate)
		require.NoError(t, err)
		gross, err := net.Add(tax)
		require.NoError(t, err)

		assert.Equal(t, tax, money.TaxIncluded(gross, rate))
	})
}

func TestTaxBeyondTheRangeIsAnOverflow(t *testing.T) {
	_, err := money.TaxOnTop(eur(math.MaxInt64), percent(t, "100.000001"))
	assert.ErrorIs(t, err, money.ErrOverflow)
	_, err = money.TaxOnTop(eur(-math.MaxInt64), percent(t, "1000"))
	assert.ErrorIs(t, err, money.ErrOverflow)
}

func TestPercentReadsAndWritesExactDecimals(t *testing.T) {
	cases := map[string]string{
		"19": "19", "8.1": "8.1", "8.10": "8.1", "0": "0", "0.0": "0", "007": "7", "0.000001": "0.000001",
		"1000": "1000", "1000.000000": "1000", "99.999999": "99.999999",
	}
	for text, want := range cases {
		assert.Equal(t, want, percent(t, text).String(), text)
	}
	assert.True(t, percent(t, "8.10") == percent(t, "8.1"))
	assert.True(t, percent(t, "0.0").IsZero())
	assert.Equal(t, percent(t, "0"), money.Percent{})
}

func TestPercentRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", ".", "1.", ".5", "-1", "+1", "1e2", "1e999999999", "0x10", "19%", " 19", "19 ", "1,5", "1_0", "NaN",
		"Inf", "1.2.3", "1000.000001", "1001", "0.0000001", "٣", "999999999999999999999",
	} {
		_, err := money.ParsePercent(text)

		assert.ErrorIs(t, err, money.ErrInvalidPercent, "%q", text)
	}
}

func TestPercentIsAStringInJSON(t *testing.T) {
	text, err := json.Marshal(percent(t, "8.10"))
	require.NoError(t, err)
	var back money.Percent
	require.NoError(t, json.Unmarshal(text, &back))

	assert.Equal(t, `"8.1"`, string(text))
	assert.Equal(t, percent(t, "8.1"), back)
	assert.ErrorIs(t, json.Unmarshal([]byte(`"1e3"`), &back), money.ErrInvalidPercent)
	assert.Error(t, json.Unmarshal([]byte(`8.1`), &back))
	assert.Equal(t, percent(t, "8.1"), back, "a refused text changes nothing")
}
