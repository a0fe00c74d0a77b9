package broker

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// measureLimit is how long the broker may take to say what waits; then it is left out.
const measureLimit = 2 * time.Second

type metrics struct {
	published, handled, failed    *prometheus.CounterVec
	connected, pending, dead, lag *prometheus.Desc
}

func newMetrics() *metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"subscriber"})
	}
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &metrics{
		published: counter("rialto_broker_published_total", "Events that this process has put on the broker."),
		handled:   counter("rialto_broker_handled_total", "Events from the broker that this process has handled."),
		failed:    counter("rialto_broker_failed_total", "Events that this process could not publish or handle, and that come again."),
		connected: gauge("rialto_broker_connected", "Whether this process is connected to the broker."),
		pending:   gauge("rialto_broker_pending", "Events on the broker that a subscriber has not handled yet.", "subscriber"),
		dead:      gauge("rialto_broker_dead", "Events from the broker that a subscriber could not handle in all attempts.", "subscriber"),
		lag:       gauge("rialto_broker_lag_seconds", "For how long the oldest event on the broker waits for a subscriber.", "subscriber"),
	}
}

func (m *metrics) counters() []*prometheus.CounterVec {
	return []*prometheus.CounterVec{m.published, m.handled, m.failed}
}

// Describe implements prometheus.Collector.
func (b *Broker) Describe(descs chan<- *prometheus.Desc) {
	for _, counter := range b.metrics.counters() {
		counter.Describe(descs)
	}
	for _, desc := range []*prometheus.Desc{b.metrics.connected, b.metrics.pending, b.metrics.dead, b.metrics.lag} {
		descs <- desc
	}
}

// Collect implements prometheus.Collector. What waits is asked of the broker by every process, also by one that publishes
// only: events that nobody fetches have to be seen by somebody.
func (b *Broker) Collect(found chan<- prometheus.Metric) {
	for _, counter := range b.metrics.counters() {
		counter.Collect(found)
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		found <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	if !b.connected() {
		gauge(b.metrics.connected, 0)
		return
	}
	gauge(b.metrics.connected, 1)
	ctx, cancel := context.WithTimeout(context.Background(), measureLimit)
	defer cancel()
	waiting, err := b.backlog(ctx)
	if err != nil {
		return
	}
	for subscriber, left := range waiting {
		gauge(b.metrics.pending, float64(left.pending), subscriber)
		gauge(b.metrics.dead, float64(left.dead), subscriber)
		gauge(b.metrics.lag, left.lag.Seconds(), subscriber)
	}
}

// left is what the broker has for a subscriber.
type left struct {
	pending, dead int
	lag           time.Duration
}

// backlog answers what waits for whom; for those that this process knows, also that nothing does.
func (b *Broker) backlog(ctx context.Context) (backlog, error) {
	found := b.nothing()
	js, err := b.ready(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := js.Stream(ctx, Stream)
	if err != nil {
		return nil, err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(subjectPrefix+">"))
	if err != nil {
		return nil, err
	}
	for subject, n := range info.State.Subjects {
		waits := found.of(strings.TrimPrefix(subject, subjectPrefix))
		waits.pending = int(n)
		oldest, err := stream.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(subject))
		if err == nil {
			waits.lag = time.Since(oldest.Time)
		}
	}
	_, graves, err := b.graves(ctx, outbox.Selection{})
	for _, g := range graves {
		found.of(g.subscriber).dead++
	}
	return found, err
}

type backlog map[string]*left

func (b backlog) of(subscriber string) *left {
	if b[subscriber] == nil {
		b[subscriber] = &left{}
	}
	return b[subscriber]
}

func (b *Broker) nothing() backlog {
	b.mu.Lock()
	defer b.mu.Unlock()
	none := backlog{}
	for subscriber := range b.known {
		none.of(subscriber)
	}
	return none
}
