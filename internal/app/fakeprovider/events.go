package fakeprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// Types of events.
const (
	eventAuthorized = "authorization.authorized"
	eventDeclined   = "authorization.declined"
	eventExpired    = "authorization.expired"
	eventVoided     = "authorization.voided"
	eventCaptured   = "capture.succeeded"
	eventRefunded   = "refund.succeeded"
)

const (
	deliveryTimeout = 10 * time.Second
	// maxReceipt is how much of an answer to an event is read.
	maxReceipt = 64 << 10
)

// Event tells of a change, as it was at that moment.
type Event struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	CreatedAt time.Time `json:"created_at"`
	Account   string    `json:"account"`
	Mode      string    `json:"mode"`
	Data      EventData `json:"data"`
}

// EventData is what an event is about.
type EventData struct {
	Authorization Authorization `json:"authorization"`
	Movement      *Movement     `json:"movement,omitempty"`
}

// Delivery is one try to hand over an event. Status is 0 when no answer came.
type Delivery struct {
	Event         string    `json:"event"`
	Type          string    `json:"type"`
	Authorization string    `json:"authorization"`
	At            time.Time `json:"at"`
	Status        int       `json:"status"`
	Error         string    `json:"error,omitempty"`
}

func (d Delivery) accepted() bool { return d.Status >= 200 && d.Status < 300 }

// courier delivers events until they are accepted, or its life ends.
type courier struct {
	url    string
	signer *standardwebhooks.Webhook
	client *http.Client
	now    func() time.Time
	life   context.Context
	errand sync.WaitGroup

	mu         sync.Mutex
	serial     int
	held       []heldEvent
	deliveries []Delivery
}

// parcel is an event on its way. Its serial tells it from those of the same authorization that come before and after.
type parcel struct {
	event  Event
	serial int
}

// heldEvent waits until a later event of the same authorization was accepted.
type heldEvent struct {
	parcel
	release chan struct{}
}

func (c *courier) pack(e Event) parcel {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	return parcel{event: e, serial: c.serial}
}

// send delivers count copies at the same moment, after the delay, and answers a channel that is closed when all of them
// were accepted.
func (c *courier) send(p parcel, count int, delay time.Duration) <-chan struct{} {
	accepted := make(chan struct{})
	var copies sync.WaitGroup
	for range max(count, 1) {
		copies.Add(1)
		c.errand.Go(func() {
			defer copies.Done()
			periodic.Pause(c.life, delay)
			c.deliver(p)
		})
	}
	c.errand.Go(func() {
		copies.Wait()
		close(accepted)
	})
	return accepted
}

// sendAfterNext delivers an event once a later one of its authorization was accepted.
func (c *courier) sendAfterNext(p parcel, count int) {
	release := make(chan struct{})
	c.mu.Lock()
	c.held = append(c.held, heldEvent{p, release})
	c.mu.Unlock()
	c.errand.Go(func() {
		select {
		case <-release:
			c.send(p, count, 0)
		case <-c.life.Done():
		}
	})
}

func (c *courier) releaseBefore(p parcel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = slices.DeleteFunc(c.held, func(h heldEvent) bool {
		isNext := h.serial < p.serial && h.event.Data.Authorization.ID == p.event.Data.Authorization.ID
		if isNext {
			close(h.release)
		}
		return isNext
	})
}

// deliver tries until the event is accepted. The last pause is repeated.
func (c *courier) deliver(p parcel) {
	pauses := []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second}
	for try := 0; c.life.Err() == nil; try++ {
		d := c.try(p.event)
		c.mu.Lock()
		c.deliveries = append(c.deliveries, d)
		c.mu.Unlock()
		if d.accepted() {
			c.releaseBefore(p)
			return
		}
		periodic.Pause(c.life, pauses[min(try, len(pauses)-1)])
	}
}

// try hands the event over once. A copy that is sent again has the same id and body, and a new timestamp.
func (c *courier) try(e Event) Delivery {
	d := Delivery{Event: e.ID, Type: e.Type, Authorization: e.Data.Authorization.ID, At: c.now().UTC()}
	req, err := c.sign(e, d.At)
	if err != nil {
		d.Error = err.Error()
		return d
	}
	res, err := c.client.Do(req)
	if err != nil {
		d.Error = err.Error()
		return d
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxReceipt))
	d.Status = res.StatusCode
	return d
}

func (c *courier) sign(e Event, at time.Time) (*http.Request, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	signature, err := c.signer.Sign(e.ID, at, body)
	if err != nil {
		return nil, fmt.Errorf("sign event %s: %w", e.ID, err)
	}
	req, err := http.NewRequestWithContext(c.life, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set(standardwebhooks.HeaderWebhookID, e.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return req, nil
}

func (c *courier) all() []Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.deliveries)
}

// eventType is the type of the event that an entry causes, or "".
func eventType(e Entry) string {
	switch e.Op {
	case OpCapture:
		return eventCaptured
	case OpRefund:
		return eventRefunded
	}
	switch e.Status {
	case StatusAuthorized:
		return eventAuthorized
	case StatusDeclined:
		return eventDeclined
	case StatusExpired:
		return eventExpired
	case StatusVoided:
		return eventVoided
	}
	return ""
}
