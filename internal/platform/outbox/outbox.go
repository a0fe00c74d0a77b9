package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Outbox is a module's way of announcing events. It is safe for use by many goroutines.
type Outbox struct {
	schema      string
	subscribers map[string][]Subscriber
	newID       func() string
	append      string
}

// Subscriber gets events.
type Subscriber struct {
	Name string
	// Wants says whether an event concerns the subscriber at all; nil is always. What it does not want it
	// is not sent.
	Wants func(Event) bool
}

// New returns the outbox of the module that owns schema. Subscribers maps an event name to those who get
// it; an event nobody subscribed to is kept in the log only. newID makes the UUIDs of
// events. New panics on a schema that is not a plain identifier, which is fixed at compile time.
func New(schema string, subscribers map[string][]Subscriber, newID func() string) *Outbox {
	o := &Outbox{schema: checked(schema), subscribers: subscribers, newID: newID}
	o.append = "WITH " + o.part("t.payload", "", 1) + " SELECT"
	return o
}

// Append writes the events and their deliveries in one statement. q is the transaction that makes them
// true; nothing is announced unless it commits. No records is no statement.
//
// Errors: a violation of outbox_events_one_per_seq when an aggregate's Seq was announced before;
// sqldb.ErrUnavailable.
func (o *Outbox) Append(ctx context.Context, q sqldb.Queryer, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	arg, err := o.PartArg(records...)
	if err != nil {
		return err
	}
	if _, err := q.Exec(ctx, o.append, arg); err != nil {
		return fmt.Errorf("append %d events to outbox of %s: %w", len(records), o.schema, err)
	}
	return nil
}

// row is a record as the database gets it. One document for all of them makes the statement the same for any number.
type row struct {
	ID            string          `json:"id"`
	Name          string          `json:"name"`
	AggregateType string          `json:"aggregate_type"`
	AggregateID   string          `json:"aggregate_id"`
	Seq           int64           `json:"seq"`
	Payload       json.RawMessage `json:"payload"`
	Subscribers   []string        `json:"subscribers"`
}

// PartArg is the argument for PartSQL.
func (o *Outbox) PartArg(records ...Record) (sqldb.JSON, error) {
	rows := make([]row, len(records))
	for i, record := range records {
		name := record.Event.EventName()
		payload, err := json.Marshal(record.Event)
		if err != nil {
			return sqldb.JSON{}, fmt.Errorf("encode event %s: %w", name, err)
		}
		rows[i] = row{ID: o.newID(), Name: name, AggregateType: record.AggregateType, AggregateID: record.AggregateID,
			Seq: record.Seq, Payload: payload}
		for _, subscriber := range o.subscribers[name] {
			if subscriber.Wants == nil || subscriber.Wants(record.Event) {
				rows[i].Subscribers = append(rows[i].Subscribers, subscriber.Name)
			}
		}
	}
	return sqldb.JSON{V: rows}, nil
}
