package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rialto-commerce/rialto/internal/app/eventsapi"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

const (
	// pruneInterval is how often events are looked through for old ones.
	pruneInterval = 6 * time.Hour
	// measureLimit is how long a database may take to say what waits in its outboxes; then the metric is left out.
	measureLimit = 2 * time.Second
)

// pruneEvents drops old events until ctx ends, unless they are kept for ever.
func (a *App) pruneEvents(ctx context.Context) error {
	if a.cfg.EventRetention == 0 {
		return nil
	}
	return periodic.Run(ctx, pruneInterval, "drop old events", func(ctx context.Context) error {
		var errs []error
		for _, relay := range a.relays {
			errs = append(errs, relay.Prune(ctx, a.cfg.EventRetention))
		}
		return errors.Join(errs...)
	})
}

// mountEvents adds the routes of dead events, which belong to no module.
func (a *App) mountEvents(r chi.Router) error {
	secrets, err := a.cfg.secrets()
	if err != nil {
		return err
	}
	sources := slices.Concat(a.ownEvents(), a.neighbors.events(), a.carriedEvents())
	eventsapi.NewHandlers(pagination.NewCodec(secrets[0]), sources).Mount(r)
	return nil
}

// ownEvents are those in the databases of this process.
func (a *App) ownEvents() []eventsapi.Source {
	return each(a.relays, func(r *outbox.Relay) eventsapi.Source { return eventsapi.Source{Relay: r} })
}

// events are those that other processes have, each process once.
func (n *neighbors) events() []eventsapi.Source {
	if n == nil {
		return nil
	}
	var sources []eventsapi.Source
	for address, names := range n.cfg.absentByURL() {
		sources = append(sources, eventsapi.Source{Modules: names, Relay: eventsapi.Elsewhere{
			Caller: remote.NewCaller(remote.Config{Module: eventsapi.Door, URL: address, Tokens: n.tokens, Metrics: n.metrics, Tracer: n.tracer})}})
	}
	return sources
}

// backlog shows what waits in the outboxes, to those who scrape metrics, when they do.
type backlog struct {
	relays             []*outbox.Relay
	pending, dead, lag *prometheus.Desc
}

func newBacklog(relays []*outbox.Relay) *backlog {
	labels := []string{"schema", "subscriber"}
	return &backlog{relays: relays,
		pending: prometheus.NewDesc("rialto_outbox_pending", "Events that a subscriber has not handled yet.", labels, nil),
		dead:    prometheus.NewDesc("rialto_outbox_dead", "Events that a subscriber could not handle in all attempts.", labels, nil),
		lag:     prometheus.NewDesc("rialto_outbox_lag_seconds", "Age of the oldest event that a subscriber has not handled yet.", labels, nil)}
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(descs chan<- *prometheus.Desc) {
	descs <- b.pending
	descs <- b.dead
	descs <- b.lag
}

// Collect implements prometheus.Collector.
func (b *backlog) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), measureLimit)
	defer cancel()
	for _, relay := range b.relays {
		waiting, err := relay.Backlogs(ctx)
		if err != nil {
			continue
		}
		for _, w := range waiting {
			metrics <- prometheus.MustNewConstMetric(b.pending, prometheus.GaugeValue, float64(w.Pending), w.Schema, w.Subscriber)
			metrics <- prometheus.MustNewConstMetric(b.dead, prometheus.GaugeValue, float64(w.Dead), w.Schema, w.Subscriber)
			metrics <- prometheus.MustNewConstMetric(b.lag, prometheus.GaugeValue, w.Lag, w.Schema, w.Subscriber)
		}
	}
}
