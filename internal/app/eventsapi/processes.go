package eventsapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

// Door is the name by which other processes ask for the events of this one, as if it were a module.
const Door = "events"

// Requests and answers between processes, as those of front doors.
type (
	deadRequest struct {
		After outbox.Position `json:"after"`
		Limit int             `json:"limit"`
	}
	deadAnswer struct {
		Deliveries []outbox.DeadDelivery `json:"deliveries"`
	}
	countRequest struct{}
	countAnswer  struct {
		Count int `json:"count"`
	}
	reviveRequest struct {
		Which outbox.Selection `json:"which"`
	}
	knowsRequest struct {
		EventID string `json:"event_id"`
	}
	knowsAnswer struct {
		Known bool `json:"known"`
	}
)

// Methods answer other processes what the relays of this one know.
func Methods(sources []Source) []remote.Method {
	v := &visit{sources: sources}
	return []remote.Method{
		remote.Verb("Dead", func(ctx context.Context, req deadRequest) (deadAnswer, error) {
			dead, err := v.read(ctx, req.After, req.Limit)
			return deadAnswer{Deliveries: dead}, err
		}),
		remote.Verb("CountDead", func(ctx context.Context, _ countRequest) (countAnswer, error) {
			count, err := v.count(ctx)
			return countAnswer{Count: int(count)}, err
		}),
		remote.Verb("Revive", func(ctx context.Context, req reviveRequest) (countAnswer, error) {
			count, err := v.revive(ctx, req.Which)
			return countAnswer{Count: count}, err
		}),
		remote.Verb("Knows", func(ctx context.Context, req knowsRequest) (knowsAnswer, error) {
			known, err := v.knows(ctx, req.EventID)
			return knowsAnswer{Known: known}, err
		}),
	}
}

// Elsewhere is what the relays of another process know.
type Elsewhere struct{ Caller *remote.Caller }

// Dead implements Relay.
func (e Elsewhere) Dead(ctx context.Context, after outbox.Position, limit int) ([]outbox.DeadDelivery, error) {
	answer, err := remote.Call[deadAnswer](ctx, e.Caller, "Dead", remote.Repeatable, deadRequest{After: after, Limit: limit})
	return answer.Deliveries, err
}

// CountDead implements Relay.
func (e Elsewhere) CountDead(ctx context.Context) (int, error) {
	answer, err := remote.Call[countAnswer](ctx, e.Caller, "CountDead", remote.Repeatable, countRequest{})
	return answer.Count, err
}

// Revive implements Relay. What is repeated revives only what is dead again, and is not counted twice.
func (e Elsewhere) Revive(ctx context.Context, which outbox.Selection) (int, error) {
	answer, err := remote.Call[countAnswer](ctx, e.Caller, "Revive", remote.Repeatable, reviveRequest{Which: which})
	return answer.Count, err
}

// Knows implements Relay.
func (e Elsewhere) Knows(ctx context.Context, eventID string) (bool, error) {
	answer, err := remote.Call[knowsAnswer](ctx, e.Caller, "Knows", remote.Repeatable, knowsRequest{EventID: eventID})
	return answer.Known, err
}
