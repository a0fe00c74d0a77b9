package shop

import (
	"math"
	"net/http"
	"slices"
	"sync"
	"time"
)

// What somebody asked of the stock of a SKU.
const (
	Reserve = "reserve" // sell some; it must not be given back but by a Release
	Release = "release" // give back what was sold
	Count   = "count"   // read how much is free
)

// What became of it.
const (
	OK           = "ok"
	Insufficient = "insufficient"
	// Unknown is what nobody was told: it may have happened, at any moment until the end of time, or not at all.
	Unknown = "unknown"
)

// Event is an operation on the stock of a SKU, from the moment it was asked for until it was answered.
type Event struct {
	Client   int
	SKU      string
	Op       string
	Quantity int64 // of a Count: what was read
	Outcome  string
	// Call and Return are in nanoseconds since the history began. That of an unknown one never returned.
	Call, Return int64
}

const never = math.MaxInt64

// History records what buyers did, from as many goroutines as there are.
type History struct {
	began time.Time

	mu     sync.Mutex
	events []Event
}

// NewHistory begins one.
func NewHistory() *History { return &History{began: time.Now()} }

// Events are all that were recorded, by the time of their calls.
func (h *History) Events() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	events := slices.Clone(h.events)
	slices.SortFunc(events, func(a, b Event) int { return int(a.Call - b.Call) })
	return events
}

// Reserve records a checkout of a quantity of a SKU. What was refused for another reason than stock is not recorded, so a
// history must hold no payments that fail: stock that was held for a moment would look like a false refusal to others.
func (h *History) Reserve(client int, sku string, quantity int64, buy func() (Answer, error)) (Answer, error) {
	e := Event{Client: client, SKU: sku, Op: Reserve, Quantity: quantity, Call: h.now()}
	answer, err := buy()
	switch outcome(answer, err) {
	case OK:
		h.add(e, OK)
	case Unknown:
		h.add(e, Unknown)
	default:
		if answer.Code() == "insufficient_stock" {
			h.add(e, Insufficient)
		}
	}
	return answer, err
}

// Release records that a quantity was given back, such as by the cancellation of an order.
func (h *History) Release(client int, sku string, quantity int64, release func() (Answer, error)) (Answer, error) {
	e := Event{Client: client, SKU: sku, Op: Release, Quantity: quantity, Call: h.now()}
	answer, err := release()
	if told := outcome(answer, err); told != "" {
		h.add(e, told)
	}
	return answer, err
}

// Count records what somebody read of the free stock. A read that brought no answer tells nothing.
func (h *History) Count(client int, sku string, read func() (int64, error)) (int64, error) {
	e := Event{Client: client, SKU: sku, Op: Count, Call: h.now()}
	n, err := read()
	if e.Quantity = n; err == nil {
		h.add(e, OK)
	}
	return n, err
}

func (h *History) now() int64 { return int64(time.Since(h.began)) }

func (h *History) add(e Event, outcome string) {
	e.Outcome, e.Return = outcome, h.now()
	if outcome == Unknown {
		e.Return = never
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// outcome is OK for what was done, Unknown when nobody was told, and "" for a refusal.
func outcome(a Answer, err error) string {
	switch {
	case err != nil, a.Status >= http.StatusInternalServerError, a.Status == http.StatusAccepted:
		return Unknown
	case a.Status/100 == 2:
		return OK
	case a.Code() == "idempotency_in_progress", a.Code() == "checkout_in_progress":
		return Unknown
	default:
		return ""
	}
}
