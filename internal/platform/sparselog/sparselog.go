// Package sparselog keeps an outage from filling the log. While the database or a provider is away, every request and
// every worker says the same; of what is said alike one line a second is enough.
//
// It owns no destination and knows no module: it stands before a slog.Handler and decides by a record's message and by
// the code of its attribute "error". Other records pass untouched, and so does everything below a warning.
package sparselog

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// omitted is the attribute that tells how many records like this one were left out before it.
const omitted = "omitted"

// Handler passes on what is to be written.
type Handler struct {
	slog.Handler
	said *said
}

// said is what was written of outages, shared by all handlers derived from one.
type said struct {
	every time.Duration
	now   func() time.Time
	mu    sync.Mutex
	last  map[string]*line
}

type line struct {
	at      time.Time
	omitted int
}

// New returns a handler that lets one record of an outage pass in each span of every, of those with the same message
// and code.
func New(next slog.Handler, every time.Duration, now func() time.Time) *Handler {
	return &Handler{Handler: next, said: &said{every: every, now: now, last: map[string]*line{}}}
}

// Handle implements slog.Handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	cause := outage(r)
	if cause == "" {
		return h.Handler.Handle(ctx, r)
	}
	missed, ok := h.said.admit(r.Message + " " + cause)
	if !ok {
		return nil
	}
	if missed > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int(omitted, missed))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Handler{Handler: h.Handler.WithAttrs(attrs), said: h.said}
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{Handler: h.Handler.WithGroup(name), said: h.said}
}

// admit answers whether a record may be written, and how many like it were not since the last.
func (s *said) admit(key string) (missed int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	l := s.last[key]
	if l == nil {
		s.last[key] = &line{at: now}
		return 0, true
	}
	if since := now.Sub(l.at); since >= 0 && since < s.every {
		l.omitted++
		return 0, false
	}
	missed, l.at, l.omitted = l.omitted, now, 0
	return missed, true
}

// outage returns what a record says is away, "" when it is about something else.
func outage(r slog.Record) string {
	if r.Level < slog.LevelWarn {
		return ""
	}
	var cause string
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			cause = causeOf(a.Value.Any())
		}
		return cause == ""
	})
	return cause
}

func causeOf(value any) string {
	err, ok := value.(error)
	if !ok {
		return ""
	}
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		if f.Code == "unavailable" || f.Code == "overloaded" {
			return f.Code
		}
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return ""
	}
}
