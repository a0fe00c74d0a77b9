package money

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ParseMajor reads an amount in major units as files for import write it: "19.99", "-5", "100". It takes
// digits with an optional minus in front and an optional fraction behind a point, and never more
// decimals than the currency has, not even zeros: "1.000" EUR may well mean a thousand.
//
// Errors: ErrUnknownCurrency, ErrInvalidAmount, ErrOverflow.
func ParseMajor(text, currency string) (Money, error) {
	digits, err := Exponent(currency)
	if err != nil {
		return Money{}, err
	}
	unsigned, negative := strings.CutPrefix(text, "-")
	whole, fraction, dotted := strings.Cut(unsigned, ".")
	if !allDigits(whole) || dotted && !allDigits(fraction) {
		return Money{}, ErrInvalidAmount.Detailf("%.32q is not an amount", text)
	}
	if len(fraction) > digits {
		return Money{}, ErrInvalidAmount.Detailf("%.32q has more than the %d decimals of %s", text, digits, currency)
	}
	size, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return Money{}, ErrOverflow.Wrap(err)
	}
	return fromMagnitude(size, negative, currency)
}

// Major returns the amount in major units with all decimals of the currency and without its code:
// "19.99", "-0.05", "100". ParseMajor reads it back.
func (m Money) Major() string {
	digits := exponents()[m.currency]
	text := fmt.Sprintf("%0*d", digits+1, magnitude(m.minor))
	if digits > 0 {
		point := len(text) - digits
		text = text[:point] + "." + text[point:]
	}
	if m.IsNegative() {
		text = "-" + text
	}
	return text
}

// String is for logs and tests: "19.99 EUR".
func (m Money) String() string {
	return m.Major() + " " + m.currency
}

// MarshalJSON writes {"amount": 1999, "currency": "EUR"}. The zero Money, which has no currency, is an
// error: it is an amount that somebody forgot to set.
func (m Money) MarshalJSON() ([]byte, error) {
	if m.currency == "" {
		return nil, ErrUnknownCurrency.Detailf("an amount without a currency")
	}
	text := make([]byte, 0, longestText)
	text = strconv.AppendInt(append(text, `{"amount":`...), m.minor, 10)
	return append(append(append(text, `,"currency":"`...), m.currency...), `"}`...), nil
}

// longestText is what the JSON of an amount has room in.
const longestText = 64

// UnmarshalJSON reads what MarshalJSON writes and nothing else: both members, once, in lower case, no
// others, and an integer amount (1.0 and 1e3 are refused, like null).
//
// Errors: ErrUnknownCurrency, ErrOverflow, ErrInvalidAmount for everything else.
func (m *Money) UnmarshalJSON(data []byte) error {
	if plain, ok := readPlain(data); ok {
		*m = plain
		return nil
	}
	members, err := readMembers(data)
	if err != nil {
		return ErrInvalidAmount.Wrap(err)
	}
	minor, err := strconv.ParseInt(string(members["amount"]), 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return ErrOverflow
	}
	if err != nil {
		return ErrInvalidAmount.Wrap(err)
	}
	var currency string
	if err := json.Unmarshal(members["currency"], &currency); err != nil {
		return ErrInvalidAmount.Wrap(err)
	}
	parsed, err := New(minor, currency)
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// readPlain reads an amount that is written the way this program and PostgreSQL write it, which nearly all are.
func readPlain(data []byte) (plain Money, ok bool) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"amount":`))
	if !ok {
		return Money{}, false
	}
	amount, rest, ok := bytes.Cut(bytes.TrimPrefix(rest, []byte(" ")), []byte(","))
	if !ok {
		return Money{}, false
	}
	rest, ok = bytes.CutPrefix(bytes.TrimPrefix(rest, []byte(" ")), []byte(`"currency":`))
	if !ok {
		return Money{}, false
	}
	currency, ok := bytes.CutSuffix(bytes.TrimPrefix(rest, []byte(" ")), []byte(`"}`))
	if !ok || len(currency) != 4 || currency[0] != '"' || !isInteger(amount) {
		return Money{}, false
	}
	minor, err := strconv.ParseInt(string(amount), 10, 64)
	if err != nil {
		return Money{}, false
	}
	plain, err = New(minor, string(currency[1:]))
	return plain, err == nil
}

// isInteger reports whether JSON takes the text for an integer: no plus, no leading zero.
func isInteger(text []byte) bool {
	digits := strings.TrimPrefix(string(text), "-")
	return allDigits(digits) && (len(digits) == 1 || digits[0] != '0')
}

func readMembers(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	members := make(map[string]json.RawMessage, 2)
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := name.(string)
		if _, twice := members[key]; twice || key != "amount" && key != "currency" {
			return nil, fmt.Errorf("unexpected member %.32q", key)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		members[key] = value
	}
	if _, err := dec.Token(); err != nil || len(members) != 2 {
		return nil, errors.New("a member is missing")
	}
	return members, nil
}
