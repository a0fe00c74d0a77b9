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
	return &Outbox{schema: checked(schema), subscribers: subscribers, newID: newID}
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
	rows, err := o.rows(records)
	if err != nil {
		return err
	}
	const query = `
		WITH announced AS (
			INSERT INTO {schema}.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload)
			SELECT id, name, aggregate_type, aggregate_id, seq, payload::jsonb
			FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
				AS t(id, name, aggregate_type, aggregate_id, seq, payload)
		)
		INSERT INTO {schema}.outbox_deliveries (event_id, subscriber)
		SELECT event_id, subscriber FROM unnest($7::uuid[], $8::text[]) AS t(event_id, subscriber)`
	_, err = q.Exec(ctx, in(o.schema, query), rows.id, rows.name, rows.aggregateType, rows.aggregateID, rows.seq,
		rows.payload, rows.deliveryOf, rows.subscriber)
	if err != nil {
		return fmt.Errorf("append %d events to outbox of %s: %w", len(records), o.schema, err)
	}
	return nil
}

// rows are columns: arrays make the statement the same for any number of records.
type rows struct {
	id, name, aggregateType, aggregateID, payload []string
	seq                                           []int64
	deliveryOf, subscriber                        []string
}

func (o *Outbox) rows(records []Record) (rows, error) {
	var r rows
	for _, record := range records {
		name := record.Event.EventName()
		payload, err := json.Marshal(record.Event)
		if err != nil {
			return rows{}, fmt.Errorf("encode event %s: %w", name, err)
		}
		id := o.newID()
		r.id = append(r.id, id)
		r.name = append(r.name, name)
		r.aggregateType = append(r.aggregateType, record.AggregateType)
		r.aggregateID = append(r.aggregateID, record.AggregateID)
		r.seq = append(r.seq, record.Seq)
		r.payload = append(r.payload, string(payload))
		for _, subscriber := range o.subscribers[name] {
			if subscriber.Wants != nil && !subscriber.Wants(record.Event) {
				continue
			}
			r.deliveryOf = append(r.deliveryOf, id)
			r.subscriber = append(r.subscriber, subscriber.Name)
		}
	}
	return r, nil
}
