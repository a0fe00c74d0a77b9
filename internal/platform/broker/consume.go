package broker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

const (
	// isolateFrom is the attempt from which deliveries are handed over alone.
	isolateFrom = 3
	// heartbeats is how often the broker says in the time of a question that it knows of it.
	heartbeats = 6
	// mostUnsettled is how many messages of a subscriber may wait for another attempt before no new ones come.
	mostUnsettled = 100_000
)

var (
	errAbandoned = errors.New("every attempt ended without an answer")
	errNotTried  = errors.New("it was not handed over")
)

// queue is what the broker has for one subscriber of this process. Other processes may share it.
type queue struct {
	*Broker
	subscriber string
	listen     outbox.Listener
}

// received is a message that this process holds.
type received struct {
	message
	source  jetstream.Msg
	attempt int
	seq     uint64
}

// Run hands over what comes for the subscribers until ctx ends, and returns once their listeners have returned; what they
// did not finish is due again at once. A broker that is not there is waited for. Run returns nil.
func (b *Broker) Run(ctx context.Context, subscribers map[string]outbox.Listener) error {
	var workers sync.WaitGroup
	for subscriber, listen := range subscribers {
		b.know(subscriber)
		q := &queue{Broker: b, subscriber: subscriber, listen: listen}
		workers.Go(func() { q.serve(ctx) })
	}
	workers.Wait()
	return nil
}

func (q *queue) serve(ctx context.Context) {
	for ctx.Err() == nil {
		if err := q.consume(ctx); err != nil && ctx.Err() == nil {
			q.cfg.Log.WarnContext(ctx, "events cannot be received", "subscriber", q.subscriber, "error", err)
			q.setFurnished(false)
			periodic.Pause(ctx, q.cfg.Retry)
		}
	}
}

