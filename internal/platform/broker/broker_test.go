package broker_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/broker/brokertest"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

func TestWhatIsPublishedIsHandledAsItWas(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.Lease = time.Minute // so that a machine with much to do is no reason to hand anything over twice
	b := open(t, cfg)
	var box inbox
	run(t, b, box.listen)
	sent := menu(250)

	require.NoError(t, b.Publisher(waiters)(t.Context(), sent))

	box.waitFor(t, len(sent))
	assert.ElementsMatch(t, sent, box.seen())
	emptied(t, server)
}

func TestWhatWasNotHandledComesAgain(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	box := inbox{fail: func(batch []outbox.Delivery) error {
		if batch[0].Attempt == 1 {
			return errors.New("not now")
		}
		return nil
	}}
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(3)))

	run(t, b, box.listen)

	box.waitFor(t, 6)
	emptied(t, server)
	assert.Equal(t, names(menu(3)), names(box.seen()[:3]))
	assert.ElementsMatch(t, names(menu(3)), names(box.seen()[3:]))
}

func TestAnEventThatIsPublishedAgainIsHandledOnce(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	sent := menu(3)
	require.NoError(t, b.Publisher(waiters)(t.Context(), sent))

	require.NoError(t, b.Publisher(waiters)(t.Context(), sent), "it is harmless")

	require.EqualValues(t, 3, stored(t, operator(t, server), broker.Stream))
}

func TestWhatADeadProcessHadTakenComesToAnother(t *testing.T) {
	server := brokertest.Start(t)
	dying, living := open(t, quick(server)), open(t, quick(server))
	taken, dead := make(chan struct{}), make(chan struct{})
	require.NoError(t, dying.Publisher(waiters)(t.Context(), menu(5)))
	stop := run(t, dying, func(context.Context, []outbox.Delivery) error {
		close(taken)
		<-dead
		return nil
	})
	<-taken
	dying.Close()
	var box inbox

	run(t, living, box.listen)

	box.waitFor(t, 5)
	close(dead)
	stop()
	emptied(t, server)
}

func TestWhatAStoppedProcessDidNotFinishIsThereAtOnce(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.Lease = time.Hour
	b := open(t, cfg)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(5)))
	taken := make(chan struct{})
	stop := run(t, b, func(ctx context.Context, _ []outbox.Delivery) error {
		close(taken)
		<-ctx.Done()
		return ctx.Err()
	})
	<-taken
	stop()
	var box inbox

	run(t, open(t, cfg), box.listen)

	box.waitFor(t, 5)
	emptied(t, server)
}

func TestASlowListenerKeepsItsBatch(t *testing.T) {
	server := brokertest.Start(t)
	slow, other := open(t, quick(server)), open(t, quick(server))
	require.NoError(t, slow.Publisher(waiters)(t.Context(), menu(5)))
	taken, done := make(chan struct{}), make(chan struct{})
	var calls atomic.Int32
	run(t, slow, func(ctx context.Context, _ []outbox.Delivery) error {
		calls.Add(1)
		close(taken)
		defer close(done)
		select {
		case <-time.After(3 * quick(server).Lease):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	<-taken
	var box inbox
	run(t, other, box.listen)

	<-done

	emptied(t, server)
	assert.EqualValues(t, 1, calls.Load())
	assert.Empty(t, box.seen())
}

func TestAListenerHasNoMoreThanItsTime(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.Longest = 50 * time.Millisecond
	b := open(t, cfg)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(1)))
	ended := make(chan error, 100)

	run(t, b, func(ctx context.Context, _ []outbox.Delivery) error {
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})

	require.ErrorIs(t, <-ended, context.DeadlineExceeded)
	require.ErrorIs(t, <-ended, context.DeadlineExceeded, "it comes again")
}

func TestAPanicIsAFailureAndOneBadEventTakesNoneDown(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 5
	b := open(t, cfg)
	var box inbox
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(4)))

	run(t, b, func(ctx context.Context, batch []outbox.Delivery) error {
		for _, d := range batch {
			if d.AggregateID == "dish 002" {
				panic("the dish is hot")
			}
		}
		return box.listen(ctx, batch)
	})

	box.waitFor(t, 3)
	require.Eventually(t, func() bool { return count(t, b) == 1 }, soon, often)
	dead, err := b.Dead(t.Context(), outbox.Position{}, 10)
	require.NoError(t, err)
	assert.Contains(t, dead[0].LastError, "the dish is hot")
	assert.ElementsMatch(t, []string{"dish 000", "dish 001", "dish 003"}, names(box.seen()))
}

func TestWhatFailedTwiceIsHandedOverAlone(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	box := inbox{fail: func([]outbox.Delivery) error { return errMood }}
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(4)))
	stop := run(t, b, box.listen)
	box.waitFor(t, 8)
	stop()
	var later inbox

	// What has come due meanwhile is taken together.
	time.Sleep(2 * quick(server).MaxBackoff) // how long they wait is what the broker does not say
	stop = run(t, b, later.listen)

	later.waitFor(t, 4)
	stop()
	for _, batch := range later.batches {
		if batch[0].Attempt > 2 {
			assert.Len(t, batch, 1)
		}
	}
}

