package httpserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

// probeTimeout is how long all checks of one readiness probe may take together.
const probeTimeout = 2 * time.Second

var errNotReady = fault.New("unavailable", "This process cannot serve right now.")

// Check is one thing that a process needs before it can serve.
type Check struct {
	Name  string // told to whoever probes
	Probe func(ctx context.Context) error
}

// Readiness answers whether a process can serve: while all its checks pass and it does not shut down.
type Readiness struct {
	checks   []Check
	draining atomic.Bool
}

// NewReadiness returns the readiness of a process that needs all of checks.
func NewReadiness(checks ...Check) *Readiness {
	return &Readiness{checks: checks}
}

// Drain makes the process unready for good, so that load balancers send no more requests.
func (rd *Readiness) Drain() { rd.draining.Store(true) }

// ServeHTTP answers 200, or 503 with the names of the checks that failed. Why they failed goes to the log.
func (rd *Readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rd.draining.Load() {
		problem.Write(w, r, errNotReady.Detailf("This process is shutting down."))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	var failed []string
	var causes []error
	for _, c := range rd.checks {
		if err := c.Probe(ctx); err != nil {
			failed = append(failed, c.Name)
			causes = append(causes, fmt.Errorf("%s: %w", c.Name, err))
		}
	}
	if len(failed) > 0 {
		problem.Write(w, r, errNotReady.Detailf("Not ready: %s.", strings.Join(failed, ", ")).Wrap(errors.Join(causes...)))
		return
	}
	Livez(w, r)
}

// Livez answers 200 as long as the process can answer at all. It asks nothing else: a process must not be
// restarted because its database is.
func Livez(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"ok"}`))
}
