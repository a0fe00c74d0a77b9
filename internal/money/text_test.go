package money_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/money"
)

func TestParseMajorReadsMajorUnits(t *testing.T) {
	cases := []struct {
		text, currency string
		want           int64
	}{
		{"19.99", "EUR", 1999}, {"19.9", "EUR", 1990}, {"19", "EUR", 1900}, {"0.01", "EUR", 1}, {"0", "EUR", 0},
		{"-19.99", "EUR", -1999}, {"-0", "EUR", 0}, {"-0.05", "EUR", -5}, {"0019.99", "EUR", 1999},
		{"100", "JPY", 100}, {"1.234", "KWD", 1234}, {"1.2", "KWD", 1200}, {"1.2345", "CLF", 12345}, {"100.50", "HUF", 10050},
		{"92233720368547758.07", "EUR", math.MaxInt64}, {"-92233720368547758.07", "EUR", -math.MaxInt64},
	}
	for _, c := range cases {
		t.Run(c.text+" "+c.currency, func(t *testing.T) {
			got, err := money.ParseMajor(c.text, c.currency)

			require.NoError(t, err)
			assert.Equal(t, money.MustNew(c.want, c.currency), got)
		})
	}
}

func TestParseMajorRefuses(t *testing.T) {
	cases := []struct {
		text, currency string
		want           error
	}{
		{"100.5", "JPY", money.ErrInvalidAmount},
		{"100.0", "JPY", money.ErrInvalidAmount},
		{"19.999", "EUR", money.ErrInvalidAmount},
		{"1.000", "EUR", money.ErrInvalidAmount},
		{"1.2345", "KWD", money.ErrInvalidAmount},
		{"", "EUR", money.ErrInvalidAmount},
		{"-", "EUR", money.ErrInvalidAmount},
		{"--1", "EUR", money.ErrInvalidAmount},
		{"+1", "EUR", money.ErrInvalidAmount},
		{".5", "EUR", money.ErrInvalidAmount},
		{"5.", "EUR", money.ErrInvalidAmount},
		{"1,99", "EUR", money.ErrInvalidAmount},
		{"1e3", "EUR", money.ErrInvalidAmount},
		{"1_000", "EUR", money.ErrInvalidAmount},
		{"NaN", "EUR", money.ErrInvalidAmount},
		{"€1", "EUR", money.ErrInvalidAmount},
		{" 1", "EUR", money.ErrInvalidAmount},
		{"٣", "EUR", money.ErrInvalidAmount},
		{"1.9.9", "EUR", money.ErrInvalidAmount},
		{"92233720368547758.08", "EUR", money.ErrOverflow},
		{"-92233720368547758.08", "EUR", money.ErrOverflow},
		{strings.Repeat("9", 400), "EUR", money.ErrOverflow},
		{"1", "XXX", money.ErrUnknownCurrency},
	}
	for _, c := range cases {
		t.Run(c.text+" "+c.currency, func(t *testing.T) {
			_, err := money.ParseMajor(c.text, c.currency)

			assert.ErrorIs(t, err, c.want)
		})
	}
}

func TestMajorWritesAllDecimalsOfTheCurrency(t *testing.T) {
	cases := map[string]money.Money{
		"19.99": eur(1999), "0.05": eur(5), "-0.05": eur(-5), "0.00": eur(0), "-19.90": eur(-1990),
		"100": money.MustNew(100, "JPY"), "-100": money.MustNew(-100, "JPY"), "0": money.Zero("JPY"),
		"0.001": money.MustNew(1, "KWD"), "1.0000": money.MustNew(10000, "CLF"),
		"92233720368547758.07": eur(math.MaxInt64),
	}
	for want, m := range cases {
		assert.Equal(t, want, m.Major())
		assert.Equal(t, want+" "+m.Currency(), m.String())
	}
}

func TestEveryAmountComesBackFromItsTextAndItsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "CLF"}).Draw(t, "currency")
		m := money.MustNew(minors().Draw(t, "minor"), currency)

		parsed, err := money.ParseMajor(m.Major(), currency)
		require.NoError(t, err)
		assert.Equal(t, m, parsed)

		text, err := json.Marshal(m)
		require.NoError(t, err)
		var back money.Money
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, m, back)
	})
}

func TestJSONIsAmountAndCurrency(t *testing.T) {
	text, err := json.Marshal(map[string]money.Money{"total": eur(1999)})

	require.NoError(t, err)
	assert.Equal(t, `{"total":{"amount":1999,"currency":"EUR"}}`, string(text))
}

func TestAnAmountThatNobodySetIsNotMarshaled(t *testing.T) {
	_, err := json.Marshal(money.Money{})

	assert.ErrorIs(t, err, money.ErrUnknownCurrency)
}

