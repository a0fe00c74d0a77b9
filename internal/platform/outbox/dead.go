package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// EventPrefix is the prefix of an event's public id.
const EventPrefix = "evt"

// ErrNoEvent is the answer to the id of an event that does not exist.
var ErrNoEvent = fault.New("not_found", "there is no such event")

// DeadDelivery is one that used up its attempts. It stays until Revive.
type DeadDelivery struct {
	Schema     string          `db:"schema"`
	Subscriber string          `db:"subscriber"`
	EventID    string          `db:"event_id"`
	Name       string          `db:"name"`
	OccurredAt time.Time       `db:"occurred_at"`
	Payload    json.RawMessage `db:"payload"`
	Attempts   int             `db:"attempt"`
	LastError  string          `db:"last_error"`
	DeadAt     time.Time       `db:"dead_at"`
}

// Position is a place in the list of dead deliveries. The zero value is before its beginning.
type Position struct{ EventID, Subscriber string }

// Dead returns dead deliveries of all schemas and to every subscriber, by event from new to old and from a position on, as
// many as limit. Errors: sqldb.ErrUnavailable.
func (r *Relay) Dead(ctx context.Context, after Position, limit int) ([]DeadDelivery, error) {
	const query = `
		SELECT '{schema}' AS schema, d.subscriber, d.event_id, e.name, e.occurred_at, e.payload, d.attempt,
			coalesce(d.last_error, '') AS last_error, d.dead_at
		FROM {schema}.outbox_deliveries d
		JOIN {schema}.outbox_events e ON e.id = d.event_id
		WHERE d.dead_at IS NOT NULL AND ($1 = '' OR (d.event_id, d.subscriber) < (nullif($1, '')::uuid, $2))`
	if len(r.cfg.Schemas) == 0 {
		return nil, nil
	}
	var dead []DeadDelivery
	all := forEach(r.cfg.Schemas, query) + " ORDER BY event_id DESC, subscriber DESC LIMIT $3"
	if err := r.cfg.DB.Select(ctx, &dead, all, after.EventID, after.Subscriber, limit); err != nil {
		return nil, fmt.Errorf("read dead deliveries: %w", err)
	}
	return dead, nil
}

// CountDead returns how many deliveries are dead. Errors: sqldb.ErrUnavailable.
func (r *Relay) CountDead(ctx context.Context) (int, error) {
	const query = `SELECT count(*) AS n FROM {schema}.outbox_deliveries WHERE dead_at IS NOT NULL`
	if len(r.cfg.Schemas) == 0 {
		return 0, nil
	}
	var counts []int
	if err := r.cfg.DB.Select(ctx, &counts, forEach(r.cfg.Schemas, query)); err != nil {
		return 0, fmt.Errorf("count dead deliveries: %w", err)
	}
	return sum(counts), nil
}

// Selection chooses deliveries; what is empty chooses all.
type Selection struct{ EventID, Subscriber string }

// Revive makes dead deliveries due again, with all their attempts before them, and returns how many there were. Those that
// are not dead any more are left alone, so it may be repeated. Errors: sqldb.ErrUnavailable.
func (r *Relay) Revive(ctx context.Context, which Selection) (int, error) {
	const query = `
		UPDATE {schema}.outbox_deliveries SET dead_at = NULL, attempt = 0, run_at = now()
		WHERE dead_at IS NOT NULL AND ($1 = '' OR event_id = nullif($1, '')::uuid) AND ($2 = '' OR subscriber = $2)`
	var revived int64
	for _, schema := range r.cfg.Schemas {
		n, err := r.cfg.DB.Exec(ctx, in(schema, query), which.EventID, which.Subscriber)
		if err != nil {
			return int(revived), fmt.Errorf("revive dead deliveries of %s: %w", schema, err)
		}
		revived += n
	}
	if revived > 0 {
		r.Wake()
	}
	return int(revived), nil
}

// Knows says whether an event of this id was ever announced and is still in a log. Errors: sqldb.ErrUnavailable.
func (r *Relay) Knows(ctx context.Context, eventID string) (bool, error) {
	const query = `SELECT EXISTS (SELECT FROM {schema}.outbox_events WHERE id = $1) AS found`
	if len(r.cfg.Schemas) == 0 {
		return false, nil
	}
	var found []bool
	if err := r.cfg.DB.Select(ctx, &found, forEach(r.cfg.Schemas, query), eventID); err != nil {
		return false, fmt.Errorf("look for event: %w", err)
	}
	for _, f := range found {
		if f {
			return true, nil
		}
	}
	return false, nil
}

// Backlog is what waits for one subscriber in one schema.
type Backlog struct {
	Schema     string  `db:"schema"`
	Subscriber string  `db:"subscriber"`
	Pending    int     `db:"pending"`
	Dead       int     `db:"dead"`
	Lag        float64 `db:"lag"` // age of the oldest pending event, in seconds
}

// Backlogs returns what waits, of those that anything waits for. Errors: sqldb.ErrUnavailable.
func (r *Relay) Backlogs(ctx context.Context) ([]Backlog, error) {
	const query = `
		SELECT '{schema}' AS schema, d.subscriber, count(*) FILTER (WHERE d.dead_at IS NULL) AS pending, count(d.dead_at) AS dead,
			coalesce(extract(epoch FROM now() - min(e.occurred_at) FILTER (WHERE d.dead_at IS NULL)), 0)::float8 AS lag
		FROM {schema}.outbox_deliveries d
		JOIN {schema}.outbox_events e ON e.id = d.event_id
		GROUP BY d.subscriber`
	if len(r.cfg.Schemas) == 0 {
		return nil, nil
	}
	var waiting []Backlog
	if err := r.cfg.DB.Select(ctx, &waiting, forEach(r.cfg.Schemas, query)); err != nil {
		return nil, fmt.Errorf("measure backlog of outbox: %w", err)
	}
	return waiting, nil
}
