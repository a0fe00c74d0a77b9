package totals_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
	"github.com/rialto-commerce/rialto/internal/money"
)

const eur = "EUR"

func TestALineIsPriceTimesQuantityLessItsDiscount(t *testing.T) {
	tests := []struct {
		name                             string
		unit, quantity, discount, tax    int64
		included                         bool
		subtotal, wantDiscount, total    int64
		totalTax, totalSum, shippingCost int64
	}{
		{name: "tax included stays inside", unit: 1999, quantity: 2, tax: 638, included: true,
			subtotal: 3998, total: 3998, totalTax: 638, totalSum: 3998},
		{name: "tax on top is added", unit: 1000, quantity: 3, tax: 570,
			subtotal: 3000, total: 3570, totalTax: 570, totalSum: 3570},
		{name: "a discount lowers the line", unit: 1000, quantity: 1, discount: 300, tax: 133,
			subtotal: 1000, wantDiscount: 300, total: 833, totalTax: 133, totalSum: 833},
		{name: "a discount stops at the subtotal", unit: 500, quantity: 1, discount: 2000,
			subtotal: 500, wantDiscount: 500, total: 0, totalSum: 0},
		{name: "shipping is added", unit: 1000, quantity: 1, shippingCost: 490,
			subtotal: 1000, total: 1000, totalSum: 1490},
		{name: "nothing costs nothing", unit: 0, quantity: 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := []totals.Line{line(tt.unit, tt.quantity, tt.discount, tt.tax)}

			sheet, err := totals.Add(eur, tt.included, lines, charge(tt.shippingCost, 0))

			require.NoError(t, err)
			assert.Equal(t, totals.Amounts{UnitPrice: euros(tt.unit), Subtotal: euros(tt.subtotal),
				Discount: euros(tt.wantDiscount), Tax: euros(tt.tax), Total: euros(tt.total)}, sheet.Lines[0])
			assert.Equal(t, euros(tt.totalTax), sheet.Totals.Tax)
			assert.Equal(t, euros(tt.totalSum), sheet.Totals.Total)
		})
	}
}

func TestAnEmptyCartComesToNothing(t *testing.T) {
	sheet, err := totals.Add("JPY", true, nil, totals.Charge{Price: money.Zero("JPY"), Tax: money.Zero("JPY")})

	require.NoError(t, err)
	assert.Equal(t, money.Zero("JPY"), sheet.Totals.Total)
	assert.Equal(t, money.Zero("JPY"), sheet.Totals.Subtotal)
}

func TestCurrenciesDoNotMix(t *testing.T) {
	dollars := totals.Line{UnitPrice: money.MustNew(1, "USD"), Quantity: 1, Discount: money.Zero("USD"), Tax: money.Zero("USD")}

	_, err := totals.Add(eur, true, []totals.Line{line(1, 1, 0, 0), dollars}, charge(0, 0))

	assert.ErrorIs(t, err, money.ErrCurrencyMismatch)
}

func TestLinesAddUpToTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, included := drawLines(t, 1_000_000_000), rapid.Bool().Draw(t, "included")
		shipping := charge(rapid.Int64Range(0, 1e6).Draw(t, "shipping"), rapid.Int64Range(0, 1e6).Draw(t, "shipping tax"))

		sheet, err := totals.Add(eur, included, lines, shipping)

		require.NoError(t, err)
		var subtotal, discount, tax, total int64
		for _, l := range sheet.Lines {
			subtotal += l.Subtotal.Minor()
			discount += l.Discount.Minor()
			tax += l.Tax.Minor()
			total += l.Total.Minor()
		}
		assert.Equal(t, subtotal, sheet.Totals.Subtotal.Minor())
		assert.Equal(t, discount, sheet.Totals.Discount.Minor())
		assert.Equal(t, tax+shipping.Tax.Minor(), sheet.Totals.Tax.Minor())
		if !included {
			total += shipping.Tax.Minor()
		}
		assert.Equal(t, total+shipping.Price.Minor(), sheet.Totals.Total.Minor())
		assert.False(t, sheet.Totals.Total.IsNegative())
	})
}

func TestTheOrderOfLinesDoesNotChangeTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, included := drawLines(t, 1_000_000_000), rapid.Bool().Draw(t, "included")
		shuffled := append([]totals.Line(nil), lines...)
		source := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		source.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })

		one, err := totals.Add(eur, included, lines, charge(490, 0))
		require.NoError(t, err)
		other, err := totals.Add(eur, included, shuffled, charge(490, 0))
		require.NoError(t, err)

		assert.Equal(t, one.Totals, other.Totals)
	})
}

func TestIncludedTaxLeavesTheTotalUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		taxed := drawLines(t, 1_000_000_000)
		untaxed := append([]totals.Line(nil), taxed...)
		for i := range untaxed {
			untaxed[i].Tax = euros(0)
		}

		with, err := totals.Add(eur, true, taxed, charge(490, 78))
		require.NoError(t, err)
		without, err := totals.Add(eur, true, untaxed, charge(490, 0))
		require.NoError(t, err)

		assert.Equal(t, without.Totals.Total, with.Totals.Total)
	})
}

// The oracle computes without limits: either the result fits and is equal, or it does not fit and is refused.
func TestAmountsOutOfRangeAreRefusedAndNeverWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, included := drawLines(t, math.MaxInt64), rapid.Bool().Draw(t, "included")
		exact, largest := new(big.Int), new(big.Int)
		for _, l := range lines {
			net := new(big.Int).Mul(big.NewInt(l.UnitPrice.Minor()), big.NewInt(l.Quantity))
			exact.Add(exact, net)
			if !included {
				exact.Add(exact, big.NewInt(l.Tax.Minor()))
			}
			largest.Add(largest, big.NewInt(l.Tax.Minor()))
		}

		sheet, err := totals.Add(eur, included, lines, charge(0, 0))

		if exact.IsInt64() && largest.IsInt64() {
			require.NoError(t, err)
			assert.Equal(t, exact.Int64(), sheet.Totals.Total.Minor())
			return
		}
		require.ErrorIs(t, err, money.ErrOverflow)
	})
}

func TestNetIsWhatTaxIsComputedFrom(t *testing.T) {
	net, err := line(1000, 2, 500, 0).Net()
	require.NoError(t, err)
	assert.Equal(t, euros(1500), net)

	_, err = line(9_000_000_000_000_000, 1_000_000, 0, 0).Net()
	assert.ErrorIs(t, err, money.ErrOverflow)
}

// drawLines draws lines without discounts when amounts are huge, so that the oracle needs no order of operations.
func drawLines(t *rapid.T, most int64) []totals.Line {
	lines := make([]totals.Line, rapid.IntRange(0, 20).Draw(t, "lines"))
	for i := range lines {
		unit, quantity := rapid.Int64Range(0, most).Draw(t, "unit"), rapid.Int64Range(1, 1_000_000).Draw(t, "quantity")
		lines[i] = line(unit, quantity, 0, rapid.Int64Range(0, most).Draw(t, "tax"))
		if most < math.MaxInt64 {
			lines[i].Discount = euros(rapid.Int64Range(0, most).Draw(t, "discount"))
		}
	}
	return lines
}

func line(unit, quantity, discount, tax int64) totals.Line {
	return totals.Line{UnitPrice: euros(unit), Quantity: quantity, Discount: euros(discount), Tax: euros(tax)}
}

func charge(price, tax int64) totals.Charge {
	return totals.Charge{Price: euros(price), Tax: euros(tax)}
}

func euros(minor int64) money.Money { return money.MustNew(minor, eur) }
