// Package problem answers errors over HTTP as RFC 9457 problem documents.
//
// It owns the translation from an error's code to a status, which is written in api/errors.yaml and
// nowhere else, and the rule that an error nobody coded is logged here and told to nobody. It knows no
// module: what a fault says about itself is all it needs.
//
// A document has these members:
//
//	type        "/errors/<code>", a reference relative to the host
//	title       the same for every problem of one code
//	status      the HTTP status
//	detail      what went wrong this time, for people
//	instance    "urn:uuid:<request id>", or "urn:rialto:request:<request id>" for an id a client chose
//	code        stable, listed in api/errors.yaml
//	errors      [{pointer, code, detail, ...}] where parts of the request are at fault
//	request_id  also in the header X-Request-Id and in the log
//
// and whatever members the fault brings, such as checkout_id or totals.
package problem

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
)

// ContentType is the media type of every answer of this package.
const ContentType = "application/problem+json"

// statusClientClosed marks, in log and metrics only, a request whose client left before the answer.
const statusClientClosed = 499

var (
	errInternal = fault.New("internal_error", "Something went wrong on our side. Give the request_id when you report it.")
	errTimeout  = fault.New("timeout", "The request took too long and was given up. It may be repeated.")
	errTooLarge = fault.New("payload_too_large", "The request body is too large.")
)

// Write answers r with the problem that err is. A fault keeps its code, and may be wrapped; a body over
// its limit becomes payload_too_large and an exceeded deadline timeout; everything else becomes
// internal_error and is logged, with nothing of its text in the answer. When the client has gone,
// nothing is written but the status 499 for the access log.
//
// When the answer has already begun, Write only logs: two answers on one connection would confuse the
// client more than a broken one.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	if clientGone(r, err) {
		slog.DebugContext(r.Context(), "client went away", "error", err, "request_id", inbound.RequestID(r.Context()))
		if !begun(w) {
			w.WriteHeader(statusClientClosed)
		}
		return
	}
	f, known := describe(r, err)
	log(r, f, err)
	if begun(w) {
		slog.WarnContext(r.Context(), "answer broke off", "error", err, "request_id", inbound.RequestID(r.Context()))
		return
	}
	writeHeader(w, f.Code, known.status)
	send(w, r, f, known)
}

// describe finds the fault that tells the client about err, and its place in the catalog.
func describe(r *http.Request, err error) (*fault.Error, entry) {
	f := translate(r, err)
	if known, ok := catalog()[f.Code]; ok {
		return f, known
	}
	f = errInternal.Wrap(err)
	if known, ok := catalog()[f.Code]; ok {
		return f, known
	}
	return f, entry{status: http.StatusInternalServerError, title: "Internal error"}
}

func translate(r *http.Request, err error) *fault.Error {
	var f *fault.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &tooLarge):
		return errTooLarge.Detailf("The request body is larger than %d bytes.", tooLarge.Limit)
	case timedOut(r, err):
		return errTimeout.Wrap(err)
	default:
		return errInternal.Wrap(err)
	}
}

// clientGone is asked before the fault is looked at: a database driver may well call a canceled query
// an outage.
func clientGone(r *http.Request, err error) bool {
	return errors.Is(r.Context().Err(), context.Canceled) && errors.Is(err, context.Canceled)
}

// timedOut also covers what reports the end of the request's own deadline as a cancellation.
func timedOut(r *http.Request, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled) && errors.Is(r.Context().Err(), context.DeadlineExceeded)
}

// log writes what the client is not told. Faults below 500 are the client's affair and stay out of it.
func log(r *http.Request, f *fault.Error, err error) {
	attrs := []any{"error", err, "code", f.Code, "method", r.Method, "request_id", inbound.RequestID(r.Context())}
	switch {
	case f.Code == errInternal.Code:
		slog.ErrorContext(r.Context(), "request failed", attrs...)
	case catalog()[f.Code].status >= http.StatusInternalServerError:
		slog.WarnContext(r.Context(), "request refused", attrs...)
	}
}

// begun looks through wrapped writers for one that knows whether a status has been sent.
func begun(w http.ResponseWriter) bool {
	for {
		if known, ok := w.(interface{ Status() int }); ok {
			return known.Status() != 0
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
}