func TestAFullBrokerRefusesAndNothingIsLost(t *testing.T) {
	server := brokertest.Start(t)
	_, err := operator(t, server).CreateStream(t.Context(), jetstream.StreamConfig{Name: broker.Stream, Subjects: []string{"rialto.events.>"},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxMsgs: 2})
	require.NoError(t, err)
	b := open(t, quick(server))
	sent := menu(5)

	err = b.Publisher(waiters)(t.Context(), sent)

	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.ErrorIs(t, err, broker.ErrNotTaken)
	stream, err := operator(t, server).Stream(t.Context(), broker.Stream)
	require.NoError(t, err)
	require.EqualValues(t, 2, stream.CachedInfo().Config.MaxMsgs, "what operators have set stays")
	var box inbox
	run(t, b, box.listen)
	for _, d := range sent {
		require.Eventually(t, func() bool { return b.Publisher(waiters)(t.Context(), []outbox.Delivery{d}) == nil }, soon, often)
	}
	require.Eventually(t, func() bool { return len(distinct(box.seen())) == len(sent) }, soon, often)
}

func distinct(dishes []outbox.Delivery) map[string]bool {
	all := map[string]bool{}
	for _, name := range names(dishes) {
		all[name] = true
	}
	return all
}

func TestABrokerThatStopsAndComesBackLosesNothing(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(20)))
	server.Stop()
	late := dish("late")
	require.Eventually(t, func() bool {
		return errors.Is(b.Publisher(waiters)(t.Context(), []outbox.Delivery{late}), remote.ErrUnavailable)
	}, soon, often)
	var box inbox
	run(t, b, box.listen)

	server.Again()

	box.waitFor(t, 20)
	require.Eventually(t, func() bool { return b.Publisher(waiters)(t.Context(), []outbox.Delivery{late}) == nil }, soon, often)
	box.waitFor(t, 21)
	assert.Len(t, distinct(box.seen()), 21)
	server.Stop()
	server.Again()
	require.Eventually(t, func() bool { return b.Publisher(waiters)(t.Context(), []outbox.Delivery{dish("last")}) == nil }, soon, often)
	require.Eventually(t, func() bool { return distinct(box.seen())["last"] }, soon, often, "who waited when it stopped goes on")
}

func TestABrokerThatIsNotThereYetIsWaitedFor(t *testing.T) {
	server := brokertest.Start(t)
	server.Stop()
	b := open(t, quick(server))
	var box inbox
	run(t, b, box.listen)
	began := time.Now()
	require.ErrorIs(t, b.Publisher(waiters)(t.Context(), menu(1)), remote.ErrUnavailable)
	require.Less(t, time.Since(began), 3*time.Second)

	server.Again()

	require.Eventually(t, func() bool { return b.Publisher(waiters)(t.Context(), menu(1)) == nil }, soon, often)
	box.waitFor(t, 1)
}

// What was asked of a broker that ends at that moment is never answered.
func TestABrokerThatSaysNothingIsGivenUp(t *testing.T) {
	cfg := quick(&brokertest.Server{URL: brokertest.Silent(t)})
	cfg.Patience = 200 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()

	err := open(t, cfg).Publisher(waiters)(ctx, menu(1))

	require.ErrorIs(t, err, remote.ErrUnavailable)
}

func TestStreamsThatSomebodyRemovedAreMadeAgain(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	var box inbox
	run(t, b, box.listen)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(1)))
	box.waitFor(t, 1)

	require.NoError(t, operator(t, server).DeleteStream(t.Context(), broker.Stream))

	require.Eventually(t, func() bool { return b.Publisher(waiters)(t.Context(), []outbox.Delivery{dish("anew")}) == nil }, soon, often)
	box.waitFor(t, 2)
}

func TestAnEventThatIsTooLargeIsNamed(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	large := dish("whale")
	large.Payload = []byte(`"` + strings.Repeat("x", 1<<20) + `"`)

	err := b.Publisher(waiters)(t.Context(), []outbox.Delivery{large})

	require.ErrorContains(t, err, "event "+large.EventID+" takes ")
	require.NotErrorIs(t, err, remote.ErrUnavailable, "waiting does not mend it")
	require.NotErrorIs(t, err, broker.ErrNotTaken)
}

func TestWhatIsNoEventStaysWhereItIs(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.MaxAttempts = 2
	b := open(t, cfg)
	var box inbox
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(1)))
	js := operator(t, server)
	_, err := js.Publish(t.Context(), "rialto.events."+waiters, []byte("hello"))
	require.NoError(t, err)

	run(t, b, box.listen)

	box.waitFor(t, 1)
	require.Eventually(t, func() bool { return gathered(t, b)["rialto_broker_failed_total"] > 3 }, soon, often)
	require.EqualValues(t, 1, stored(t, js, broker.Stream))
}

func TestAddressesAreChecked(t *testing.T) {
	for _, good := range []string{"nats://h:4222", "tls://u:p@h", "nats://token@a,nats://token@b"} {
		require.NoError(t, broker.CheckURL(good), good)
	}
	for _, bad := range []string{"h:4222", "http://h", "nats://", "nats://a,b", "nats://u:s3cret%@h"} {
		err := broker.CheckURL(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "s3cret")
	}
}
