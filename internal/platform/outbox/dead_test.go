package outbox_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// mourn makes a delivery of each dish to each of two subscribers die, in two schemas.
func mourn(t *testing.T) (*testdb.Database, *outbox.Relay, *inbox) {
	t.Helper()
	db := open(t)
	box := &inbox{answer: func([]outbox.Delivery) error { return errBurnt }}
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen, "bills": box.listen})
	config.Schemas, config.MaxAttempts = []string{"kitchen", "bar"}, 1
	relay := outbox.NewRelay(config)
	bar := outbox.New("bar", servedTo("waiters", "bills"), ids.New)
	announce(t, db.Module("kitchen"), kitchen("waiters", "bills"), "soup", "fish")
	announce(t, db.Module("bar"), bar, "wine")
	require.ErrorIs(t, drain(t, relay), outbox.ErrDead)
	box.answer = nil
	return db, relay, box
}

func TestDeadDeliveriesAreReadInPagesFromNewToOld(t *testing.T) {
	_, relay, _ := mourn(t)
	all, err := relay.Dead(t.Context(), outbox.Position{}, 100)
	require.NoError(t, err)
	require.Len(t, all, 6)
	number, err := relay.CountDead(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 6, number)

	var paged []outbox.DeadDelivery
	for after := (outbox.Position{}); ; {
		page, err := relay.Dead(t.Context(), after, 4)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		last := page[len(page)-1]
		after = outbox.Position{EventID: last.EventID, Subscriber: last.Subscriber}
	}

	assert.Equal(t, all, paged)
	assert.Equal(t, "bar", all[0].Schema)
	assert.True(t, slices.IsSortedFunc(all, func(a, b outbox.DeadDelivery) int { return b.OccurredAt.Compare(a.OccurredAt) }))
}

func TestRevivingChoosesAndMayBeRepeated(t *testing.T) {
	db, relay, box := mourn(t)
	dead, err := relay.Dead(t.Context(), outbox.Position{}, 1)
	require.NoError(t, err)
	for _, c := range []struct {
		which outbox.Selection
		want  int
	}{
		{outbox.Selection{EventID: ids.New()}, 0},
		{outbox.Selection{Subscriber: "nobody"}, 0},
		{outbox.Selection{EventID: dead[0].EventID}, 2},
		{outbox.Selection{EventID: dead[0].EventID}, 0},
		{outbox.Selection{Subscriber: "bills"}, 2},
		{outbox.Selection{}, 2},
		{outbox.Selection{}, 0},
	} {
		revived, err := relay.Revive(t.Context(), c.which)
		require.NoError(t, err)
		assert.Equal(t, c.want, revived, c.which)
	}
	before := len(box.all())

	require.NoError(t, drain(t, relay))

	assert.Len(t, box.all(), before+6)
	assert.Zero(t, deliveries(t, db))
}

func TestTheBacklogTellsHowLongTheOldestEventWaits(t *testing.T) {
	db, relay, _ := mourn(t)
	announce(t, db.Module("bar"), outbox.New("bar", servedTo("waiters"), ids.New), "rum", "gin")
	_, err := db.Admin().Exec(t.Context(), `UPDATE bar.outbox_events SET occurred_at = now() - interval '1 h' WHERE aggregate_id = 'rum'`)
	require.NoError(t, err)

	backlogs, err := relay.Backlogs(t.Context())

	require.NoError(t, err)
	for i := range backlogs {
		if b := &backlogs[i]; b.Schema == "bar" && b.Subscriber == "waiters" {
			assert.InDelta(t, 3600, b.Lag, 60)
			b.Lag = 0
		}
	}
	assert.ElementsMatch(t, []outbox.Backlog{
		{Schema: "kitchen", Subscriber: "waiters", Dead: 2}, {Schema: "kitchen", Subscriber: "bills", Dead: 2},
		{Schema: "bar", Subscriber: "waiters", Pending: 2, Dead: 1}, {Schema: "bar", Subscriber: "bills", Dead: 1},
	}, backlogs)
}
