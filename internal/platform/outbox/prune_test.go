package outbox_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const month = 30 * 24 * time.Hour

// history announces events of a dish, one for each age in days, the oldest first.
func history(t *testing.T, db *testdb.Database, dish string, ages ...int) {
	t.Helper()
	for i, age := range ages {
		record := served(dish)
		record.Seq = int64(i + 1)
		require.NoError(t, kitchen("waiters").Append(t.Context(), db.Module("kitchen"), record))
		_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_events SET occurred_at = now() - make_interval(days => $1)
			WHERE aggregate_id = $2 AND seq = $3`, age, dish, i+1)
		require.NoError(t, err)
	}
}

func handled(t *testing.T, db *testdb.Database, condition string) {
	t.Helper()
	_, err := db.Admin().Exec(t.Context(), `DELETE FROM kitchen.outbox_deliveries d USING kitchen.outbox_events e WHERE e.id = d.event_id AND `+condition)
	require.NoError(t, err)
}

func kept(t *testing.T, db *testdb.Database, dish string) []int {
	t.Helper()
	var seqs []int
	require.NoError(t, db.Admin().Select(t.Context(), &seqs, `SELECT seq FROM kitchen.outbox_events WHERE aggregate_id = $1 ORDER BY seq`, dish))
	return seqs
}

func prune(t *testing.T, db *testdb.Database) {
	t.Helper()
	require.NoError(t, outbox.NewRelay(quick(db.Admin(), nil)).Prune(t.Context(), month))
}

func TestOldEventsAreDroppedFromTheBeginning(t *testing.T) {
	db := open(t)
	history(t, db, "old", 90, 80, 70)
	history(t, db, "living", 90, 80, 10, 1)
	history(t, db, "young", 29)
	history(t, db, "clock went back", 90, 10, 80, 5)
	handled(t, db, "true")

	prune(t, db)

	assert.Equal(t, []int{3}, kept(t, db, "old"), "where the aggregate is can still be told")
	assert.Equal(t, []int{3, 4}, kept(t, db, "living"))
	assert.Equal(t, []int{1}, kept(t, db, "young"))
	assert.Equal(t, []int{2, 3, 4}, kept(t, db, "clock went back"), "no hole")
}

func TestWhatIsNotDeliveredKeepsItsEventAndThoseBehindIt(t *testing.T) {
	db := open(t)
	history(t, db, "pending", 90, 80, 70, 60)
	history(t, db, "dead", 90, 80, 70, 60)
	handled(t, db, "e.seq <> 2")
	_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_deliveries d SET dead_at = now() FROM kitchen.outbox_events e
		WHERE e.id = d.event_id AND e.aggregate_id = 'dead'`)
	require.NoError(t, err)

	prune(t, db)

	assert.Equal(t, []int{2, 3, 4}, kept(t, db, "pending"))
	assert.Equal(t, []int{2, 3, 4}, kept(t, db, "dead"))
	handled(t, db, "true")
	prune(t, db)
	assert.Equal(t, []int{4}, kept(t, db, "dead"))
}

func TestManyOldEventsAreDroppedByWhoeverComes(t *testing.T) {
	const dishes, each = 130, 20 // several batches
	db := open(t)
	records := []outbox.Record{}
	for seq := range each {
		for i := range dishes {
			record := served(fmt.Sprint("dish ", i))
			record.Seq = int64(seq + 1)
			records = append(records, record)
		}
	}
	require.NoError(t, kitchen().Append(t.Context(), db.Module("kitchen"), records...))
	_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_events SET occurred_at = now() - interval '60 days' WHERE seq < 20`)
	require.NoError(t, err)
	_, err = db.Admin().Exec(t.Context(), `CREATE TABLE kitchen.meals AS
		SELECT aggregate_id AS id, max(seq) AS event_seq FROM kitchen.outbox_events GROUP BY 1`)
	require.NoError(t, err)
	holes := outbox.GapsSQL(outbox.Aggregate{Schema: "kitchen", Type: "dish", Table: "meals", ID: "id"})

	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { prune(t, db) })
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for looking := true; looking; {
		select {
		case <-done:
			looking = false
		default:
		}
		var found []string
		require.NoError(t, db.Admin().Select(t.Context(), &found, holes))
		require.Empty(t, found, "at no moment")
	}

	assert.Equal(t, dishes, count(t, db, `SELECT count(*) FROM kitchen.outbox_events`))
}

func TestADroppedEventIsKnownNoMore(t *testing.T) {
	db := open(t)
	history(t, db, "old", 90, 80)
	handled(t, db, "true")
	var id string
	require.NoError(t, db.Admin().Get(t.Context(), &id, `SELECT id FROM kitchen.outbox_events WHERE seq = 1`))
	relay := outbox.NewRelay(quick(db.Admin(), nil))
	for _, want := range []bool{true, false} {
		known, err := relay.Knows(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, want, known)
		prune(t, db)
	}
	known, err := relay.Knows(t.Context(), ids.New())
	require.NoError(t, err)
	assert.False(t, known)
}

// TestPruningThatBreaksOffLeavesNoHole has a dish whose second event has an id before that of its first, as the clocks of
// two processes may give them, and so far before that they are dropped apart.
func TestPruningThatBreaksOffLeavesNoHole(t *testing.T) {
	db := open(t)
	_, err := db.Admin().Exec(t.Context(), `
		INSERT INTO kitchen.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload, occurred_at)
		SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'kitchen.cooked.v1', 'dish',
			CASE WHEN n IN (1, 999, 1000) THEN 'apart' ELSE n::text END, CASE n WHEN 1 THEN 2 WHEN 1000 THEN 3 ELSE 1 END, '{}', now() - interval '60 days'
		FROM generate_series(1, 1000) AS n;
		CREATE FUNCTION kitchen.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the process died'; END $$;
		CREATE TRIGGER die BEFORE DELETE ON kitchen.outbox_events FOR EACH ROW WHEN (OLD.aggregate_id = 'apart' AND OLD.seq = 1)
			EXECUTE FUNCTION kitchen.die()`)
	require.NoError(t, err)

	err = outbox.NewRelay(quick(db.Admin(), nil)).Prune(t.Context(), month)

	require.ErrorContains(t, err, "the process died")
	assert.Equal(t, []int{1, 2, 3}, kept(t, db, "apart"))
}

// TestEventsWhoseIdsAreNotInTheirOrderLeaveNoHole has a dish whose second event is looked at long before its first.
func TestEventsWhoseIdsAreNotInTheirOrderLeaveNoHole(t *testing.T) {
	db := open(t)
	_, err := db.Admin().Exec(t.Context(), `
		INSERT INTO kitchen.outbox_events (id, name, aggregate_type, aggregate_id, seq, payload, occurred_at)
		SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'kitchen.cooked.v1', 'dish',
			CASE WHEN n IN (1, 998, 999, 1000) THEN 'apart' ELSE n::text END,
			CASE n WHEN 1 THEN 2 WHEN 999 THEN 3 WHEN 1000 THEN 4 ELSE 1 END, '{}', now() - interval '60 days'
		FROM generate_series(1, 1000) AS n`)
	require.NoError(t, err)

	prune(t, db)
	assert.Equal(t, []int{2, 3, 4}, kept(t, db, "apart"))
	prune(t, db)
	prune(t, db)
	assert.Equal(t, []int{4}, kept(t, db, "apart"))
}
