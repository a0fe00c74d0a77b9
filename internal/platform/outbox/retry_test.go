package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

func TestWhatAListenerDidNotHandleComesAgainUntilItDid(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup", "fish")
	var box inbox
	box.answer = func(batch []outbox.Delivery) error {
		if batch[0].Attempt <= 4 {
			return errBurnt
		}
		return nil
	}

	require.NoError(t, drain(t, outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))))

	attempts := map[string][]int{}
	for _, d := range box.all() {
		attempts[d.AggregateID] = append(attempts[d.AggregateID], d.Attempt)
	}
	assert.Equal(t, map[string][]int{"soup": {1, 2, 3, 4, 5}, "fish": {1, 2, 3, 4, 5}}, attempts)
	assert.Zero(t, deliveries(t, db))
	assert.Equal(t, 2, count(t, db, `SELECT count(*) FROM kitchen.outbox_events`), "the log stays")
}

func TestOneBadEventDoesNotTakeItsBatchDown(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup", "bad", "fish")
	var box inbox
	box.answer = func(batch []outbox.Delivery) error {
		if slices.ContainsFunc(batch, func(d outbox.Delivery) bool { return d.AggregateID == "bad" }) {
			return errBurnt
		}
		return nil
	}
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.MaxAttempts = 4
	relay := outbox.NewRelay(config)

	err := drain(t, relay)

	require.ErrorIs(t, err, outbox.ErrDead)
	dead, err := relay.Dead(t.Context(), outbox.Position{}, 10)
	require.NoError(t, err)
	require.Len(t, dead, 1)
	assert.Len(t, box.batches[0], 3)
	for _, batch := range box.batches {
		if batch[0].Attempt >= 3 {
			assert.Len(t, batch, 1)
		}
	}
}

func TestADeadDeliveryIsVisibleAndCanBeRevived(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	var box inbox
	box.answer = func([]outbox.Delivery) error { return errors.New("no plate\x00 \xff") }
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.MaxAttempts = 3
	relay := outbox.NewRelay(config)

	err := drain(t, relay)

	require.ErrorIs(t, err, outbox.ErrDead)
	assert.ErrorContains(t, err, "kitchen.dish_served.v1 for waiters after 3 attempts: no plate")
	dead, err := relay.Dead(t.Context(), outbox.Position{}, 10)
	require.NoError(t, err)
	require.Len(t, dead, 1)
	assert.Equal(t, outbox.DeadDelivery{
		Schema: "kitchen", Subscriber: "waiters", EventID: box.all()[0].EventID, Name: "kitchen.dish_served.v1",
		OccurredAt: dead[0].OccurredAt, Payload: []byte(`{"dish": "soup", "table": 7}`), Attempts: 3, LastError: "no plate ?", DeadAt: dead[0].DeadAt,
	}, dead[0])
	assert.WithinDuration(t, time.Now(), dead[0].DeadAt, time.Minute)
	pending, err := relay.Pending(t.Context())
	require.NoError(t, err)
	assert.Zero(t, pending)
	assert.Len(t, box.all(), 3)

	box.answer = nil
	revived, err := relay.Revive(t.Context(), outbox.Selection{})

	require.NoError(t, err)
	assert.Equal(t, 1, revived)
	require.NoError(t, drain(t, relay))
	assert.Zero(t, deliveries(t, db))
	assert.Equal(t, 1, box.all()[3].Attempt)
}

func TestWaitsDoubleUpToTheirBoundAndAreHalfRandom(t *testing.T) {
	cases := []struct {
		attempts int
		random   float64
		want     time.Duration
	}{
		{1, 0, time.Hour}, {2, 0, 2 * time.Hour}, {3, 0, 4 * time.Hour}, {4, 0, 5 * time.Hour}, {60, 0, 5 * time.Hour},
		{1, 0.5, 45 * time.Minute}, {4, 0.999, 150 * time.Minute},
	}
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	var box inbox
	box.answer = func([]outbox.Delivery) error { return errBurnt }
	for _, c := range cases {
		t.Run(fmt.Sprintf("after %d attempts, random %v", c.attempts, c.random), func(t *testing.T) {
			_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_deliveries SET attempt = $1, run_at = now()`, c.attempts-1)
			require.NoError(t, err)
			config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
			config.Backoff, config.MaxBackoff, config.MaxAttempts = time.Hour, 5*time.Hour, 100
			config.Random = func() float64 { return c.random }

			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, outbox.NewRelay(config).Drain(ctx), context.DeadlineExceeded)

			seconds := count(t, db, `SELECT round(extract(epoch FROM run_at - now())) FROM kitchen.outbox_deliveries`)
			assert.InDelta(t, c.want.Seconds(), seconds, 30)
		})
	}
}

func TestAPanicCountsAsAFailure(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	var box inbox
	box.answer = func(batch []outbox.Delivery) error {
		if batch[0].Attempt == 1 {
			panic("dropped the plate")
		}
		return nil
	}
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})

	require.NoError(t, drain(t, outbox.NewRelay(config)))
	assert.Len(t, box.all(), 2)

	announce(t, db.Module("kitchen"), kitchen("waiters"), "fish")
	config.MaxAttempts = 1
	err := drain(t, outbox.NewRelay(config))
	assert.ErrorContains(t, err, "panic: dropped the plate")
	assert.ErrorContains(t, err, "retry_test.go", "the stack is kept")
}

func TestAnEventThatEndsEveryProcessDiesInTheEnd(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_deliveries SET attempt = 5`)
	require.NoError(t, err)
	var box inbox
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.MaxAttempts = 5

	err = drain(t, outbox.NewRelay(config))

	require.ErrorIs(t, err, outbox.ErrDead)
	assert.ErrorContains(t, err, "every attempt ended without an answer")
	assert.Empty(t, box.all())
}

func TestALongErrorIsCut(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	var box inbox
	box.answer = func([]outbox.Delivery) error { return errors.New(strings.Repeat("ü", 10_000)) }
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.MaxAttempts = 1

	require.ErrorIs(t, drain(t, outbox.NewRelay(config)), outbox.ErrDead)

	assert.LessOrEqual(t, count(t, db, `SELECT length(last_error) FROM kitchen.outbox_deliveries`), 4000)
}
