package money

import (
	"strings"

	"github.com/shopspring/decimal"
)

const (
	percentDecimals = 6
	maxPercent      = 1000
	maxPercentText  = len("1000.000000")
)

// Percent is an exact percentage from 0 to 1000 with up to six decimals, such as "19" or "8.1". Its JSON
// form and its text are that string. The zero Percent is 0 %; == compares values.
type Percent struct {
	millionths int64
}

// ParsePercent reads digits with an optional fraction: no sign, exponent, space or percent sign.
// Errors: ErrInvalidPercent.
func ParsePercent(text string) (Percent, error) {
	whole, fraction, dotted := strings.Cut(text, ".")
	if len(text) > maxPercentText || !allDigits(whole) || dotted && !allDigits(fraction) {
		return Percent{}, ErrInvalidPercent.Detailf("%.16q is not a percentage", text)
	}
	value, err := decimal.NewFromString(text)
	if err != nil {
		return Percent{}, ErrInvalidPercent.Wrap(err)
	}
	if len(fraction) > percentDecimals || value.GreaterThan(decimal.New(maxPercent, 0)) {
		return Percent{}, ErrInvalidPercent.Detailf("%s is not from 0 to %d with up to %d decimals", text, maxPercent, percentDecimals)
	}
	return Percent{millionths: value.Shift(percentDecimals).IntPart()}, nil
}

// String returns the shortest decimal form: "8.1", never "8.10".
func (p Percent) String() string { return p.decimal().String() }

// IsZero reports whether it is 0 %.
func (p Percent) IsZero() bool { return p.millionths == 0 }

// MarshalText returns the text of String.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what ParsePercent does.
func (p *Percent) UnmarshalText(text []byte) error {
	parsed, err := ParsePercent(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

func (p Percent) decimal() decimal.Decimal { return decimal.New(p.millionths, -percentDecimals) }

// TaxOnTop returns the tax to add to a net amount, rounded half to even, once. A negative amount (a
// refund) has a negative tax. Errors: ErrOverflow.
func TaxOnTop(net Money, rate Percent) (Money, error) {
	return portion(net, rate.decimal(), decimal.New(100, 0))
}

// TaxIncluded returns the tax contained in a gross amount, rounded half to even, once. The gross amount
// does not change; the net is gross minus tax. For gross = net + TaxOnTop(net, rate) it is exactly that
// tax. The tax is never more than the gross, so there is no error.
func TaxIncluded(gross Money, rate Percent) Money {
	tax, _ := portion(gross, rate.decimal(), decimal.New(100, 0).Add(rate.decimal()))
	return tax
}

// portion is amount * numerator / denominator: the one place that rounds.
func portion(m Money, numerator, denominator decimal.Decimal) (Money, error) {
	exact := decimal.New(m.minor, 0).Mul(numerator)
	rounded := halfEven(exact, denominator).BigInt()
	if !rounded.IsInt64() {
		return Money{}, ErrOverflow
	}
	return fromMinor(rounded.Int64(), m.currency)
}

// halfEven divides without an intermediate rounding, which would turn 2.4999 into 2.5 and then into 3.
func halfEven(dividend, divisor decimal.Decimal) decimal.Decimal {
	quotient, remainder := dividend.QuoRem(divisor, 0)
	twice := remainder.Abs().Mul(decimal.New(2, 0)).Cmp(divisor)
	odd := quotient.BigInt().Bit(0) == 1
	if twice < 0 || twice == 0 && !odd {
		return quotient
	}
	return quotient.Add(decimal.New(int64(dividend.Sign()), 0))
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
