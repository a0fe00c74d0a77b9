package broker_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/broker/brokertest"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

func count(t *testing.T, b *broker.Broker) int {
	t.Helper()
	n, err := b.CountDead(t.Context())
	require.NoError(t, err)
	return n
}

// gathered are the values of metrics, added up over their labels.
func gathered(t *testing.T, b *broker.Broker) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(b)
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			values[family.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return values
}

// mood is a listener that fails as long as it is told to.
type mood struct {
	inbox
	bad atomic.Bool
}

var errMood = errors.New("the waiter is in a bad mood")

func (m *mood) listen(ctx context.Context, batch []outbox.Delivery) error {
	if m.bad.Load() {
		return errMood
	}
	return m.inbox.listen(ctx, batch)
}

func TestWhatUsedUpItsAttemptsIsShownAndRevived(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 4
	b := open(t, cfg)
	var m mood
	m.bad.Store(true)
	sent := menu(3)
	require.NoError(t, b.Publisher(waiters)(t.Context(), sent))
	run(t, b, m.listen)
	require.Eventually(t, func() bool { return count(t, b) == 3 }, soon, often)

	dead, err := b.Dead(t.Context(), outbox.Position{}, 2)

	require.NoError(t, err)
	require.Len(t, dead, 2)
	newest := sent[2]
	assert.NotZero(t, dead[0].DeadAt)
	dead[0].DeadAt = newest.OccurredAt
	assert.Equal(t, outbox.DeadDelivery{Schema: "kitchen", Subscriber: waiters, EventID: newest.EventID, Name: newest.Name, OccurredAt: newest.OccurredAt,
		Payload: newest.Payload, Attempts: 4, LastError: errMood.Error(), DeadAt: newest.OccurredAt}, dead[0])
	rest, err := b.Dead(t.Context(), outbox.Position{EventID: dead[1].EventID, Subscriber: waiters}, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	assert.Equal(t, sent[0].EventID, rest[0].EventID)
	emptied(t, server)
	values := gathered(t, b)
	assert.EqualValues(t, 3, values["rialto_broker_dead"])
	assert.EqualValues(t, 1, values["rialto_broker_connected"])

	m.bad.Store(false)
	revive(t, b, outbox.Selection{Subscriber: "kitchen.wash"}, 0)
	revive(t, b, outbox.Selection{EventID: sent[1].EventID}, 1)
	m.waitFor(t, 1)
	assert.Equal(t, sent[1], m.seen()[0], "with all attempts before it")
	revive(t, b, outbox.Selection{Subscriber: waiters}, 2)
	m.waitFor(t, 3)
	revive(t, b, outbox.Selection{}, 0)
	assert.Zero(t, count(t, b))
}

func revive(t *testing.T, b *broker.Broker, which outbox.Selection, want int) {
	t.Helper()
	n, err := b.Revive(t.Context(), which)
	require.NoError(t, err)
	require.Equal(t, want, n)
}

// The broker takes what is published again within two minutes for a repetition; dying and reviving must not be one.
func TestWhatDiesAgainAtOnceIsDeadOnce(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 1
	b := open(t, cfg)
	var m mood
	m.bad.Store(true)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(1)))
	run(t, b, m.listen)
	for range 3 {
		require.Eventually(t, func() bool { return count(t, b) == 1 }, soon, often)
		revive(t, b, outbox.Selection{}, 1)
	}
	require.Eventually(t, func() bool { return count(t, b) == 1 }, soon, often)
	require.EqualValues(t, 1, stored(t, operator(t, server), broker.DeadStream))

	m.bad.Store(false)
	revive(t, b, outbox.Selection{}, 1)

	m.waitFor(t, 1)
}

