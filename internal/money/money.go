package money

import (
	"cmp"
	"math"
	"math/bits"
)

// Money is an amount of one currency in its minor units: 1999 EUR is 19.99 euros, 1999 JPY is 1999 yen.
// It is a value: methods return new ones, and == compares amount and currency. The zero Money has no
// currency; it cannot be marshaled and fits no other amount.
type Money struct {
	minor    int64
	currency string
}

// New returns an amount of minor units of an ISO 4217 currency, in upper case. Errors:
// ErrUnknownCurrency; ErrOverflow for math.MinInt64, so that every amount has a negative.
func New(minor int64, currency string) (Money, error) {
	if _, err := Exponent(currency); err != nil {
		return Money{}, err
	}
	return fromMinor(minor, currency)
}

// MustNew is New for constants and tests. It panics where New errs.
func MustNew(minor int64, currency string) Money {
	m, err := New(minor, currency)
	if err != nil {
		panic(err)
	}
	return m
}

// Zero returns nothing of a currency that was validated before. It panics on an unknown currency.
func Zero(currency string) Money {
	return MustNew(0, currency)
}

// Sum adds amounts of one currency; of none it is zero. Errors: ErrUnknownCurrency,
// ErrCurrencyMismatch, ErrOverflow.
func Sum(currency string, amounts ...Money) (Money, error) {
	total, err := New(0, currency)
	for _, amount := range amounts {
		if err != nil {
			return Money{}, err
		}
		total, err = total.Add(amount)
	}
	return total, err
}

// Minor returns the amount in minor units.
func (m Money) Minor() int64 { return m.minor }

// Currency returns the ISO 4217 code.
func (m Money) Currency() string { return m.currency }

// IsZero reports whether the amount was never set, so that JSON leaves it out where it may. An amount of 0 in a currency
// was set.
func (m Money) IsZero() bool { return m == Money{} }

// IsNegative reports whether the amount is below 0.
func (m Money) IsNegative() bool { return m.minor < 0 }

// Neg returns the amount with the other sign.
func (m Money) Neg() Money { return Money{minor: -m.minor, currency: m.currency} }

// Add returns m + other. Errors: ErrCurrencyMismatch, ErrOverflow.
func (m Money) Add(other Money) (Money, error) {
	if err := m.fits(other); err != nil {
		return Money{}, err
	}
	sum := m.minor + other.minor
	if (sum > m.minor) != (other.minor > 0) {
		return Money{}, ErrOverflow
	}
	return fromMinor(sum, m.currency)
}

// Sub returns m - other. Errors: ErrCurrencyMismatch, ErrOverflow.
func (m Money) Sub(other Money) (Money, error) {
	return m.Add(other.Neg())
}

// Mul returns the amount n times, as for a quantity. Errors: ErrOverflow.
func (m Money) Mul(n int64) (Money, error) {
	hi, lo := bits.Mul64(magnitude(m.minor), magnitude(n))
	if hi != 0 {
		return Money{}, ErrOverflow
	}
	return fromMagnitude(lo, (m.minor < 0) != (n < 0), m.currency)
}

// Cmp returns -1, 0 or +1 as m is less than, equal to or more than other. Errors: ErrCurrencyMismatch.
func (m Money) Cmp(other Money) (int, error) {
	if err := m.fits(other); err != nil {
		return 0, err
	}
	return cmp.Compare(m.minor, other.minor), nil
}

func (m Money) fits(other Money) error {
	if m.currency == "" || m.currency != other.currency {
		return ErrCurrencyMismatch.Detailf("%q and %q do not mix", m.currency, other.currency)
	}
	return nil
}

func fromMinor(minor int64, currency string) (Money, error) {
	if minor == math.MinInt64 {
		return Money{}, ErrOverflow
	}
	return Money{minor: minor, currency: currency}, nil
}

func fromMagnitude(size uint64, negative bool, currency string) (Money, error) {
	if size > math.MaxInt64 {
		return Money{}, ErrOverflow
	}
	minor := int64(size)
	if negative {
		minor = -minor
	}
	return Money{minor: minor, currency: currency}, nil
}

// magnitude is right for math.MinInt64 too: its negation wraps to itself, which as uint64 is 2^63.
func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
