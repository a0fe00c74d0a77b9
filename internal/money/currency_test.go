package money_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
)

func TestExponentsAreThoseOfISO4217WhereOtherListsDiffer(t *testing.T) {
	cases := map[string]int{
		"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2,
		"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "XOF": 0, "XAF": 0, "XPF": 0, "PYG": 0, "UGX": 0, "UYI": 0,
		"HUF": 2, "TWD": 2, "IDR": 2, "COP": 2, "LAK": 2, "MGA": 2, "MRU": 2, "CNY": 2, "XAD": 2, "XCG": 2, "ZWG": 2,
		"KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3, "IQD": 3, "LYD": 3,
		"CLF": 4, "UYW": 4,
	}
	for code, want := range cases {
		got, err := money.Exponent(code)

		require.NoError(t, err, code)
		assert.Equal(t, want, got, code)
	}
}

func TestTheTableHasEveryActiveCurrencyAndNoOther(t *testing.T) {
	count := map[int]int{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				if digits, err := money.Exponent(string([]rune{a, b, c})); err == nil {
					count[digits]++
				}
			}
		}
	}

	assert.Equal(t, map[int]int{0: 17, 2: 139, 3: 7, 4: 2}, count)
}

func TestCurrenciesThatCannotBePricedInAreRefused(t *testing.T) {
	refused := []string{
		"", "eur", "Eur", " EUR", "EUR ", "EURO", "€", "XXX", "XTS", "XAU", "XAG", "XDR", "XSU", "XUA",
		"DEM", "HRK", "BGN", "ANG", "CUC", "SLL", "ZWL", "BTC", strings.Repeat("E", 1000),
	}
	for _, code := range refused {
		_, err := money.New(1, code)

		require.ErrorIs(t, err, money.ErrUnknownCurrency, code)
		assert.Less(t, len(err.Error()), 100, "the answer does not repeat a long input")
	}
}