func TestADeadEventIsKnown(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 1
	b := open(t, cfg)
	sent := menu(1)
	require.NoError(t, b.Publisher(waiters)(t.Context(), sent))
	run(t, b, func(context.Context, []outbox.Delivery) error { return errMood })
	require.Eventually(t, func() bool { return count(t, b) == 1 }, soon, often)

	known, err := b.Knows(t.Context(), sent[0].EventID)
	require.NoError(t, err)
	require.True(t, known)
	known, err = b.Knows(t.Context(), uuid.NewString())
	require.NoError(t, err)
	require.False(t, known)
}

// While the stream of the dead takes nothing, what should go there stays where it is.
func TestWhatCannotBeBuriedIsNotDropped(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 2
	b := open(t, cfg)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(3)))
	js := operator(t, server)
	graveyard, err := js.Stream(t.Context(), broker.DeadStream)
	require.NoError(t, err)
	full := graveyard.CachedInfo().Config
	full.MaxMsgs = 1
	_, err = js.UpdateStream(t.Context(), full)
	require.NoError(t, err)

	run(t, b, func(context.Context, []outbox.Delivery) error { return errMood })

	require.Eventually(t, func() bool { return count(t, b) == 1 && gathered(t, b)["rialto_broker_failed_total"] > 12 }, soon, often)
	require.EqualValues(t, 2, stored(t, js, broker.Stream))
	full.MaxMsgs = -1
	_, err = js.UpdateStream(t.Context(), full)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return count(t, b) == 3 }, soon, often)
}

func TestWhatCannotBeRevivedStaysDead(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 1
	b := open(t, cfg)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(1)))
	stop := run(t, b, func(context.Context, []outbox.Delivery) error { return errMood })
	require.Eventually(t, func() bool { return count(t, b) == 1 }, soon, often)
	emptied(t, server)
	stop()
	require.NoError(t, b.Publisher("bills.write")(t.Context(), menu(1)))
	js := operator(t, server)
	living, err := js.Stream(t.Context(), broker.Stream)
	require.NoError(t, err)
	full := living.CachedInfo().Config
	full.MaxMsgs = 1
	_, err = js.UpdateStream(t.Context(), full)
	require.NoError(t, err)

	_, err = b.Revive(t.Context(), outbox.Selection{})

	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.Equal(t, 1, count(t, b))
}

func TestWhatWaitsForSomethingThatIsAwayIsNeverDead(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 2
	cfg.Away = func(err error) bool { return errors.Is(err, remote.ErrUnavailable) }
	b := open(t, cfg)
	var m mood
	box := inbox{fail: func([]outbox.Delivery) error {
		if m.bad.Load() {
			return remote.ErrUnavailable
		}
		return nil
	}}
	m.bad.Store(true)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(2)))
	run(t, b, box.listen)
	box.waitFor(t, 20)

	m.bad.Store(false)

	emptied(t, server)
	last := box.seen()[len(box.seen())-1]
	assert.LessOrEqual(t, last.Attempt, 2)
	assert.Zero(t, count(t, b))
}

func TestTheDeadOfSeveralSubscribersAreTold(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 1
	b := open(t, cfg)
	sent := menu(2)
	bad := func(context.Context, []outbox.Delivery) error { return errMood }
	require.NoError(t, b.Publisher(waiters)(t.Context(), sent))
	require.NoError(t, b.Publisher("bills.write")(t.Context(), sent))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx, map[string]outbox.Listener{waiters: bad, "bills.write": bad}) }()
	require.Eventually(t, func() bool { return count(t, b) == 4 }, soon, often)
	cancel()
	require.NoError(t, <-ended)

	var pages [][]string
	after := outbox.Position{}
	for {
		page, err := b.Dead(t.Context(), after, 3)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		var shown []string
		for _, d := range page {
			shown = append(shown, d.EventID+" "+d.Subscriber)
			after = outbox.Position{EventID: d.EventID, Subscriber: d.Subscriber}
		}
		pages = append(pages, shown)
	}

	require.Equal(t, []string{sent[1].EventID + " " + waiters, sent[1].EventID + " bills.write", sent[0].EventID + " " + waiters, sent[0].EventID + " bills.write"},
		slices.Concat(pages...))
}
