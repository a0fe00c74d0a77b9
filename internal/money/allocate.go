package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Allocate spreads the amount in proportion to the weights by largest remainder. The shares are in the
// order of the weights, add up exactly, keep the sign of the whole (or are 0), and each lies within
// one minor unit of the exact share. Units left over go to the largest remainders, the first among
// equals; a weight of 0 gets 0. Zero spreads over anything.
//
// Errors: ErrInvalidWeights for a negative weight, and for weights that are missing or all 0 under an
// amount that is not; ErrOverflow for weights that add up to 2^64 or more.
func (m Money) Allocate(weights []int64) ([]Money, error) {
	total, err := totalWeight(weights)
	if err != nil {
		return nil, err
	}
	if total == 0 && m.minor != 0 {
		return nil, ErrInvalidWeights
	}
	shares := largestRemainder(magnitude(m.minor), weights, total)
	amounts := make([]Money, len(shares))
	for i, share := range shares {
		amounts[i] = Money{minor: int64(share), currency: m.currency}
		if m.minor < 0 {
			amounts[i] = amounts[i].Neg()
		}
	}
	return amounts, nil
}

// Split spreads the amount over n equal parts; they differ by one minor unit at most, the larger ones
// first. Errors: ErrInvalidWeights when n is below 1.
func (m Money) Split(n int) ([]Money, error) {
	if n < 1 {
		return nil, ErrInvalidWeights.Detailf("cannot split into %d parts", n)
	}
	return m.Allocate(slices.Repeat([]int64{1}, n))
}

func totalWeight(weights []int64) (uint64, error) {
	var total uint64
	for _, w := range weights {
		if w < 0 {
			return 0, ErrInvalidWeights.Detailf("the weight %d is negative", w)
		}
		var carry uint64
		if total, carry = bits.Add64(total, uint64(w), 0); carry != 0 {
			return 0, ErrOverflow
		}
	}
	return total, nil
}

func largestRemainder(whole uint64, weights []int64, total uint64) []uint64 {
	shares := make([]uint64, len(weights))
	if total == 0 {
		return shares
	}
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	left := whole
	for i, w := range weights {
		// The quotient fits: a weight is at most the total, so a share is at most the whole.
		hi, lo := bits.Mul64(whole, uint64(w))
		shares[i], remainders[i] = bits.Div64(hi, lo, total)
		left -= shares[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}
