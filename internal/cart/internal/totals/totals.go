// Package totals holds the arithmetic of a cart: what a line comes to, and what lines and shipping come to together.
// It does no I/O, finds no price and decides no tax; it adds up what others answered, checked for overflow.
package totals

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/money"
)

// Line is what decides the amounts of one line. All amounts are 0 or more and of one currency.
type Line struct {
	UnitPrice money.Money
	Quantity  int64
	// Discount counts up to the subtotal: a line never falls below 0.
	Discount money.Money
	Tax      money.Money
}

// Amounts of one line. Total = Subtotal - Discount, plus Tax when it is not included.
type Amounts struct {
	UnitPrice money.Money
	Subtotal  money.Money
	Discount  money.Money
	Tax       money.Money
	Total     money.Money
}

// Charge is the price of shipping and the tax on it.
type Charge struct {
	Price money.Money
	Tax   money.Money
}

// Sheet is the arithmetic of a whole cart: Lines are in the order in which they were given.
type Sheet struct {
	TaxIncluded bool
	Lines       []Amounts
	Shipping    Charge
	Totals      cart.Totals
}

// Net returns what the tax of the line is computed from: the subtotal less the discount. Errors: money.ErrOverflow,
// money.ErrCurrencyMismatch.
func (l Line) Net() (money.Money, error) {
	subtotal, err := l.UnitPrice.Mul(l.Quantity)
	if err != nil {
		return money.Money{}, err
	}
	discount, err := least(l.Discount, subtotal)
	if err != nil {
		return money.Money{}, err
	}
	return subtotal.Sub(discount)
}

// Add computes the amounts of every line and their sums. Errors: money.ErrOverflow, money.ErrCurrencyMismatch.
func Add(currency string, taxIncluded bool, lines []Line, shipping Charge) (Sheet, error) {
	sheet := Sheet{TaxIncluded: taxIncluded, Lines: make([]Amounts, len(lines)), Shipping: shipping}
	for i, line := range lines {
		amounts, err := line.amounts(taxIncluded)
		if err != nil {
			return Sheet{}, fmt.Errorf("line %d: %w", i, err)
		}
		sheet.Lines[i] = amounts
	}
	totals, err := sum(currency, sheet)
	if err != nil {
		return Sheet{}, fmt.Errorf("add up the cart: %w", err)
	}
	sheet.Totals = totals
	return sheet, nil
}

func (l Line) amounts(taxIncluded bool) (Amounts, error) {
	subtotal, err := l.UnitPrice.Mul(l.Quantity)
	if err != nil {
		return Amounts{}, err
	}
	net, err := l.Net()
	if err != nil {
		return Amounts{}, err
	}
	discount, err := subtotal.Sub(net)
	if err != nil {
		return Amounts{}, err
	}
	total, err := withTax(net, l.Tax, taxIncluded)
	return Amounts{UnitPrice: l.UnitPrice, Subtotal: subtotal, Discount: discount, Tax: l.Tax, Total: total}, err
}

func sum(currency string, s Sheet) (cart.Totals, error) {
	nothing, err := money.New(0, currency)
	if err != nil {
		return cart.Totals{}, err
	}
	t := cart.Totals{Subtotal: nothing, Discount: nothing, Tax: nothing}
	for _, line := range s.Lines {
		if t, err = accumulate(t, line); err != nil {
			return cart.Totals{}, err
		}
	}
	if t.Shipping, err = nothing.Add(s.Shipping.Price); err != nil {
		return cart.Totals{}, err
	}
	if t.Tax, err = t.Tax.Add(s.Shipping.Tax); err != nil {
		return cart.Totals{}, err
	}
	t.Total, err = total(t, s.TaxIncluded)
	return t, err
}

func accumulate(t cart.Totals, line Amounts) (cart.Totals, error) {
	var err error
	if t.Subtotal, err = t.Subtotal.Add(line.Subtotal); err != nil {
		return t, err
	}
	if t.Discount, err = t.Discount.Add(line.Discount); err != nil {
		return t, err
	}
	t.Tax, err = t.Tax.Add(line.Tax)
	return t, err
}

func total(t cart.Totals, taxIncluded bool) (money.Money, error) {
	goods, err := t.Subtotal.Sub(t.Discount)
	if err != nil {
		return money.Money{}, err
	}
	net, err := goods.Add(t.Shipping)
	if err != nil {
		return money.Money{}, err
	}
	return withTax(net, t.Tax, taxIncluded)
}

func withTax(net, tax money.Money, included bool) (money.Money, error) {
	if included {
		return net, nil
	}
	return net.Add(tax)
}

func least(a, b money.Money) (money.Money, error) {
	order, err := a.Cmp(b)
	if err != nil || order <= 0 {
		return a, err
	}
	return b, nil
}
