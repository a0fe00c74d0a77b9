// Package httpapi is the store API of carts. It checks that a token was sent, turns public ids into internal ones and
// back, and holds no rule.
package httpapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/shopping"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

const path = "/store/v1/carts/"

// Handlers implements StrictServerInterface.
type Handlers struct {
	shop    *shopping.Shop
	baseURL string
}

// NewHandlers makes the handlers. The base URL is that of the shop's own pages.
func NewHandlers(shop *shopping.Shop, baseURL string) *Handlers {
	return &Handlers{shop: shop, baseURL: strings.TrimSuffix(baseURL, "/")}
}

// NoStore keeps what is said of a cart out of every cache.
func NoStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// CreateCart implements StrictServerInterface.
func (h *Handlers) CreateCart(ctx context.Context, request CreateCartRequestObject) (CreateCartResponseObject, error) {
	req, err := openRequest(request)
	if err != nil {
		return nil, err
	}
	view, err := h.shop.Open(ctx, req)
	if err != nil {
		return nil, err
	}
	shown := h.show(view)
	return CreateCart201JSONResponse{Body: shown, Headers: CreateCart201ResponseHeaders{
		ETag: tag(view), Location: path + shown.ID}}, nil
}

// GetCart implements StrictServerInterface.
func (h *Handlers) GetCart(ctx context.Context, request GetCartRequestObject) (GetCartResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, "")
	if err != nil {
		return nil, err
	}
	view, err := h.shop.Cart(ctx, target)
	if err != nil {
		return nil, err
	}
	return GetCart200JSONResponse{Body: h.show(view), Headers: GetCart200ResponseHeaders{ETag: tag(view)}}, nil
}

// UpdateCart implements StrictServerInterface.
func (h *Handlers) UpdateCart(ctx context.Context, request UpdateCartRequestObject) (UpdateCartResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	wanted, err := changes(*request.Body)
	if err != nil {
		return nil, err
	}
	view, err := h.shop.Change(ctx, target, wanted)
	if err != nil {
		return nil, err
	}
	return UpdateCart200JSONResponse{Body: h.show(view), Headers: UpdateCart200ResponseHeaders{ETag: tag(view)}}, nil
}

// AddCartLines implements StrictServerInterface.
func (h *Handlers) AddCartLines(ctx context.Context, request AddCartLinesRequestObject) (AddCartLinesResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	wanted, err := added(*request.Body)
	if err != nil {
		return nil, err
	}
	view, err := h.shop.AddLines(ctx, target, wanted)
	if err != nil {
		return nil, err
	}
	return AddCartLines200JSONResponse{Body: h.show(view), Headers: AddCartLines200ResponseHeaders{ETag: tag(view)}}, nil
}

// ReplaceCartLines implements StrictServerInterface.
func (h *Handlers) ReplaceCartLines(ctx context.Context, request ReplaceCartLinesRequestObject) (ReplaceCartLinesResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	wanted, err := listed(request.Body.Lines)
	if err != nil {
		return nil, err
	}
	view, err := h.shop.ReplaceLines(ctx, target, wanted)
	if err != nil {
		return nil, err
	}
	return ReplaceCartLines200JSONResponse{Body: h.show(view), Headers: ReplaceCartLines200ResponseHeaders{ETag: tag(view)}}, nil
}

// UpdateCartLine implements StrictServerInterface.
func (h *Handlers) UpdateCartLine(ctx context.Context, request UpdateCartLineRequestObject) (UpdateCartLineResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	view, err := h.shop.SetQuantity(ctx, target, decode(cart.LinePrefix, request.LineID), request.Body.Quantity)
	if err != nil {
		return nil, err
	}
	return UpdateCartLine200JSONResponse{Body: h.show(view), Headers: UpdateCartLine200ResponseHeaders{ETag: tag(view)}}, nil
}

// RemoveCartLine implements StrictServerInterface.
func (h *Handlers) RemoveCartLine(ctx context.Context, request RemoveCartLineRequestObject) (RemoveCartLineResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	view, err := h.shop.SetQuantity(ctx, target, decode(cart.LinePrefix, request.LineID), 0)
	if err != nil {
		return nil, err
	}
	return RemoveCartLine200JSONResponse{Body: h.show(view), Headers: RemoveCartLine200ResponseHeaders{ETag: tag(view)}}, nil
}

// ListCartShippingOptions implements StrictServerInterface.
func (h *Handlers) ListCartShippingOptions(ctx context.Context, request ListCartShippingOptionsRequestObject) (ListCartShippingOptionsResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, "")
	if err != nil {
		return nil, err
	}
	options, err := h.shop.ShippingOptions(ctx, target)
	if err != nil {
		return nil, err
	}
	answer := ListCartShippingOptions200JSONResponse{Data: make([]CartShippingOption, len(options))}
	for i, option := range options {
		answer.Data[i] = showOption(option)
	}
	return answer, nil
}

// ListCartPaymentMethods implements StrictServerInterface.
func (h *Handlers) ListCartPaymentMethods(ctx context.Context, request ListCartPaymentMethodsRequestObject) (ListCartPaymentMethodsResponseObject, error) {
	target, err := target(request.ID, request.Params.CartToken, "")
	if err != nil {
		return nil, err
	}
	methods, err := h.shop.PaymentMethods(ctx, target)
	if err != nil {
		return nil, err
	}
	answer := ListCartPaymentMethods200JSONResponse{Data: make([]PaymentMethod, len(methods))}
	for i, method := range methods {
		answer.Data[i] = PaymentMethod{Method: method.Code, Name: method.Name, RequiresToken: method.NeedsToken}
	}
	return answer, nil
}

// target reads what every operation on a cart is sent. Errors: cart.ErrTokenRequired, etag.ErrMismatch.
func target(id, token, ifMatch string) (shopping.Target, error) {
	if token == "" {
		return shopping.Target{}, cart.ErrTokenRequired
	}
	version, err := etag.Optional(ifMatch)
	return shopping.Target{CartID: decode(cart.CartPrefix, id), Token: token, Version: version}, err
}

// decode reads a public id. One that cannot be read is answered like one that does not exist.
func decode(prefix, public string) string {
	id, ok := ids.Decode(prefix, public)
	if !ok {
		return basket.NoID
	}
	return id
}

func tag(view shopping.View) string { return etag.Of(view.Cart.Version) }
