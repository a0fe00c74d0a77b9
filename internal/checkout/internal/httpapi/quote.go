package httpapi

import (
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// Prefixes that catalog and fulfillment give their public ids.
const (
	variantPrefix        = "var"
	shippingOptionPrefix = "ship"
)

// quote turns everything sent at once into what cart prices; the channel is not in the body.
func quote(body *CheckoutCreate) (cart.QuoteRequest, error) {
	lines, err := quoteLines(body.Lines)
	if err != nil {
		return cart.QuoteRequest{}, err
	}
	option, err := shippingOption(body.ShippingOptionID)
	if err != nil {
		return cart.QuoteRequest{}, err
	}
	return cart.QuoteRequest{
		Lines: lines, Email: strings.TrimSpace(body.Email), ShippingAddress: address(body.ShippingAddress),
		BillingAddress: address(body.BillingAddress), ShippingOptionID: option,
		Note: body.Note, Metadata: map[string]string(body.Metadata),
	}, nil
}

func quoteLines(sent []CartLineInput) ([]cart.QuoteLine, error) {
	lines := make([]cart.QuoteLine, len(sent))
	for i, line := range sent {
		if (line.VariantID == "") == (line.SKU == "") {
			return nil, checkout.ErrInvalidRequest.Detailf("a line names its variant by variant_id or by sku").
				With(invalid(fmt.Sprintf("/lines/%d", i), "either variant_id or sku"))
		}
		variant, err := variantID(i, line.VariantID)
		if err != nil {
			return nil, err
		}
		lines[i] = cart.QuoteLine{VariantID: variant, SKU: line.SKU, Quantity: line.Quantity, Metadata: map[string]string(line.Metadata)}
	}
	return lines, nil
}

func variantID(line int, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	decoded, ok := ids.Decode(variantPrefix, id)
	if !ok {
		return "", cart.ErrUnknownVariant.With(
			fault.Field{Pointer: fmt.Sprintf("/lines/%d/variant_id", line), Code: cart.ErrUnknownVariant.Code})
	}
	return decoded, nil
}

func shippingOption(id string) (string, error) {
	if id == "" {
		return "", nil
	}
	decoded, ok := ids.Decode(shippingOptionPrefix, id)
	if !ok {
		return "", cart.ErrShippingOptionRequired.With(
			fault.Field{Pointer: "/shipping_option_id", Code: cart.ErrShippingOptionRequired.Code})
	}
	return decoded, nil
}

// address is nil where none was sent.
func address(a Address) *cart.Address {
	if a == (Address{}) {
		return nil
	}
	return &cart.Address{FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Line1: a.Line1, Line2: a.Line2,
		City: a.City, Region: a.Region, PostalCode: a.PostalCode, Country: a.Country, Phone: a.Phone}
}
