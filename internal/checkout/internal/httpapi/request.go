package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
)

// read turns a request into what the use case takes.
func read(ctx context.Context, request CreateCheckoutRequestObject) (completing.Request, error) {
	key, err := idempotency.ParseKey([]string{request.Params.IdempotencyKey})
	if err != nil {
		return completing.Request{}, err
	}
	hash, err := fingerprint(request)
	if err != nil {
		return completing.Request{}, err
	}
	body := request.Body
	req := completing.Request{
		Key: key, Hash: hash, CartToken: request.Params.CartToken, PaymentToken: body.Payment.Token,
		Terms: attempt.Terms{Method: body.Payment.Method, ExpectedVersion: int(body.ExpectedVersion),
			ExpectedTotal: expectedTotal(body), ReturnURL: body.ReturnURL},
	}
	if (body.CartID == "") == (len(body.Lines) == 0) {
		return completing.Request{}, checkout.ErrInvalidRequest.With(
			invalid("/cart_id", "either this or lines"), invalid("/lines", "either this or cart_id"))
	}
	if body.CartID == "" {
		return readLines(ctx, request, req)
	}
	return readCart(body, req)
}

func readCart(body *CheckoutCreate, req completing.Request) (completing.Request, error) {
	if fields := presentBesideCart(body); fields != nil {
		return completing.Request{}, checkout.ErrInvalidRequest.
			Detailf("with cart_id these are read from the cart and must be left out").With(fields...)
	}
	id, err := cartID(body.CartID)
	req.CartID, req.Scope = id, "cart:"+id
	return req, err
}

func presentBesideCart(body *CheckoutCreate) []fault.Field {
	var fields []fault.Field
	for _, member := range []struct {
		pointer string
		present bool
	}{
		{"/currency", body.Currency != ""}, {"/locale", body.Locale != ""}, {"/email", body.Email != ""},
		{"/shipping_address", body.ShippingAddress != Address{}}, {"/billing_address", body.BillingAddress != Address{}},
		{"/shipping_option_id", body.ShippingOptionID != ""}, {"/promotion_codes", len(body.PromotionCodes) > 0},
		{"/note", body.Note != ""}, {"/metadata", len(body.Metadata) > 0},
	} {
		if member.present {
			fields = append(fields, invalid(member.pointer, "not with cart_id"))
		}
	}
	return fields
}

func readLines(ctx context.Context, request CreateCheckoutRequestObject, req completing.Request) (completing.Request, error) {
	body := request.Body
	if err := checkLines(body); err != nil {
		return completing.Request{}, err
	}
	channel, err := channelChoice(ctx, request)
	if err != nil {
		return completing.Request{}, err
	}
	quote, err := quote(body)
	if err != nil {
		return completing.Request{}, err
	}
	quote.Channel = channel
	req.Quote, req.Scope = &quote, shopperScope(channel, body.Email)
	return req, nil
}

// checkLines refuses what has no meaning without a cart, or has none yet.
func checkLines(body *CheckoutCreate) error {
	if body.ExpectedVersion != 0 {
		return checkout.ErrInvalidRequest.Detailf("only a cart has a version").With(invalid("/expected_version", "only with cart_id"))
	}
	if body.Email == "" {
		return checkout.ErrInvalidRequest.Detailf("an e-mail address is needed").With(fault.Field{Pointer: "/email", Code: "required"})
	}
	var unknown []fault.Field
	for i := range body.PromotionCodes {
		unknown = append(unknown, fault.Field{Pointer: fmt.Sprintf("/promotion_codes/%d", i), Code: checkout.ErrPromotionCodeInvalid.Code})
	}
	if unknown != nil {
		return checkout.ErrPromotionCodeInvalid.With(unknown...)
	}
	return nil
}

// channelChoice takes currency and locale from query or body; one that says otherwise than the other is refused.
func channelChoice(ctx context.Context, request CreateCheckoutRequestObject) (cart.ChannelChoice, error) {
	params, body := request.Params, request.Body
	for _, said := range []struct{ pointer, query, body string }{
		{"/currency", params.Currency, body.Currency}, {"/locale", params.Locale, body.Locale},
	} {
		if said.query != "" && said.body != "" && said.query != said.body {
			return cart.ChannelChoice{}, checkout.ErrContradiction.With(
				fault.Field{Pointer: said.pointer, Code: checkout.ErrContradiction.Code, Detail: "the query says otherwise"})
		}
	}
	return cart.ChannelChoice{
		Code: params.Channel, PublishableKey: identity.From(ctx).PublishableKey,
		Currency: either(body.Currency, params.Currency), Locale: either(body.Locale, params.Locale),
		AcceptLanguage: params.AcceptLanguage,
	}, nil
}

// shopperScope keeps the keys of different shoppers apart. The address itself is not kept.
func shopperScope(channel cart.ChannelChoice, email string) string {
	sum := sha256.Sum256([]byte(channel.PublishableKey + "\x00" + channel.Code + "\x00" + strings.ToLower(strings.TrimSpace(email))))
	return "shopper:" + hex.EncodeToString(sum[:])
}

// fingerprint is the same for requests that ask for the same. The expected total stands beside the body, where an
// amount of zero is not left out as if nothing were expected.
func fingerprint(request CreateCheckoutRequestObject) (string, error) {
	text, err := json.Marshal(struct {
		*CheckoutCreate
		ExpectedTotal *money.Money `json:"expected_total,omitempty"`
	}{request.Body, expectedTotal(request.Body)})
	if err != nil {
		return "", fmt.Errorf("fingerprint checkout: %w", err)
	}
	params := request.Params
	query := url.Values{"channel": {params.Channel}, "currency": {params.Currency}, "locale": {params.Locale},
		"country": {params.Country}, "key": {params.Key}}
	return idempotency.Hash(http.MethodPost, collection, query.Encode(), text), nil
}

func expectedTotal(body *CheckoutCreate) *money.Money {
	if body.ExpectedTotal.Currency() == "" {
		return nil
	}
	return &body.ExpectedTotal
}

func invalid(pointer, detail string) fault.Field {
	return fault.Field{Pointer: pointer, Code: "invalid_value", Detail: detail}
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
