package outbox_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

var errBurnt = errors.New("burnt")

func TestAChangeAndItsEventCommitTogether(t *testing.T) {
	db := open(t)

	err := serve(t, db.Module("kitchen"), "soup", nil)

	require.NoError(t, err)
	assert.Equal(t, 1, count(t, db, `SELECT count(*) FROM kitchen.dishes`))
	assert.Equal(t, 1, count(t, db, `SELECT count(*) FROM kitchen.outbox_events`))
	assert.Equal(t, 2, deliveries(t, db))
}

func TestAChangeAndItsEventRollBackTogether(t *testing.T) {
	db := open(t)

	err := serve(t, db.Module("kitchen"), "soup", errBurnt)

	require.ErrorIs(t, err, errBurnt)
	assert.Zero(t, count(t, db, `SELECT count(*) FROM kitchen.dishes`))
	assert.Zero(t, count(t, db, `SELECT count(*) FROM kitchen.outbox_events`))
	assert.Zero(t, deliveries(t, db))
}

func serve(t *testing.T, db *sqldb.DB, dish string, result error) error {
	return db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO kitchen.dishes (name) VALUES ($1)`, dish); err != nil {
			return err
		}
		if err := kitchen("waiters", "bills").Append(t.Context(), tx, served(dish)); err != nil {
			return err
		}
		return result
	})
}

// counted counts the statements that reach the database.
type counted struct {
	sqldb.Queryer
	statements int
}

func (c *counted) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	c.statements++
	return c.Queryer.Exec(ctx, query, args...)
}

func TestManyEventsAreOneStatement(t *testing.T) {
	db := open(t)
	q := &counted{Queryer: db.Module("kitchen")}
	o := kitchen("waiters", "bills")

	announce(t, q, o, "soup", "fish", "cake")
	announce(t, q, o)

	assert.Equal(t, 1, q.statements)
	assert.Equal(t, 3, count(t, db, `SELECT count(*) FROM kitchen.outbox_events`))
	assert.Equal(t, 6, deliveries(t, db))
}

func TestAnEventNobodySubscribedToIsInTheLogOnly(t *testing.T) {
	db := open(t)
	dropped := outbox.Record{AggregateType: "dish", AggregateID: "soup", Seq: 1, Event: dishDropped{Dish: "soup"}}

	require.NoError(t, kitchen("waiters").Append(t.Context(), db.Module("kitchen"), dropped))

	assert.Equal(t, 1, count(t, db, `SELECT count(*) FROM kitchen.outbox_events WHERE name = 'kitchen.dish_dropped.v1'`))
	assert.Zero(t, deliveries(t, db))
}

func TestAnAggregateAnnouncesEachSeqOnce(t *testing.T) {
	db := open(t)
	o := kitchen("waiters")
	announce(t, db.Module("kitchen"), o, "soup")

	err := o.Append(t.Context(), db.Module("kitchen"), served("soup"))

	assert.True(t, sqldb.Violates(err, "outbox_events_one_per_seq"), "%v", err)
	assert.Equal(t, 1, deliveries(t, db))
}

func TestADeliveryCarriesTheWholeEvent(t *testing.T) {
	db := open(t)
	event := dishServed{Dish: `a "quoted\" dish, {with} NULL, 'ümläut' and <tags>` + "\n\t\u2028", Table: math.MaxInt64}
	var box inbox
	before := time.Now().Add(-time.Minute)
	require.NoError(t, kitchen("waiters").Append(t.Context(), db.Module("kitchen"),
		outbox.Record{AggregateType: "dish", AggregateID: "42", Seq: 3, Event: event}))

	require.NoError(t, drain(t, outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))))

	require.Len(t, box.all(), 1)
	d := box.all()[0]
	got, err := outbox.Decode[dishServed](d)
	require.NoError(t, err)
	assert.Equal(t, event, got)
	assert.Equal(t, "kitchen.dish_served.v1", d.Name)
	assert.Equal(t, "dish", d.AggregateType)
	assert.Equal(t, "42", d.AggregateID)
	assert.Equal(t, int64(3), d.Seq)
	assert.Equal(t, 1, d.Attempt)
	assert.True(t, ids.Valid(d.EventID), d.EventID)
	assert.True(t, d.OccurredAt.After(before) && d.OccurredAt.Before(time.Now().Add(time.Minute)), d.OccurredAt)
}

// Of two subscribers one wants hot dishes only.
func TestNobodyIsSentWhatHeDoesNotWant(t *testing.T) {
	db := open(t)
	hot := func(e outbox.Event) bool { return e.(dishServed).Dish == "soup" }
	box := outbox.New("kitchen", map[string][]outbox.Subscriber{
		dishServed{}.EventName(): {{Name: "waiters"}, {Name: "thermometer", Wants: hot}}}, ids.New)

	announce(t, db.Module("kitchen"), box, "soup", "ice")

	var sent []string
	require.NoError(t, db.Admin().Select(t.Context(), &sent, `
		SELECT d.subscriber || ' ' || e.aggregate_id FROM kitchen.outbox_deliveries d
		JOIN kitchen.outbox_events e ON e.id = d.event_id ORDER BY 1`))
	assert.Equal(t, []string{"thermometer soup", "waiters ice", "waiters soup"}, sent)
}

func TestDecodeRefusesAnotherEventAndABrokenPayload(t *testing.T) {
	fine := outbox.Delivery{Name: "kitchen.dish_served.v1", Payload: []byte(`{"dish": "soup"}`)}
	broken := outbox.Delivery{Name: "kitchen.dish_served.v1", Payload: []byte(`{"dish": 5}`)}

	_, err := outbox.Decode[dishDropped](fine)
	assert.ErrorContains(t, err, "kitchen.dish_served.v1, not kitchen.dish_dropped.v1")
	_, err = outbox.Decode[dishServed](broken)
	assert.ErrorContains(t, err, "decode event kitchen.dish_served.v1")
	plain, err := outbox.Decode[map[string]string](fine)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"dish": "soup"}, plain)
}

func TestASchemaThatIsNotAPlainNamePanics(t *testing.T) {
	for _, name := range []string{"", "Kitchen", "kitchen.x", `kitchen"; DROP TABLE x`, "9lives", "kitchen\n"} {
		assert.Panics(t, func() { outbox.MigrationSQL(name) }, name)
		assert.Panics(t, func() { outbox.New(name, nil, ids.New) }, name)
		assert.Panics(t, func() {
			outbox.NewRelay(outbox.Config{Schemas: []string{name}, Subscribers: map[string]outbox.Listener{"a": nil}})
		}, name)
	}
}
