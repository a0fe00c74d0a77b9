// Package eventsapi is the admin API of events: it shows deliveries that are dead and replays them. It belongs to no module,
// as events of all modules are delivered by the same relays, of which there is one per database.
package eventsapi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const listName = "dead_events"

// Relay knows the dead deliveries of one database.
type Relay interface {
	Dead(ctx context.Context, after outbox.Position, limit int) ([]outbox.DeadDelivery, error)
	CountDead(ctx context.Context) (int, error)
	Revive(ctx context.Context, which outbox.Selection) (int, error)
	Knows(ctx context.Context, eventID string) (bool, error)
}

// Handlers implements StrictServerInterface.
type Handlers struct {
	relays  []Relay
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(cursors pagination.Codec, relays ...*outbox.Relay) *Handlers {
	h := &Handlers{cursors: cursors}
	for _, relay := range relays {
		h.relays = append(h.relays, relay)
	}
	return h
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
	shown, page, err := pagination.Read(ctx, h.cursors, pagination.List{Name: listName, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total},
		pagination.Source[outbox.DeadDelivery]{Read: h.read, Count: h.count, ID: place})
	if err != nil {
		return nil, err
	}
	answer := ListDeadEvents200JSONResponse{Body: DeadEventList{Data: make([]DeadEvent, len(shown)), Page: Page(page)}}
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
	replayed, err := h.revive(ctx, outbox.Selection{Subscriber: request.Body.Subscriber})
	return ReplayDeadEvents200JSONResponse(replayed), err
}

// ReplayDeadEvent implements StrictServerInterface.
func (h *Handlers) ReplayDeadEvent(ctx context.Context, request ReplayDeadEventRequestObject) (ReplayDeadEventResponseObject, error) {
	id, ok := ids.Decode(outbox.EventPrefix, request.ID)
	if !ok {
		return nil, outbox.ErrNoEvent
	}
	if err := h.find(ctx, id); err != nil {
		return nil, err
	}
	replayed, err := h.revive(ctx, outbox.Selection{EventID: id})
	return ReplayDeadEvent200JSONResponse(replayed), err
}

// find errors unless some database has the event.
func (h *Handlers) find(ctx context.Context, id string) error {
	for _, relay := range h.relays {
		known, err := relay.Knows(ctx, id)
		if known || err != nil {
			return err
		}
	}
	return outbox.ErrNoEvent
}

func (h *Handlers) revive(ctx context.Context, which outbox.Selection) (Replayed, error) {
	var total Replayed
	for _, relay := range h.relays {
		revived, err := relay.Revive(ctx, which)
		if err != nil {
			return Replayed{}, err
		}
		total.Replayed += int64(revived)
	}
	return total, nil
}

// read merges what the databases have.
func (h *Handlers) read(ctx context.Context, before string, limit int) ([]outbox.DeadDelivery, error) {
	event, subscriber, _ := strings.Cut(before, " ")
	var all []outbox.DeadDelivery
	for _, relay := range h.relays {
		dead, err := relay.Dead(ctx, outbox.Position{EventID: event, Subscriber: subscriber}, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, dead...)
	}
	slices.SortFunc(all, func(a, b outbox.DeadDelivery) int {
		return cmp.Or(strings.Compare(b.EventID, a.EventID), strings.Compare(b.Subscriber, a.Subscriber))
	})
	return all[:min(len(all), limit)], nil
}

func (h *Handlers) count(ctx context.Context) (int64, error) {
	var total int64
	for _, relay := range h.relays {
		dead, err := relay.CountDead(ctx)
		if err != nil {
			return 0, err
		}
		total += int64(dead)
	}
	return total, nil
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
