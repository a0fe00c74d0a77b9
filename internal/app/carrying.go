package app

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/rialto-commerce/rialto/internal/app/eventsapi"
	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

// brokerName is what the list of dead events calls the broker where it names modules that cannot be reached.
const brokerName = "broker"

// newBroker answers nil where events travel by calls.
func newBroker(cfg Config, tracer *tracing.Tracer) *broker.Broker {
	if cfg.NatsURL == "" {
		return nil
	}
	name := "rialto " + cmp.Or(strings.Join(cfg.Modules, ","), "app")
	return broker.New(broker.Config{URL: cfg.NatsURL, Name: name, Away: sqldb.Unavailable, Log: cfg.Log, Tracer: tracer})
}

// listener is who gets what the outboxes of this process have for a subscriber: the module, when it is here or events travel
// by calls, or else the broker.
func (a *App) listener(s subscription) outbox.Listener {
	if a.broker == nil || !a.cfg.NatsPublish || a.cfg.has(s.actor()) {
		return s.listen
	}
	return a.broker.Publisher(s.subscriber)
}

// notReached says of the error of a listener that nobody who acts has heard of the events.
func notReached(err error) bool {
	return errors.Is(err, remote.ErrNotAsked) || errors.Is(err, broker.ErrNotTaken)
}

// receive hands what the broker has for modules of this process to them, until ctx ends.
func (a *App) receive(ctx context.Context) error {
	if a.broker == nil {
		return nil
	}
	listeners := map[string]outbox.Listener{}
	for _, s := range a.modules.subscriptions() {
		if a.cfg.has(s.actor()) {
			listeners[s.subscriber] = s.listen
		}
	}
	return a.broker.Run(ctx, listeners)
}

// carriedEvents are those on the broker, which all processes share.
func (a *App) carriedEvents() []eventsapi.Source {
	if a.broker == nil {
		return nil
	}
	return []eventsapi.Source{{Relay: a.broker, Modules: []string{brokerName}}}
}
