// Package httpserver runs HTTP listeners and wraps every request in what all of them need: an id, a log
// line, metrics, safety from panics, safe headers, limits and a deadline.
//
// It owns the listeners' lives, from opening to the orderly end, and the order of the outer middlewares.
// It knows no module and no document: what is asked and who may ask it is for package contract, which
// stands behind the routing.
package httpserver

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

const (
	// DefaultDeadline is how long a request may take until it is answered, by its being given up if need be.
	DefaultDeadline = 10 * time.Second
	// DefaultMaxBody is the largest request body, in bytes.
	DefaultMaxBody = 1 << 20
)

// RouterOptions is what the outer middlewares need. NewID, Now, Logger and Metrics are required.
type RouterOptions struct {
	NewID    func() string // for requests that bring no id
	Now      func() time.Time
	Logger   *slog.Logger
	Metrics  *Metrics
	Tracer   *tracing.Tracer // may be nil
	Deadline time.Duration   // DefaultDeadline when zero
	MaxBody  int64           // in bytes; DefaultMaxBody when zero
	// Streams names requests that may bring large bodies. Who may send one is known only behind the routing, so the limits
	// of their size and time are left to whoever stands there. None when nil.
	Streams func(*http.Request) bool
}

// NewRouter returns a router with the outer middlewares in their order, on which everything public is
// mounted. Unknown paths and methods are answered as problems; HEAD works wherever GET does; a path with
// another slash at its end is another path.
func NewRouter(o RouterOptions) *chi.Mux {
	if o.Deadline == 0 {
		o.Deadline = DefaultDeadline
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Streams == nil {
		o.Streams = func(*http.Request) bool { return false }
	}
	router := chi.NewRouter()
	router.Use(
		RequestID(o.NewID), // first: everything below tells the id
		Observe(o),         // outside of Recover, so that it sees the 500 of a panic
		SecurityHeaders,
		Recover,
		RefuseTrace,
		LimitHeader,
		unless(o.Streams, LimitBody(o.MaxBody)),
		unless(o.Streams, LimitBodyTime(o.Deadline*4/5)), // so that who sends slowly hears of that, and not of a slow shop
		unless(o.Streams, Deadline(o.Deadline)),
		middleware.GetHead,
	)
	router.NotFound(notFound)
	router.MethodNotAllowed(methodNotAllowed)
	return router
}

// unless is a middleware for all requests but those that are exempt.
func unless(exempt func(*http.Request) bool, middleware func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		through := middleware(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if exempt(r) {
				next.ServeHTTP(w, r)
				return
			}
			through.ServeHTTP(w, r)
		})
	}
}

// methods are those a router can know, in the order in which Allow tells them.
func methods() []string {
	return []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}
