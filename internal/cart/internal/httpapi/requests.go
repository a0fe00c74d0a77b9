package httpapi

import (
	"unicode/utf16"

	"github.com/oapi-codegen/nullable"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/shopping"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const maxKey = 64

var (
	errContradiction = fault.New("invalid_parameter", "the query and the body contradict each other")
	errInvalid       = fault.New("validation_failed", "the request is not consistent")
)

func openRequest(request CreateCartRequestObject) (shopping.OpenRequest, error) {
	params, body := request.Params, request.Body
	currency, err := agree("currency", params.Currency, body.Currency)
	if err != nil {
		return shopping.OpenRequest{}, err
	}
	locale, err := agree("locale", params.Locale, body.Locale)
	if err != nil {
		return shopping.OpenRequest{}, err
	}
	wanted, err := listed(body.Lines)
	if err != nil {
		return shopping.OpenRequest{}, err
	}
	key := params.Key
	if key == "" {
		key = params.XPublishableKey
	}
	return shopping.OpenRequest{Wanted: wanted, Channel: channels.ResolveRequest{Code: params.Channel, PublishableKey: key,
		Currency: currency, Locale: locale, AcceptLanguage: params.AcceptLanguage, Country: params.Country}}, nil
}

// agree answers what the query or the body says.
func agree(name, query, body string) (string, error) {
	if query != "" && body != "" && query != body {
		return "", errContradiction.With(fault.Field{Pointer: "/" + name, Code: errContradiction.Code,
			Detail: "the query says otherwise", Members: map[string]any{"parameter": name}})
	}
	if query != "" {
		return query, nil
	}
	return body, nil
}

// added reads one line or many.
func added(body CartLinesAdd) ([]valuing.Wanted, error) {
	single := CartLineInput{VariantID: body.VariantID, SKU: body.SKU, Quantity: body.Quantity, Metadata: body.Metadata}
	named := single.VariantID != "" || single.SKU != "" || single.Quantity != 0 || single.Metadata != nil
	if named && body.Lines != nil {
		return nil, invalid("/lines", "send one line or many, not both")
	}
	if body.Lines != nil {
		return listed(body.Lines)
	}
	if single.Quantity == 0 {
		return nil, invalid("/quantity", "a quantity is needed")
	}
	wanted, err := want(single, "")
	return []valuing.Wanted{wanted}, err
}

func listed(lines []CartLineInput) ([]valuing.Wanted, error) {
	wanted := make([]valuing.Wanted, len(lines))
	for i, line := range lines {
		var err error
		if wanted[i], err = want(line, basket.LinePointer(i)); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

func want(line CartLineInput, pointer string) (valuing.Wanted, error) {
	if (line.VariantID == "") == (line.SKU == "") {
		return valuing.Wanted{}, invalid(pointer+"/variant_id", "name the variant by variant_id or by sku")
	}
	if err := checkKeys(line.Metadata, pointer); err != nil {
		return valuing.Wanted{}, err
	}
	wanted := valuing.Wanted{SKU: line.SKU, Quantity: line.Quantity, Metadata: line.Metadata, Pointer: pointer}
	if line.VariantID != "" {
		wanted.VariantID = decode(catalog.VariantPrefix, line.VariantID)
	}
	return wanted, nil
}

func changes(body CartPatch) (basket.Changes, error) {
	ch := basket.Changes{Email: text(body.Email), Note: text(body.Note),
		ShippingAddress: address(body.ShippingAddress), BillingAddress: address(body.BillingAddress)}
	if id := text(body.ShippingOptionID); id != nil {
		if *id != "" {
			*id = decode(fulfillment.OptionPrefix, *id)
		}
		ch.ShippingOptionID = id
	}
	if body.Metadata.IsSpecified() {
		metadata, _ := body.Metadata.Get()
		if err := checkKeys(metadata, ""); err != nil {
			return basket.Changes{}, err
		}
		plain := map[string]string(metadata)
		ch.Metadata = &plain
	}
	return ch, nil
}

// checkKeys holds the keys of metadata to the length that the document states in words, which no schema of OpenAPI 3.0
// can say. Lengths are counted in UTF-16 code units, like those that a schema does say.
func checkKeys(metadata Metadata, pointer string) error {
	for key := range metadata {
		if n := len(utf16.Encode([]rune(key))); n < 1 || n > maxKey {
			return invalid(pointer+"/metadata", "a key has 1 to 64 characters")
		}
	}
	return nil
}

// text is nil for a field that was left out, and empty for null.
func text(field nullable.Nullable[string]) *string {
	if !field.IsSpecified() {
		return nil
	}
	value, _ := field.Get()
	return &value
}

func address(field nullable.Nullable[Address]) *cart.Address {
	if !field.IsSpecified() {
		return nil
	}
	a, _ := field.Get()
	return &cart.Address{FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Line1: a.Line1, Line2: a.Line2,
		City: a.City, Region: a.Region, PostalCode: a.PostalCode, Country: a.Country, Phone: a.Phone}
}

func invalid(pointer, detail string) error {
	return errInvalid.With(fault.Field{Pointer: pointer, Code: errInvalid.Code, Detail: detail})
}
