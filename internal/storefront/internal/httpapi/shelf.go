package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const (
	// shelfWeight is the most that kept answers may take, in bytes.
	shelfWeight = 64 << 20
	// entryWeight is what keeping an answer takes beside its text.
	entryWeight = 512
	// shelfLife is how old an answer may get.
	shelfLife = 10 * time.Minute
	// shelfPatience is how long a database may take that has a kept answer behind it. One that answers at all does so
	// in a fraction of it.
	shelfPatience = 2 * time.Second
	// keptCaching lets nobody else keep what is old already.
	keptCaching = "public, max-age=0"
)

// What the database is when it does not answer, and when it answers others.
var (
	errUnavailable = fault.New("unavailable", "")
	errOverloaded  = fault.New("overloaded", "")
)

// Shelf keeps the last answers that are public and depend on their address alone, for the time that the database is
// away (RFC 5861, stale-if-error). While the database answers, nobody is given anything from it.
type Shelf struct {
	answers *otter.Cache[string, kept]
	now     func() time.Time
}

type kept struct {
	answer *cacheable
	asked  time.Time
}

// NewShelf makes an empty shelf.
func NewShelf(now func() time.Time) *Shelf {
	return &Shelf{now: now, answers: otter.Must(&otter.Options[string, kept]{
		MaximumWeight: shelfWeight,
		Weigher:       func(address string, k kept) uint32 { return uint32(len(address) + len(k.answer.body) + entryWeight) },
	})}
}

// Keep is a middleware of the strict server.
func (s *Shelf) Keep(next StrictHandlerFunc, _ string) StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		if askingOf(r).byHeader() {
			return next(ctx, w, r, request)
		}
		address := r.URL.Path + "?" + r.URL.Query().Encode()
		now := s.now()
		last, ok := s.answers.GetIfPresent(address)
		if ok = ok && now.Sub(last.asked) <= shelfLife; ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, shelfPatience)
			defer cancel()
		}
		answer, err := next(ctx, w, r, request)
		if ok && away(err) {
			return last.again(r, now), nil
		}
		s.note(address, now, answer, err)
		return answer, err
	}
}

// note keeps an answer, and forgets what is not answered any more, such as a product that was taken off the shelves.
func (s *Shelf) note(address string, now time.Time, answer any, err error) {
	var refused *fault.Error
	if fresh, ok := answer.(*cacheable); ok && err == nil {
		s.answers.Set(address, kept{answer: fresh, asked: now})
	} else if errors.As(err, &refused) && !errors.Is(err, errOverloaded) && !away(err) {
		s.answers.Invalidate(address)
	}
}

// away reports whether err says that the database does not answer.
func away(err error) bool {
	return errors.Is(err, errUnavailable) || errors.Is(err, context.DeadlineExceeded)
}

// again is a kept answer for another request. Age says how old it is.
func (k kept) again(r *http.Request, now time.Time) *cacheable {
	old := *k.answer
	old.caching, old.age = keptCaching, strconv.Itoa(int(max(now.Sub(k.asked), 0).Seconds()))
	old.unchanged = etag.NotModified(r.Header.Get("If-None-Match"), old.tag)
	return &old
}
