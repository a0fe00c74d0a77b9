package order

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// Check refuses a snapshot whose amounts do not add up: quantities and prices to lines, lines to totals, totals to the
// total, all in one currency and none below 0. It also refuses ids that no order could be shown with.
// Errors: orders.ErrInvalidSnapshot with a pointer to each value that is off.
func Check(req orders.PlaceRequest) error {
	a := audit{currency: req.Currency}
	a.identified("/channel_id", req.ChannelID)
	if len(req.Lines) == 0 {
		a.blame("/lines")
	}
	for i, line := range req.Lines {
		a.line(fmt.Sprintf("/lines/%d", i), line, req.TaxIncluded)
	}
	a.totals(req)
	a.counted("/payment/authorized", req.Payment.Authorized)
	if len(a.wrong) > 0 {
		return orders.ErrInvalidSnapshot.With(a.wrong...)
	}
	return nil
}

// audit collects the pointers to what is wrong.
type audit struct {
	currency string
	wrong    []fault.Field
}

func (a *audit) blame(pointer string) {
	a.wrong = append(a.wrong, fault.Field{Pointer: pointer, Code: "invalid_value"})
}

// identified demands an internal id.
func (a *audit) identified(pointer, id string) {
	if !ids.Valid(id) {
		a.blame(pointer)
	}
}

// counted demands an amount of the order's currency that is not below 0.
func (a *audit) counted(pointer string, amount money.Money) {
	if amount.Currency() != a.currency || amount.IsNegative() {
		a.blame(pointer)
	}
}

// equal demands an amount that is the one computed.
func (a *audit) equal(pointer string, amount, computed money.Money, err error) {
	if err != nil || amount != computed || amount.IsNegative() {
		a.blame(pointer)
	}
}

func (a *audit) line(pointer string, line orders.PlaceLine, taxIncluded bool) {
	a.identified(pointer+"/variant_id", line.VariantID)
	a.identified(pointer+"/product_id", line.ProductID)
	if line.Quantity < 1 {
		a.blame(pointer + "/quantity")
	}
	a.counted(pointer+"/unit_price", line.UnitPrice)
	a.counted(pointer+"/discount", line.Discount)
	a.counted(pointer+"/tax", line.Tax)
	subtotal, err := line.UnitPrice.Mul(line.Quantity)
	a.equal(pointer+"/subtotal", line.Subtotal, subtotal, err)
	total, err := money.Sum(a.currency, append(taxOnTop(taxIncluded, line.Tax), line.Subtotal, line.Discount.Neg())...)
	a.equal(pointer+"/total", line.Total, total, err)
}

func (a *audit) totals(req orders.PlaceRequest) {
	var subtotals, discounts, taxes, shipping []money.Money
	for _, line := range req.Lines {
		subtotals = append(subtotals, line.Subtotal)
		discounts = append(discounts, line.Discount)
		taxes = append(taxes, line.Tax)
	}
	if req.Shipping != nil {
		a.identified("/shipping/option_id", req.Shipping.OptionID)
		a.counted("/shipping/price", req.Shipping.Price)
		a.counted("/shipping/tax", req.Shipping.Tax)
		shipping = append(shipping, req.Shipping.Price)
		taxes = append(taxes, req.Shipping.Tax)
	}
	a.sum("/totals/subtotal", req.Totals.Subtotal, subtotals)
	a.sum("/totals/discount", req.Totals.Discount, discounts)
	a.sum("/totals/shipping", req.Totals.Shipping, shipping)
	a.sum("/totals/tax", req.Totals.Tax, taxes)
	a.sum("/totals/total", req.Totals.Total, append(taxOnTop(req.TaxIncluded, req.Totals.Tax),
		req.Totals.Subtotal, req.Totals.Discount.Neg(), req.Totals.Shipping))
}

func (a *audit) sum(pointer string, amount money.Money, parts []money.Money) {
	computed, err := money.Sum(a.currency, parts...)
	a.equal(pointer, amount, computed, err)
}

// taxOnTop is the tax where it is not already inside the prices.
func taxOnTop(included bool, tax money.Money) []money.Money {
	if included {
		return nil
	}
	return []money.Money{tax}
}