func TestUnmarshalRefuses(t *testing.T) {
	cases := []struct {
		text string
		want error
	}{
		{`{"amount":19.99,"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":1.0,"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":1e3,"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":"1","currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":null,"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":[1],"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":1,"currency":5}`, money.ErrInvalidAmount},
		{`{"amount":1,"currency":["EUR"]}`, money.ErrInvalidAmount},
		{`{"amount":1}`, money.ErrInvalidAmount},
		{`{"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{}`, money.ErrInvalidAmount},
		{`null`, money.ErrInvalidAmount},
		{`[]`, money.ErrInvalidAmount},
		{`5`, money.ErrInvalidAmount},
		{`"5 EUR"`, money.ErrInvalidAmount},
		{`{"Amount":1,"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":1,"amount":2,"currency":"EUR"}`, money.ErrInvalidAmount},
		{`{"amount":1,"currency":"EUR","currency":"USD"}`, money.ErrInvalidAmount},
		{`{"amount":1,"currency":"EUR","decimals":2}`, money.ErrInvalidAmount},
		{`{"amount":1,"currency":null}`, money.ErrUnknownCurrency},
		{`{"amount":1,"currency":"eur"}`, money.ErrUnknownCurrency},
		{`{"amount":1,"currency":"XXX"}`, money.ErrUnknownCurrency},
		{`{"amount":9223372036854775808,"currency":"EUR"}`, money.ErrOverflow},
		{`{"amount":-9223372036854775808,"currency":"EUR"}`, money.ErrOverflow},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			m := eur(7)

			err := json.Unmarshal([]byte(c.text), &m)

			assert.ErrorIs(t, err, c.want)
			assert.Equal(t, eur(7), m, "a refused text changes nothing")
		})
	}
}

func TestBrokenJSONHandedOverDirectlyIsRefused(t *testing.T) {
	for _, text := range []string{``, `{`, `{"amount"`, `{"amount":`, `{"amount":1,}`, `{"amount":1,"currency":"EUR"`} {
		var m money.Money

		assert.ErrorIs(t, m.UnmarshalJSON([]byte(text)), money.ErrInvalidAmount, text)
	}
}

func TestLeadingAndUnusualSpacesAreFine(t *testing.T) {
	var m money.Money

	require.NoError(t, json.Unmarshal([]byte(" {\n\"currency\" : \"EUR\", \"amount\" : -5 } "), &m))

	assert.Equal(t, eur(-5), m)
}

func TestAnAmountOfZeroIsNotLeftOutOfJSON(t *testing.T) {
	type priced struct {
		Price     money.Money `json:"price,omitzero"`
		CompareAt money.Money `json:"compare_at,omitzero"`
	}

	text, err := json.Marshal(priced{Price: money.Zero("EUR")})

	require.NoError(t, err)
	require.JSONEq(t, `{"price": {"amount": 0, "currency": "EUR"}}`, string(text))
}

// What is read the quick way must be what is read the careful way.
func TestTheQuickReadingOfAnAmountAgreesWithTheCarefulOne(t *testing.T) {
	for _, text := range []string{
		`{"amount":1999,"currency":"EUR"}`, `{"amount": 1999, "currency": "EUR"}`, `{"amount":-5,"currency":"JPY"}`,
		`{"amount":0,"currency":"KWD"}`, `{"amount":-0,"currency":"EUR"}`, `{"amount":01,"currency":"EUR"}`, `{"amount":+1,"currency":"EUR"}`,
		`{"amount":-,"currency":"EUR"}`, `{"amount":,"currency":"EUR"}`, `{"amount":1.0,"currency":"EUR"}`, `{"amount":1e3,"currency":"EUR"}`,
		`{"amount":9223372036854775807,"currency":"EUR"}`, `{"amount":9223372036854775808,"currency":"EUR"}`,
		`{"amount":1,"currency":"EU"}`, `{"amount":1,"currency":"eur"}`, `{"amount":1,"currency":"XYZ"}`, `{"amount":1,"currency":EUR"}`,
		`{"amount":1,"currency":"\u0045UR"}`, `{"amount":1,"currency":"EUR","x":1}`, `{"amount":1,"x":1,"currency":"EUR"}`,
		`{"currency":"EUR","amount":7}`, `{"amount":1 ,"currency":"EUR"}`, `{"amount":"1","currency":"EUR"}`, `{"amount":1}`, `null`, `{}`,
	} {
		var quick, careful money.Money
		quickErr := quick.UnmarshalJSON([]byte(text))
		carefulErr := careful.UnmarshalJSON([]byte(" " + text))
		assert.Equal(t, careful, quick, text)
		assert.Equal(t, carefulErr == nil, quickErr == nil, text)
	}
}
