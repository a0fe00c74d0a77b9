package broker

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// renewals is how often a lease is renewed before it would end.
const renewals = 3

// lease is the right to the messages of a batch. It ends here before it ends at the broker, which counts from later.
type lease struct {
	length      time.Duration
	ends, limit time.Time
	lost        bool
}

func (q *queue) newLease() *lease {
	now := time.Now()
	return &lease{length: q.cfg.Lease, ends: now.Add(q.cfg.Lease), limit: now.Add(q.cfg.Longest)}
}

// during runs do while the lease on held is renewed. Its context ends when the lease is lost or has lasted as long as it may.
func (l *lease) during(ctx context.Context, held []received, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithDeadline(ctx, l.limit)
	defer cancel()
	if l.lost {
		cancel()
	}
	var renewing sync.WaitGroup
	renewing.Go(func() {
		if !l.renew(ctx, held) {
			l.lost = true
			cancel()
		}
	})
	defer renewing.Wait()
	defer cancel()
	return do(ctx)
}

// renew keeps the lease until ctx ends, and answers false when it was lost before.
func (l *lease) renew(ctx context.Context, held []received) bool {
	for {
		periodic.Pause(ctx, min(l.length/renewals, time.Until(l.ends)))
		if ctx.Err() != nil {
			return true
		}
		asked := time.Now()
		var err error
		for _, r := range held {
			err = errors.Join(err, r.source.InProgress())
		}
		if err == nil {
			l.ends = asked.Add(l.length)
		}
		if !time.Now().Before(l.ends) {
			return false
		}
	}
}

// settle tells the broker what became of a group. It outlives ctx: what was handled must not come again only because the
// process is shutting down.
func (q *queue) settle(ctx context.Context, group []received, result error) error {
	interrupted := ctx.Err() != nil || errors.Is(result, errNotTried)
	ctx, cancel := q.whileConnected(context.WithoutCancel(ctx), q.cfg.Lease)
	defer cancel()
	switch {
	case result == nil:
		q.metrics.handled.WithLabelValues(q.subscriber).Add(float64(len(group)))
		return acknowledge(ctx, group)
	case interrupted:
		return tell(group, func(r received) error { return r.source.Nak() })
	}
	q.metrics.failed.WithLabelValues(q.subscriber).Add(float64(len(group)))
	q.cfg.Log.WarnContext(ctx, "a listener did not handle its batch", "subscriber", q.subscriber, "events", len(group),
		"attempt", group[0].attempt, "error", result)
	return tell(group, func(r received) error { return q.postpone(ctx, r, result) })
}

// acknowledge returns when the broker has heard of all, which it does in their order. To go on before would have it send again
// what it is still to hear of.
func acknowledge(ctx context.Context, group []received) error {
	last := group[len(group)-1]
	err := tell(group[:len(group)-1], func(r received) error { return r.source.Ack() })
	return errors.Join(err, last.source.DoubleAck(ctx))
}

func tell(group []received, what func(received) error) error {
	var errs []error
	for _, r := range group {
		errs = append(errs, what(r))
	}
	return errors.Join(errs...)
}

// postpone plans the next attempt, or ends them.
func (q *queue) postpone(ctx context.Context, r received, reason error) error {
	if r.attempt >= q.cfg.MaxAttempts {
		err := q.end(ctx, r, reason)
		if err == nil {
			return r.source.Ack()
		}
		q.cfg.Log.WarnContext(ctx, "an event that used up its attempts cannot be moved", "subscriber", q.subscriber, "event", r.EventID, "error", err)
	}
	return r.source.NakWithDelay(q.wait(r.attempt))
}

// end stores what used up its attempts elsewhere: with the dead, or, when it is not the event's fault, behind the others
// with all attempts before it.
func (q *queue) end(ctx context.Context, r received, reason error) error {
	js, err := q.ready(ctx)
	if err != nil {
		return err
	}
	if q.cfg.Away(reason) {
		return q.again(ctx, js, q.subscriber, r.message, "late", r.seq)
	}
	return q.bury(ctx, js, r, reason)
}

// wait doubles with each attempt. The random half spreads those that failed together.
func (q *queue) wait(attempt int) time.Duration {
	full := float64(q.cfg.Backoff) * math.Pow(2, float64(attempt-1))
	full = min(full, float64(q.cfg.MaxBackoff))
	return time.Duration(full * (1 - q.cfg.Random()/2))
}
