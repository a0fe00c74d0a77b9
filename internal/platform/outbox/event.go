package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Event is a fact in the past tense, as a struct with JSON tags. It is complete enough that a listener
// need not call back, and carries ids instead of personal data.
type Event interface {
	// EventName is module, event and version: "inventory.stock_reserved.v1". It does not depend on the
	// value.
	EventName() string
}

// Record is an event and the aggregate it happened to.
type Record struct {
	AggregateType string // "order"
	AggregateID   string
	// Seq is the number of the event in the life of its aggregate, without holes. The aggregate counts
	// it under its own row lock, so that it follows the order of commits.
	Seq   int64
	Event Event
}

// Delivery is one event on its way to one subscriber.
type Delivery struct {
	EventID       string    `db:"event_id"`
	Name          string    `db:"name"`
	AggregateType string    `db:"aggregate_type"`
	AggregateID   string    `db:"aggregate_id"`
	Seq           int64     `db:"seq"`
	OccurredAt    time.Time `db:"occurred_at"`
	// Payload is the event as JSON; Decode reads it.
	Payload json.RawMessage `db:"payload"`
	// Attempt is 1 for the first time the event is handed over. It counts attempts of processes that
	// ended meanwhile.
	Attempt int `db:"attempt"`
}

// Listener handles a batch of deliveries, of one or several event names, in no promised order. Returning
// nil acknowledges all of them; an error or a panic makes all of them come again later. It runs outside
// any transaction, may run at the same time in this and other processes for other deliveries, and must
// return when ctx ends: at a shutdown, after Config.Longest, or because others have taken the batch over.
type Listener func(ctx context.Context, batch []Delivery) error

// Decode reads the payload of a delivery into an event. When T is an Event, the delivery must carry that
// event.
func Decode[T any](d Delivery) (T, error) {
	var value T
	if event, ok := any(value).(Event); ok && event.EventName() != d.Name {
		return value, fmt.Errorf("decode event %s: it is %s, not %s", d.EventID, d.Name, event.EventName())
	}
	if err := json.Unmarshal(d.Payload, &value); err != nil {
		return value, fmt.Errorf("decode event %s %s: %w", d.Name, d.EventID, err)
	}
	return value, nil
}