// consume handles messages until ctx ends or something is wrong with where they come from.
func (q *queue) consume(ctx context.Context) error {
	js, err := q.ready(ctx)
	if err != nil {
		return err
	}
	source, err := q.source(ctx, js)
	if err != nil {
		return broken(ctx, fmt.Errorf("make consumer: %w", err))
	}
	var swept time.Time
	for ctx.Err() == nil {
		if time.Since(swept) > q.cfg.Pull/2 {
			if err := q.sweep(ctx, js, source); err != nil {
				return broken(ctx, fmt.Errorf("look for messages that were acknowledged: %w", err))
			}
			swept = time.Now()
		}
		batch, err := q.take(ctx, source)
		if err != nil {
			return broken(ctx, err)
		}
		if err := q.handle(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (q *queue) source(ctx context.Context, js jetstream.JetStream) (jetstream.Consumer, error) {
	ctx, cancel := q.asking(ctx)
	defer cancel()
	return js.CreateOrUpdateConsumer(ctx, Stream, jetstream.ConsumerConfig{
		Durable: durable(q.subscriber), FilterSubject: subjectPrefix + q.subscriber, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: q.cfg.Lease, MaxDeliver: -1, MaxAckPending: mostUnsettled})
}

// sweep removes what was acknowledged and is still there: a broker that stops at the wrong moment remembers the one and not the
// other, and would show such messages as waiting for ever. Up to its floor a consumer has everything acknowledged.
func (q *queue) sweep(ctx context.Context, js jetstream.JetStream, source jetstream.Consumer) error {
	asking, cancel := q.asking(ctx)
	defer cancel()
	stream, err := js.Stream(asking, Stream)
	if err != nil {
		return err
	}
	about, err := source.Info(asking)
	if err != nil {
		return err
	}
	for {
		oldest, err := stream.GetMsg(asking, 1, jetstream.WithGetMsgSubject(subjectPrefix+q.subscriber))
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && oldest.Sequence > about.AckFloor.Stream {
			return nil
		}
		if err != nil {
			return err
		}
		if err := q.remove(ctx, stream, oldest.Sequence); err != nil {
			return err
		}
	}
}

// durable is the name of a subscriber's consumer, which may have no dots.
func durable(subscriber string) string { return strings.ReplaceAll(subscriber, ".", "-") }

// take waits for a message, and takes with it what else is there. No message is no error.
func (q *queue) take(ctx context.Context, source jetstream.Consumer) ([]jetstream.Msg, error) {
	waiting, cancel := q.whileConnected(ctx, q.cfg.Pull)
	defer cancel()
	pull, err := source.Fetch(1, jetstream.FetchContext(waiting), jetstream.FetchHeartbeat(q.cfg.Pull/heartbeats))
	if err != nil {
		return nil, err
	}
	batch := slices.Collect(messages(pull))
	if len(batch) == 0 && waiting.Err() == nil {
		return nil, pull.Error()
	}
	if len(batch) == 0 || q.cfg.Batch == 1 || ctx.Err() != nil {
		return batch, nil
	}
	if pull, err = source.FetchNoWait(q.cfg.Batch - 1); err == nil {
		batch = slices.AppendSeq(batch, messages(pull))
	}
	return batch, nil
}

func messages(pull jetstream.MessageBatch) func(yield func(jetstream.Msg) bool) {
	return func(yield func(jetstream.Msg) bool) {
		for m := range pull.Messages() {
			if !yield(m) {
				return
			}
		}
	}
}

// handle hands a batch over and settles it. Errors: that the broker could not be told.
func (q *queue) handle(ctx context.Context, taken []jetstream.Msg) error {
	lease := q.newLease()
	batch := q.read(ctx, taken)
	var away bool
	for rest := groups(batch); len(rest) > 0; rest = rest[1:] {
		result := lease.during(ctx, slices.Concat(rest...), func(ctx context.Context) error { return q.handOver(ctx, rest[0]) })
		if err := q.settle(ctx, rest[0], result); err != nil {
			return broken(ctx, fmt.Errorf("settle events: %w", err))
		}
		away = away || result != nil && q.cfg.Away(result)
	}
	if away {
		periodic.Pause(ctx, q.cfg.Backoff)
	}
	return nil
}

// read puts off what it cannot read: a newer version may be able to.
func (q *queue) read(ctx context.Context, taken []jetstream.Msg) []received {
	var batch []received
	for _, source := range taken {
		about, err := source.Metadata()
		if err != nil {
			q.putOff(ctx, source, err)
			continue
		}
		m, err := decode(source.Data())
		if err != nil {
			q.putOff(ctx, source, err)
			continue
		}
		batch = append(batch, received{message: m, source: source, attempt: int(about.NumDelivered), seq: about.Sequence.Stream})
	}
	return batch
}

func (q *queue) putOff(ctx context.Context, source jetstream.Msg, err error) {
	q.metrics.failed.WithLabelValues(q.subscriber).Inc()
	q.cfg.Log.ErrorContext(ctx, "a message for a subscriber cannot be read", "subscriber", q.subscriber, "error", err)
	_ = source.NakWithDelay(q.cfg.MaxBackoff) // without it the message comes again when the lease ends
}

// handOver returns what the listener answers. Of an event whose attempts are used up although none reported a failure, it
// must be assumed that handling it ends the process.
func (q *queue) handOver(ctx context.Context, group []received) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if ctx.Err() != nil {
		return errNotTried
	}
	if group[0].attempt > q.cfg.MaxAttempts {
		return errAbandoned
	}
	deliveries := make([]outbox.Delivery, len(group))
	for i, r := range group {
		deliveries[i] = r.delivery(r.attempt)
	}
	ctx, done := q.cfg.Tracer.Work(ctx, "handle events for "+q.subscriber)
	defer func() { done(err) }()
	return q.listen(ctx, deliveries)
}

// groups are what a listener gets at once: the fresh ones together, the suspicious ones alone.
func groups(batch []received) [][]received {
	var together []received
	var all [][]received
	for _, r := range batch {
		if r.attempt < isolateFrom {
			together = append(together, r)
			continue
		}
		all = append(all, []received{r})
	}
	if len(together) > 0 {
		all = slices.Insert(all, 0, together)
	}
	return all
}
