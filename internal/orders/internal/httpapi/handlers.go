// Package httpapi is the orders part of the HTTP API. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/amending"
	"github.com/rialto-commerce/rialto/internal/orders/internal/reading"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// Handlers implements StrictServerInterface.
type Handlers struct {
	reading   *reading.Reading
	presenter reading.Presenter
	amending  *amending.Amending
	cursors   pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(r *reading.Reading, p reading.Presenter, a *amending.Amending, cursors pagination.Codec) *Handlers {
	return &Handlers{reading: r, presenter: p, amending: a, cursors: cursors}
}

// StoreGetOrder implements StrictServerInterface.
func (h *Handlers) StoreGetOrder(ctx context.Context, request StoreGetOrderRequestObject) (StoreGetOrderResponseObject, error) {
	if request.Params.OrderToken == "" {
		return nil, orders.ErrTokenRequired
	}
	id, ok := ids.Decode(orders.OrderPrefix, request.ID)
	if !ok {
		return nil, orders.ErrNotFound
	}
	found, err := h.reading.ForBuyer(ctx, id, request.Params.OrderToken)
	if err != nil {
		return nil, err
	}
	return StoreGetOrder200JSONResponse(h.presenter.View(found)), nil
}

// GetOrder implements StrictServerInterface.
func (h *Handlers) GetOrder(ctx context.Context, request GetOrderRequestObject) (GetOrderResponseObject, error) {
	id, ok := ids.Decode(orders.OrderPrefix, request.ID)
	if !ok {
		return nil, orders.ErrNotFound
	}
	detail, err := h.reading.Detail(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetOrder200JSONResponse{Body: h.detail(detail), Headers: GetOrder200ResponseHeaders{ETag: etag(detail.Version)}}, nil
}

// CaptureOrder implements StrictServerInterface.
func (h *Handlers) CaptureOrder(ctx context.Context, request CaptureOrderRequestObject) (CaptureOrderResponseObject, error) {
	command, err := commandOn(ctx, "captures", request.ID, request.Params.IdempotencyKey, request.Body)
	if err != nil {
		return nil, err
	}
	done, err := h.amending.Capture(ctx, command, given(request.Body.Amount))
	if err != nil {
		return nil, err
	}
	return CaptureOrder201JSONResponse{Body: captured(done), Headers: CaptureOrder201ResponseHeaders{IdempotencyReplayed: replayed(done)}}, nil
}

// RefundOrder implements StrictServerInterface.
func (h *Handlers) RefundOrder(ctx context.Context, request RefundOrderRequestObject) (RefundOrderResponseObject, error) {
	command, err := commandOn(ctx, "refunds", request.ID, request.Params.IdempotencyKey, request.Body)
	if err != nil {
		return nil, err
	}
	input := amending.Input{Amount: given(request.Body.Amount), Lines: units(request.Body.Lines), Reason: request.Body.Reason}
	done, err := h.amending.Refund(ctx, command, input)
	if err != nil {
		return nil, err
	}
	return RefundOrder201JSONResponse{Body: refunded(done), Headers: RefundOrder201ResponseHeaders{IdempotencyReplayed: replayed(done)}}, nil
}

// FulfillOrder implements StrictServerInterface.
func (h *Handlers) FulfillOrder(ctx context.Context, request FulfillOrderRequestObject) (FulfillOrderResponseObject, error) {
	command, err := commandOn(ctx, "fulfillments", request.ID, request.Params.IdempotencyKey, request.Body)
	if err != nil {
		return nil, err
	}
	input, err := fulfillmentInput(*request.Body)
	if err != nil {
		return nil, err
	}
	done, err := h.amending.Fulfill(ctx, command, input)
	if err != nil {
		return nil, err
	}
	return FulfillOrder201JSONResponse{Body: sent(done), Headers: FulfillOrder201ResponseHeaders{IdempotencyReplayed: replayed(done)}}, nil
}

// CancelOrder implements StrictServerInterface.
func (h *Handlers) CancelOrder(ctx context.Context, request CancelOrderRequestObject) (CancelOrderResponseObject, error) {
	command, err := commandOn(ctx, "cancellation", request.ID, request.Params.IdempotencyKey, request.Body)
	if err != nil {
		return nil, err
	}
	done, err := h.amending.Cancel(ctx, command, request.Body.Reason)
	if err != nil {
		return nil, err
	}
	detail, err := h.reading.Detail(ctx, command.OrderID)
	if err != nil {
		return nil, err
	}
	return CancelOrder200JSONResponse{Body: h.detail(detail), Headers: CancelOrder200ResponseHeaders{IdempotencyReplayed: replayed(done)}}, nil
}

// commandOn names a request: by the API key and the Idempotency-Key that sent it, and by a hash of what it asks for.
func commandOn(ctx context.Context, action, publicID, key string, body any) (amending.Request, error) {
	id, ok := ids.Decode(orders.OrderPrefix, publicID)
	if !ok {
		return amending.Request{}, orders.ErrNotFound
	}
	request := amending.Request{OrderID: id, Scope: identity.From(ctx).KeyID}
	if key == "" {
		return request, nil
	}
	parsed, err := idempotency.ParseKey([]string{key})
	if err != nil {
		return request, err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return request, fmt.Errorf("encode request: %w", err)
	}
	request.Key = parsed
	request.Hash = idempotency.Hash("POST", "/admin/v1/orders/"+publicID+"/"+action, "", text)
	return request, nil
}

func etag(version int) string { return strconv.Quote(strconv.Itoa(version)) }

func replayed(done amending.Done) *string {
	if !done.Replayed {
		return nil
	}
	yes := "true"
	return &yes
}
