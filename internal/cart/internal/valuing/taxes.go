package valuing

import (
	"context"
	"fmt"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/tax"
)

const shippingRef = "shipping"

// addUp has everything taxed and adds it up.
func (v *Valuer) addUp(ctx context.Context, c basket.Cart, val *Valuation) error {
	nothing := money.Zero(c.Currency)
	lines := make([]totals.Line, len(c.Lines))
	for i, line := range c.Lines {
		lines[i] = totals.Line{UnitPrice: val.Lines[i].UnitPrice, Quantity: line.Quantity, Discount: nothing, Tax: nothing}
	}
	shipping := totals.Charge{Price: nothing, Tax: nothing}
	if val.Shippable && val.Option != nil {
		shipping.Price = val.Option.Price
	}
	taxes, err := v.taxes(ctx, *val, lines, shipping.Price)
	if err != nil {
		return err
	}
	for i := range lines {
		val.Lines[i].Taxes = taxes[strconv.Itoa(i)]
		if lines[i].Tax, err = sumTaxes(c.Currency, val.Lines[i].Taxes); err != nil {
			return err
		}
	}
	val.ShippingTaxes = taxes[shippingRef]
	if shipping.Tax, err = sumTaxes(c.Currency, val.ShippingTaxes); err != nil {
		return err
	}
	val.Sheet, err = totals.Add(c.Currency, val.Channel.TaxIncluded, lines, shipping)
	return err
}

// taxes answers the tax lines by reference: the index of a line, or shipping. Without a country there is no tax.
func (v *Valuer) taxes(ctx context.Context, val Valuation, lines []totals.Line, shipping money.Money) (map[string][]cart.TaxLine, error) {
	bases, err := taxBases(val, lines, shipping)
	if err != nil || len(bases) == 0 || val.Place.Country == "" {
		return nil, err
	}
	answer, err := v.owners.Tax.Calculate(ctx, tax.CalculateRequest{Country: val.Place.Country, Region: val.Place.Region,
		Included: val.Channel.TaxIncluded, Lines: bases})
	if err != nil {
		return nil, fmt.Errorf("calculate tax of cart: %w", err)
	}
	taxes := make(map[string][]cart.TaxLine, len(answer.Lines))
	for _, line := range answer.Lines {
		for _, t := range line.Taxes {
			taxes[line.Ref] = append(taxes[line.Ref], cart.TaxLine{Name: t.Name, Rate: t.Rate, Amount: t.Amount})
		}
	}
	return taxes, nil
}

func taxBases(val Valuation, lines []totals.Line, shipping money.Money) ([]tax.TaxBase, error) {
	var bases []tax.TaxBase
	for i, line := range lines {
		if val.Lines[i].Fault != nil {
			continue
		}
		net, err := line.Net()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i, err)
		}
		bases = append(bases, tax.TaxBase{Ref: strconv.Itoa(i), Amount: net, TaxClass: val.Lines[i].TaxClass})
	}
	if val.Shippable && val.Option != nil {
		bases = append(bases, tax.TaxBase{Ref: shippingRef, Amount: shipping, TaxClass: val.Option.TaxClass, Shipping: true})
	}
	return bases, nil
}

func sumTaxes(currency string, taxes []cart.TaxLine) (money.Money, error) {
	amounts := make([]money.Money, len(taxes))
	for i, t := range taxes {
		amounts[i] = t.Amount
	}
	return money.Sum(currency, amounts...)
}
