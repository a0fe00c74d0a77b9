// Package httpapi is the API of checkouts. It decides what a request may contain beside what the document says,
// turns public ids into internal ones and back, and holds no rule of the checkout itself.
package httpapi

import (
	"context"
	"errors"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// retryAfter is how long to wait before asking again for a checkout that has not ended, in seconds.
const retryAfter = 2

// Handlers implements StrictServerInterface.
type Handlers struct {
	checkouts *completing.Checkouts
	cursors   pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(checkouts *completing.Checkouts, cursors pagination.Codec) *Handlers {
	return &Handlers{checkouts: checkouts, cursors: cursors}
}

// CreateCheckout implements StrictServerInterface.
func (h *Handlers) CreateCheckout(ctx context.Context, request CreateCheckoutRequestObject) (CreateCheckoutResponseObject, error) {
	req, err := read(ctx, request)
	if err != nil {
		return nil, err
	}
	outcome, err := h.checkouts.Create(ctx, req)
	if err != nil {
		return nil, err
	}
	if outcome.Attempt.Declined() {
		return newDeclined(ctx, outcome), nil
	}
	return newCreated(outcome)
}

// GetCheckout implements StrictServerInterface.
func (h *Handlers) GetCheckout(ctx context.Context, request GetCheckoutRequestObject) (GetCheckoutResponseObject, error) {
	access, err := accessTo(request.ID, request.Params.CheckoutToken, request.Params.CartToken)
	if err != nil {
		return nil, err
	}
	outcome, err := h.checkouts.Read(ctx, access)
	if err != nil {
		return nil, err
	}
	return newShown(outcome)
}

// CancelCheckout implements StrictServerInterface.
func (h *Handlers) CancelCheckout(ctx context.Context, request CancelCheckoutRequestObject) (CancelCheckoutResponseObject, error) {
	access, err := accessTo(request.ID, request.Params.CheckoutToken, request.Params.CartToken)
	if err != nil {
		return nil, err
	}
	outcome, err := h.checkouts.Cancel(ctx, access)
	if err != nil {
		return nil, err
	}
	return newShown(outcome)
}

// accessTo answers an id that names nothing like one that is somebody else's, and only to those who show a token at all.
func accessTo(id, checkoutToken, cartToken string) (completing.Access, error) {
	if checkoutToken == "" && cartToken == "" {
		return completing.Access{}, checkout.ErrTokenRequired
	}
	decoded, ok := ids.Decode(checkout.CheckoutPrefix, id)
	if !ok {
		return completing.Access{}, checkout.ErrNotFound
	}
	return completing.Access{ID: decoded, CheckoutToken: checkoutToken, CartToken: cartToken}, nil
}

// cartID reads the public id of a cart.
func cartID(id string) (string, error) {
	decoded, ok := ids.Decode(cart.CartPrefix, id)
	if !ok {
		return "", cart.ErrNotFound
	}
	return decoded, nil
}

// declineCode is the provider's word in a declined payment.
func declineCode(failure *fault.Error) string {
	if failure == nil || !errors.Is(failure, checkout.ErrPaymentDeclined) {
		return ""
	}
	code, _ := failure.Members["decline_code"].(string)
	return code
}
