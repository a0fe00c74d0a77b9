package outbox

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"
)

// pruneBatch is how many events are looked at in one statement.
const pruneBatch = 500

const beforeAllEvents = "00000000-0000-0000-0000-000000000000"

// Prune drops events that are older than keep and that every subscriber has handled, in batches, from the beginning of the
// life of their aggregate. The last event of an aggregate stays, and so does everything behind one that is still to be
// delivered or is dead: what is left has no hole and its end is where the aggregate is. Of several processes one does it.
//
// It walks through the log in the order of ids, which are those of time (RFC 9562, version 7), so it needs no index of its
// own, and is work for once in hours.
//
// Errors: sqldb.ErrUnavailable, the context's error.
func (r *Relay) Prune(ctx context.Context, keep time.Duration) error {
	for _, schema := range r.cfg.Schemas {
		for after, done := beforeAllEvents, false; !done; {
			looked, err := r.pruneBatch(ctx, schema, after, keep)
			if err != nil {
				return fmt.Errorf("drop old events of %s: %w", schema, err)
			}
			after, done = looked.Last, looked.Old < pruneBatch
		}
	}
	return nil
}

// looked is what a batch held: how many events old enough, and the id of the last event of any age.
type looked struct {
	Old  int    `db:"old"`
	Last string `db:"last"`
}

func (r *Relay) pruneBatch(ctx context.Context, schema, after string, keep time.Duration) (looked, error) {
	const query = `
		WITH looked AS (
			SELECT e.id, e.aggregate_type, e.aggregate_id, e.seq, e.occurred_at < now() - make_interval(secs => $3) AS old
			FROM {schema}.outbox_events e
			WHERE e.id > $1 AND (SELECT pg_try_advisory_xact_lock($4)) AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
			ORDER BY e.id LIMIT $2
		), stay AS (
			SELECT b.aggregate_type, b.aggregate_id, least(max(b.seq), min(b.seq) FILTER (WHERE
				b.occurred_at >= now() - make_interval(secs => $3)
				OR b.id <= $1 OR b.id > (SELECT id FROM looked ORDER BY id DESC LIMIT 1)
				OR b.id IN (SELECT event_id FROM {schema}.outbox_deliveries))) AS first
			FROM (SELECT DISTINCT aggregate_type, aggregate_id FROM looked WHERE old) a
			JOIN {schema}.outbox_events b ON b.aggregate_type = a.aggregate_type AND b.aggregate_id = a.aggregate_id
			GROUP BY b.aggregate_type, b.aggregate_id
		), dropped AS (
			DELETE FROM {schema}.outbox_events e
			USING looked l, stay s
			WHERE e.id = l.id AND l.old AND s.aggregate_type = l.aggregate_type AND s.aggregate_id = l.aggregate_id AND l.seq < s.first
		)
		SELECT count(*) FILTER (WHERE old) AS old, coalesce(max(id::text), '') AS last FROM looked`
	var found looked
	err := r.cfg.DB.Get(ctx, &found, in(schema, query), after, pruneBatch, keep.Seconds(), pruneLock(schema))
	return found, err
}

// pruneLock is what stands for the pruning of a schema among PostgreSQL's advisory locks.
func pruneLock(schema string) int64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte("rialto outbox prune " + schema))
	return int64(sum.Sum64())
}
