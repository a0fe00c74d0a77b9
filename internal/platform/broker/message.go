package broker

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// message is a delivery as the broker keeps it. Its fields are read by other versions of the program: it only gains some.
type message struct {
	EventID       string          `json:"event_id"`
	Name          string          `json:"name"`
	AggregateType string          `json:"aggregate_type"`
	AggregateID   string          `json:"aggregate_id"`
	Seq           int64           `json:"seq"`
	OccurredAt    time.Time       `json:"occurred_at"`
	Payload       json.RawMessage `json:"payload"`

	// Of one that is dead.
	Attempts  int        `json:"attempts,omitempty"`
	LastError string     `json:"last_error,omitempty"`
	DeadAt    *time.Time `json:"dead_at,omitempty"`
}

func fromDelivery(d outbox.Delivery) message {
	return message{EventID: d.EventID, Name: d.Name, AggregateType: d.AggregateType, AggregateID: d.AggregateID, Seq: d.Seq,
		OccurredAt: d.OccurredAt, Payload: d.Payload}
}

func (m message) delivery(attempt int) outbox.Delivery {
	return outbox.Delivery{EventID: m.EventID, Name: m.Name, AggregateType: m.AggregateType, AggregateID: m.AggregateID, Seq: m.Seq,
		OccurredAt: m.OccurredAt, Payload: m.Payload, Attempt: attempt}
}

// buried is what is shown of a dead message. The schema is the first word of an event's name.
func (m message) buried(subscriber string) outbox.DeadDelivery {
	schema, _, _ := strings.Cut(m.Name, ".")
	dead := outbox.DeadDelivery{Schema: schema, Subscriber: subscriber, EventID: m.EventID, Name: m.Name, OccurredAt: m.OccurredAt,
		Payload: m.Payload, Attempts: m.Attempts, LastError: m.LastError}
	if m.DeadAt != nil {
		dead.DeadAt = *m.DeadAt
	}
	return dead
}

func (m message) encode() ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", m.EventID, err)
	}
	return data, nil
}

func decode(data []byte) (message, error) {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("read message of the broker: %w", err)
	}
	if m.EventID == "" || m.Name == "" {
		return m, fmt.Errorf("read message of the broker: it is no event")
	}
	return m, nil
}
