package remote

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Metrics measures calls of other processes.
type Metrics struct{ duration *prometheus.HistogramVec }

// NewMetrics returns metrics registered with r. It panics when they have been registered with it before.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "rialto_module_call_duration_seconds",
		Help:    "Time that calls of modules in other processes took, with all their tries; outcome is ok, refused, unavailable or failed.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"module", "verb", "outcome"})}
	r.MustRegister(m.duration)
	return m
}

func (m *Metrics) observe(module, verb string, began time.Time, err *error) {
	if m != nil {
		m.duration.WithLabelValues(module, verb, outcome(*err)).Observe(time.Since(began).Seconds())
	}
}

func outcome(err error) string {
	var coded *fault.Error
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrUnavailable):
		return "unavailable"
	case errors.As(err, &coded):
		return "refused"
	default:
		return "failed"
	}
}
