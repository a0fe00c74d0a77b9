package paymentsmod

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rialto-commerce/rialto/internal/payments/internal/postgres"
)

// measureLimit is how long the database may take to say what waits; then the metric is left out.
const measureLimit = 2 * time.Second

// Metrics shows, to those who scrape metrics, how many payments wait for a person, when they do.
func (m *Module) Metrics() prometheus.Collector {
	return openReviews{store: m.background, count: prometheus.NewDesc("rialto_payment_reviews_open",
		"Reviews of payments that nobody has resolved.", nil, nil)}
}

type openReviews struct {
	store postgres.Store
	count *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (o openReviews) Describe(descs chan<- *prometheus.Desc) { descs <- o.count }

// Collect implements prometheus.Collector.
func (o openReviews) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), measureLimit)
	defer cancel()
	open, err := o.store.CountReviews(ctx, postgres.ReviewFilter{Status: "open"})
	if err != nil {
		return
	}
	metrics <- prometheus.MustNewConstMetric(o.count, prometheus.GaugeValue, float64(open))
}
