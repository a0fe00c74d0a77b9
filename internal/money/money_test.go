package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/money"
)

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

// minors draws any amount, with a taste for the edges.
func minors() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(-math.MaxInt64, math.MaxInt64),
		rapid.Int64Range(-1000, 1000),
		rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, -math.MaxInt64, math.MaxInt64 / 2}),
	)
}

// inRange says what big integers think of a result.
func inRange(n *big.Int) bool {
	return n.IsInt64() && n.Int64() != math.MinInt64
}

func TestAnAmountKeepsItsMinorUnitsAndCurrency(t *testing.T) {
	m, err := money.New(-1999, "EUR")

	require.NoError(t, err)
	assert.Equal(t, int64(-1999), m.Minor())
	assert.Equal(t, "EUR", m.Currency())
	assert.True(t, m.IsNegative())
	assert.Equal(t, eur(1999), m.Neg())
	assert.Equal(t, "JPY", money.Zero("JPY").Currency())
}

func TestAmountsAreComparable(t *testing.T) {
	assert.True(t, eur(5) == money.MustNew(5, "EUR"))
	assert.False(t, eur(5) == money.MustNew(5, "USD"))
}

func TestTheSmallestInt64IsOutOfRange(t *testing.T) {
	_, err := money.New(math.MinInt64, "EUR")

	assert.ErrorIs(t, err, money.ErrOverflow)
}

func TestMustNewAndZeroPanicOnAnUnknownCurrency(t *testing.T) {
	assert.Panics(t, func() { money.MustNew(1, "XXX") })
	assert.Panics(t, func() { money.Zero("") })
}

func TestAddIsExactOrAnOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := minors().Draw(t, "a"), minors().Draw(t, "b")
		exact := new(big.Int).Add(big.NewInt(a), big.NewInt(b))

		got, err := eur(a).Add(eur(b))

		checkExact(t, exact, got, err)
	})
}

func TestSubIsExactOrAnOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := minors().Draw(t, "a"), minors().Draw(t, "b")
		exact := new(big.Int).Sub(big.NewInt(a), big.NewInt(b))

		got, err := eur(a).Sub(eur(b))

		checkExact(t, exact, got, err)
	})
}

func TestMulIsExactOrAnOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := minors().Draw(t, "a")
		n := rapid.OneOf(minors(), rapid.Just[int64](math.MinInt64)).Draw(t, "n")
		exact := new(big.Int).Mul(big.NewInt(a), big.NewInt(n))

		got, err := eur(a).Mul(n)

		checkExact(t, exact, got, err)
	})
}

func checkExact(t *rapid.T, exact *big.Int, got money.Money, err error) {
	if !inRange(exact) {
		require.ErrorIs(t, err, money.ErrOverflow)
		return
	}
	require.NoError(t, err)
	require.Equal(t, eur(exact.Int64()), got)
}

func TestSubUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		half := rapid.Int64Range(-math.MaxInt64/2, math.MaxInt64/2)
		a, b := eur(half.Draw(t, "a")), eur(half.Draw(t, "b"))
		sum, err := a.Add(b)
		require.NoError(t, err)

		back, err := sum.Sub(b)

		require.NoError(t, err)
		assert.Equal(t, a, back)
	})
}

func TestArithmeticAtTheEdgesOfTheRange(t *testing.T) {
	highest, lowest := eur(math.MaxInt64), eur(-math.MaxInt64)
	cases := []struct {
		name string
		run  func() (money.Money, error)
	}{
		{"highest plus one", func() (money.Money, error) { return highest.Add(eur(1)) }},
		{"lowest minus one", func() (money.Money, error) { return lowest.Sub(eur(1)) }},
		{"lowest plus lowest", func() (money.Money, error) { return lowest.Add(lowest) }},
		{"highest twice", func() (money.Money, error) { return highest.Mul(2) }},
		{"one, as often as the smallest int64", func() (money.Money, error) { return eur(1).Mul(math.MinInt64) }},
		{"minus two, 2^62 times", func() (money.Money, error) { return eur(-2).Mul(1 << 62) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.run()

			assert.ErrorIs(t, err, money.ErrOverflow)
			assert.Equal(t, money.Money{}, got)
		})
	}
}

func TestCurrenciesNeverMix(t *testing.T) {
	usd := money.MustNew(1, "USD")
	for _, other := range []money.Money{usd, {}} {
		_, err := eur(1).Add(other)
		assert.ErrorIs(t, err, money.ErrCurrencyMismatch)
		_, err = eur(1).Sub(other)
		assert.ErrorIs(t, err, money.ErrCurrencyMismatch)
		_, err = eur(1).Cmp(other)
		assert.ErrorIs(t, err, money.ErrCurrencyMismatch)
		_, err = money.Sum("EUR", eur(1), other)
		assert.ErrorIs(t, err, money.ErrCurrencyMismatch)
	}
	_, err := money.Money{}.Add(money.Money{})
	assert.ErrorIs(t, err, money.ErrCurrencyMismatch)
}

func TestCmpOrdersAmounts(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want int
	}{{1, 2, -1}, {2, 2, 0}, {3, 2, 1}, {-3, 2, -1}, {math.MaxInt64, -math.MaxInt64, 1}} {
		got, err := eur(c.a).Cmp(eur(c.b))

		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
}

func TestSumAddsAllOrNothing(t *testing.T) {
	total, err := money.Sum("EUR", eur(1), eur(-5), eur(10))
	require.NoError(t, err)
	assert.Equal(t, eur(6), total)

	none, err := money.Sum("JPY")
	require.NoError(t, err)
	assert.Equal(t, money.Zero("JPY"), none)

	_, err = money.Sum("EUR", eur(math.MaxInt64), eur(1), eur(-1))
	assert.ErrorIs(t, err, money.ErrOverflow)
	_, err = money.Sum("XXX")
	assert.ErrorIs(t, err, money.ErrUnknownCurrency)
}
