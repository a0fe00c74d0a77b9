package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// measure shows how many connections of each kind of pool are in use, over all databases. One that stays in use while
// nothing happens was forgotten by whoever took it.
func (d *databases) measure(registry prometheus.Registerer) {
	for kind, of := range map[string]func(*pools) *sqldb.DB{
		"requests":   func(p *pools) *sqldb.DB { return p.requests },
		"reads":      func(p *pools) *sqldb.DB { return p.reads },
		"background": func(p *pools) *sqldb.DB { return p.background },
	} {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "rialto_database_connections_in_use", Help: "Database connections that somebody holds, by kind of pool.",
			ConstLabels: prometheus.Labels{"pool": kind},
		}, func() float64 {
			inUse := 0
			for _, p := range d.byURL {
				inUse += of(p).Stats().InUse
			}
			return float64(inUse)
		}))
	}
}
