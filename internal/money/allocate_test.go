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

func minorsOf(amounts []money.Money) []int64 {
	list := make([]int64, len(amounts))
	for i, m := range amounts {
		list[i] = m.Minor()
	}
	return list
}

func TestAllocateByLargestRemainder(t *testing.T) {
	cases := []struct {
		name    string
		amount  int64
		weights []int64
		want    []int64
	}{
		{"evenly", 100, []int64{1, 1}, []int64{50, 50}},
		{"the first of equals gets the cent", 100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{"the first two of equals get a cent each", 5, []int64{1, 1, 1}, []int64{2, 2, 1}},
		{"the largest remainder wins over the first", 10, []int64{1, 2, 3}, []int64{2, 3, 5}},
		{"a negative amount mirrors the positive one", -10, []int64{1, 2, 3}, []int64{-2, -3, -5}},
		{"a weight of zero gets nothing", 1, []int64{0, 1, 0}, []int64{0, 1, 0}},
		{"more parts than units", 2, []int64{1, 1, 1, 1}, []int64{1, 1, 0, 0}},
		{"zero over anything", 0, []int64{3, 0}, []int64{0, 0}},
		{"zero over zero weights", 0, []int64{0, 0}, []int64{0, 0}},
		{"zero over nothing", 0, nil, []int64{}},
		{"beyond 64 bits in between", math.MaxInt64, []int64{math.MaxInt64, math.MaxInt64}, []int64{1 << 62, 1<<62 - 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			shares, err := eur(c.amount).Allocate(c.weights)

			require.NoError(t, err)
			assert.Equal(t, c.want, minorsOf(shares))
		})
	}
}

func TestSharesKeepTheCurrencyOfTheWhole(t *testing.T) {
	shares, err := money.MustNew(-7, "JPY").Allocate([]int64{1, 0, 1})

	require.NoError(t, err)
	assert.Equal(t, []money.Money{money.MustNew(-4, "JPY"), money.Zero("JPY"), money.MustNew(-3, "JPY")}, shares)
}

func TestSharesAddUpKeepTheSignAndLieWithinOneUnitOfTheExactShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := minors().Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.OneOf(
			rapid.Int64Range(0, 10), rapid.Int64Range(0, math.MaxInt64/64),
		), 1, 50).Draw(t, "weights")
		weights[0]++ // not all zero

		shares, err := eur(amount).Allocate(weights)

		require.NoError(t, err)
		sum, err := money.Sum("EUR", shares...)
		require.NoError(t, err)
		require.Equal(t, eur(amount), sum)
		requireFair(t, amount, weights, shares)
	})
}

func requireFair(t *rapid.T, amount int64, weights []int64, shares []money.Money) {
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, big.NewInt(w))
	}
	for i, share := range shares {
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(amount), big.NewInt(weights[i])), total)
		distance := new(big.Rat).Sub(new(big.Rat).SetInt64(share.Minor()), exact)
		require.Negative(t, distance.Abs(distance).Cmp(big.NewRat(1, 1)), "share %d", i)
		require.False(t, share.Minor() != 0 && share.IsNegative() != (amount < 0), "sign of share %d", i)
		require.False(t, weights[i] == 0 && share.Minor() != 0, "weight 0 of share %d", i)
	}
}

func TestEqualWeightsDifferByOneUnitAtMostAndNeverAscend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, math.MaxInt64).Draw(t, "amount")
		n := rapid.IntRange(1, 40).Draw(t, "n")

		parts, err := eur(amount).Split(n)

		require.NoError(t, err)
		require.Len(t, parts, n)
		for i := range parts[1:] {
			require.GreaterOrEqual(t, parts[i].Minor(), parts[i+1].Minor())
		}
		require.LessOrEqual(t, parts[0].Minor()-parts[n-1].Minor(), int64(1))
	})
}

func TestAllocateRefuses(t *testing.T) {
	most := int64(math.MaxInt64)
	cases := []struct {
		name    string
		weights []int64
		want    error
	}{
		{"nobody to give to", nil, money.ErrInvalidWeights},
		{"weights that are all zero", []int64{0, 0}, money.ErrInvalidWeights},
		{"a negative weight", []int64{2, -1}, money.ErrInvalidWeights},
		{"weights beyond 64 bits", []int64{most, most, most}, money.ErrOverflow},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			shares, err := eur(1).Allocate(c.weights)

			assert.ErrorIs(t, err, c.want)
			assert.Nil(t, shares)
		})
	}
}

func TestSplitNeedsAtLeastOnePart(t *testing.T) {
	for _, n := range []int{0, -1} {
		_, err := eur(1).Split(n)

		assert.ErrorIs(t, err, money.ErrInvalidWeights)
	}
}

func TestOfEqualWeightsAnEarlierOneNeverGetsLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 10_000).Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.Int64Range(1, 3), 20, 80).Draw(t, "weights")

		shares, err := eur(amount).Allocate(weights)

		require.NoError(t, err)
		latest := map[int64]int64{}
		for i, w := range weights {
			if before, seen := latest[w]; seen {
				require.GreaterOrEqual(t, before, shares[i].Minor(), "share %d", i)
			}
			latest[w] = shares[i].Minor()
		}
	})
}
