package shopify

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/money"
)

// maxGrams is a thousand tonnes.
const maxGrams = 1_000_000_000

// cellError says which cell of a row cannot be used and why.
type cellError struct{ column, message string }

// grouped is an amount with commas between its thousands. Without a point behind them it could as well have a decimal
// comma, so "1,299" is not one.
var grouped = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+\.[0-9]+$`)

// amount reads a price: "9.99", "10", "1,299.00".
func amount(text, currency string) (money.Money, error) {
	plain := text
	if grouped.MatchString(text) {
		plain = strings.ReplaceAll(text, ",", "")
	}
	parsed, err := money.ParseMajor(plain, currency)
	if err != nil {
		return money.Money{}, err
	}
	if parsed.IsNegative() {
		return money.Money{}, fmt.Errorf("%s is below 0", parsed)
	}
	return parsed, nil
}

// boolean reads true or false in any case; a blank cell is worth blank.
func boolean(r row, column string, blank bool) (bool, *cellError) {
	text := r.cell(column)
	switch strings.ToLower(text) {
	case "":
		return blank, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, &cellError{column, fmt.Sprintf("%.32q is neither true nor false", text)}
}

// quantity reads a count, nil when the cell is blank.
func quantity(r row) (*int64, *cellError) {
	text := r.cell(ColQuantity)
	if text == "" {
		return nil, nil
	}
	count, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, &cellError{ColQuantity, fmt.Sprintf("%.32q is not a count", text)}
	}
	return &count, nil
}

// grams reads a weight. Exports of pounds and ounces have decimals, which are rounded.
func grams(r row) (int64, *cellError) {
	text := r.cell(ColGrams)
	if text == "" {
		return 0, nil
	}
	weight, err := strconv.ParseFloat(text, 64)
	if err != nil || !(weight >= 0 && weight <= maxGrams) {
		return 0, &cellError{ColGrams, fmt.Sprintf("%.32q is not a weight", text)}
	}
	return int64(math.Round(weight)), nil
}

// barcode drops the apostrophe that keeps spreadsheets from rounding long numbers.
func barcode(text string) string { return strings.TrimPrefix(text, "'") }
