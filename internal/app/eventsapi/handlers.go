// Package eventsapi is the admin API of events: it shows deliveries that are dead and replays them. It belongs to no module,
// as events of all modules are delivered by the same relays, of which there is one per database.
package eventsapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

const listName = "dead_events"

// Relay knows the dead deliveries of one database.
type Relay interface {
	Dead(ctx context.Context, after outbox.Position, limit int) ([]outbox.DeadDelivery, error)
	CountDead(ctx context.Context) (int, error)
	Revive(ctx context.Context, which outbox.Selection) (int, error)
	Knows(ctx context.Context, eventID string) (bool, error)
}

// Source is a relay of this process, or one of the process that has Modules. Without that process, the others are shown.
type Source struct {
	Relay
	Modules []string
}

// Handlers implements StrictServerInterface.
type Handlers struct {
	sources []Source
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(cursors pagination.Codec, sources []Source) *Handlers {
	return &Handlers{cursors: cursors, sources: sources}
}

// Mount adds the routes to a router that has its middleware already.
func (h *Handlers) Mount(r chi.Router) {
	handlers := NewStrictHandlerWithOptions(h, nil, StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	HandlerWithOptions(handlers, ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// ListDeadEvents implements StrictServerInterface.
func (h *Handlers) ListDeadEvents(ctx context.Context, request ListDeadEventsRequestObject) (ListDeadEventsResponseObject, error) {
	p := request.Params
	v := &visit{sources: h.sources}
	shown, page, err := pagination.Read(ctx, h.cursors, pagination.List{Name: listName, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total},
		pagination.Source[outbox.DeadDelivery]{Read: v.from, Count: v.count, ID: place})
	if err != nil {
		return nil, err
	}
	answer := ListDeadEvents200JSONResponse{Body: DeadEventList{Data: make([]DeadEvent, len(shown)), Page: Page(page), Unreachable: v.unreachable}}
	for i, dead := range shown {
		if answer.Body.Data[i], err = view(dead); err != nil {
			return nil, err
		}
	}
	answer.Headers.Link = page.Link(ctx)
	return answer, nil
}

// ReplayDeadEvents implements StrictServerInterface.
func (h *Handlers) ReplayDeadEvents(ctx context.Context, request ReplayDeadEventsRequestObject) (ReplayDeadEventsResponseObject, error) {
	v := &visit{sources: h.sources}
	replayed, err := v.revive(ctx, outbox.Selection{Subscriber: request.Body.Subscriber})
	return ReplayDeadEvents200JSONResponse{Replayed: int64(replayed), Unreachable: v.unreachable}, err
}

// ReplayDeadEvent implements StrictServerInterface.
func (h *Handlers) ReplayDeadEvent(ctx context.Context, request ReplayDeadEventRequestObject) (ReplayDeadEventResponseObject, error) {
	id, ok := ids.Decode(outbox.EventPrefix, request.ID)
	if !ok {
		return nil, outbox.ErrNoEvent
	}
	v := &visit{sources: h.sources}
	known, err := v.knows(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !known && len(v.unreachable) > 0:
		return nil, remote.ErrUnavailable.Detailf("nobody knows the event, and the modules %s cannot be asked at the moment", strings.Join(v.unreachable, ", "))
	case !known:
		return nil, outbox.ErrNoEvent
	}
	replayed, err := v.revive(ctx, outbox.Selection{EventID: id})
	return ReplayDeadEvent200JSONResponse{Replayed: int64(replayed), Unreachable: v.unreachable}, err
}

// from is read for a place in the list.
func (v *visit) from(ctx context.Context, place string, limit int) ([]outbox.DeadDelivery, error) {
	event, subscriber, _ := strings.Cut(place, " ")
	return v.read(ctx, outbox.Position{EventID: event, Subscriber: subscriber}, limit)
}

// place is where a delivery stands in the list.
func place(d outbox.DeadDelivery) string { return d.EventID + " " + d.Subscriber }

func view(d outbox.DeadDelivery) (DeadEvent, error) {
	shown := DeadEvent{ID: ids.Encode(outbox.EventPrefix, d.EventID), Schema: d.Schema, Subscriber: d.Subscriber, Name: d.Name,
		Attempts: int64(d.Attempts), LastError: d.LastError, OccurredAt: d.OccurredAt.UTC(), DeadAt: d.DeadAt.UTC()}
	if err := json.Unmarshal(d.Payload, &shown.Payload); err != nil {
		return DeadEvent{}, fmt.Errorf("read payload of event %s: %w", d.EventID, err)
	}
	return shown, nil
}
