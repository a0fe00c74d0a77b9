package httpserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const (
	maxRequestID = 64

	// maxHeaderBytes and maxHeaderFields are told as a problem; MaxHeaderBytes of the listener lies
	// above and answers in plain text, before there is a request.
	maxHeaderBytes  = 32 << 10
	maxHeaderFields = 200
)

var (
	errNotFound         = fault.New("not_found", "There is nothing at this path.")
	errMethodNotAllowed = fault.New("method_not_allowed", "This path does not know the method.")
	errHeaderTooLarge   = fault.New("header_too_large", "The request has too many headers, or too long ones.")
	errBodyTooLarge     = fault.New("payload_too_large", "The request body is too large.")
)

// RequestID names each request: by the X-Request-Id it brings, where that is 1 to 64 letters, digits,
// dots, hyphens and underscores, else by newID. The answer repeats the name.
func RequestID(newID func() string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := r.Header.Get(inbound.Header)
			if id == "" || len(id) > maxRequestID || strings.ContainsFunc(id, refusedInID) {
				id = newID()
			}
			w.Header().Set(inbound.Header, id)
			next.ServeHTTP(w, r.WithContext(inbound.With(r.Context(), id)))
		})
	}
}

func refusedInID(c rune) bool {
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	digit := c >= '0' && c <= '9'
	return !letter && !digit && c != '.' && c != '-' && c != '_'
}

// Recover answers a panic with a 500 and writes its stack to the log, and to the log only. When the
// answer had begun, the connection is cut, so that nobody takes the beginning for the whole.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			status := 0
			if known, ok := w.(interface{ Status() int }); ok {
				status = known.Status()
			}
			problem.Write(w, r, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
			if status != 0 {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// SecurityHeaders sets what makes an answer harmless in a browser, and keeps it out of caches. A handler
// that knows better (a page of HTML, a cacheable list) sets its own values over these.
func SecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// RefuseTrace answers TRACE and CONNECT with 405 on every path: the first would show a browser's script
// the headers it must not read, the second would make this server a proxy.
func RefuseTrace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodTrace || r.Method == http.MethodConnect {
			methodNotAllowed(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// LimitHeader refuses requests with more than 200 header fields or 32 KiB of them.
func LimitHeader(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fields, size := 0, len(r.RequestURI)
		for name, values := range r.Header {
			for _, v := range values {
				fields++
				size += len(name) + len(v)
			}
		}
		if fields > maxHeaderFields || size > maxHeaderBytes {
			problem.Write(w, r, errHeaderTooLarge)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// LimitBody refuses bodies of more than limit bytes: at once where the length is announced, else by an
// error to the one who reads the body, which package problem answers with 413.
func LimitBody(limit int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > limit {
				w.Header().Set("Connection", "close") // rather than read the rest
				problem.Write(w, r, errBodyTooLarge.Detailf("The request body is larger than %d bytes.", limit))
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			next.ServeHTTP(w, r)
		})
	}
}

// LimitBodyTime gives the client d to send the body. After it, whoever reads the body gets an error, and the
// connection ends with the answer. net/http lifts the deadline at the end of the body; without a body there must be
// none, since it would be taken for a client that left.
func LimitBodyTime(d time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength != 0 {
				_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d)) // not known to a recorder
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Deadline has a request answered within d. Its context ends a twentieth of d before, which leaves the time to have
// canceled what still runs and to answer. A handler that returns the context's error answers 503 timeout.
func Deadline(d time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), d-d/20)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

func notFound(w http.ResponseWriter, r *http.Request) {
	problem.Write(w, r, errNotFound)
}

func methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", strings.Join(allowed(r), ", "))
	problem.Write(w, r, errMethodNotAllowed)
}

// allowed asks the whole router again, since chi does not tell its own handler for this.
func allowed(r *http.Request) []string {
	routes := chi.RouteContext(r.Context()).Routes
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	var known []string
	for _, method := range methods() {
		served := method
		if method == http.MethodHead && slices.Contains(known, http.MethodGet) {
			served = http.MethodGet
		}
		if routes.Match(chi.NewRouteContext(), served, path) {
			known = append(known, method)
		}
	}
	return known
}
