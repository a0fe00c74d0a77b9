package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

// isolateFrom is the attempt from which deliveries are handed over alone.
const isolateFrom = 3

// settleTime bounds writing down what became of a batch when ctx has ended already.
const settleTime = 5 * time.Second

type queueName struct {
	Schema     string `db:"schema"`
	Subscriber string `db:"subscriber"`
}

// queue is what one schema has for one subscriber. Queues run side by side, so that a slow listener
// delays only itself.
type queue struct {
	queueName
	listen Listener
	due    chan struct{}
}

func (r *Relay) serve(ctx context.Context, q *queue) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.due:
		}
		err := r.empty(ctx, q)
		if err != nil && ctx.Err() == nil {
			r.cfg.Log.WarnContext(ctx, "outbox relay cannot deliver", "schema", q.Schema, "subscriber", q.Subscriber, "error", err)
		}
		if errors.Is(err, errAway) {
			pause(ctx, r.cfg.AwayWait, nil)
		}
	}
}

// empty hands over batches until one is not full.
func (r *Relay) empty(ctx context.Context, q *queue) error {
	for ctx.Err() == nil {
		n, err := r.deliverBatch(ctx, q)
		if err != nil || n < r.cfg.Batch {
			return err
		}
	}
	return nil
}

// deliverBatch claims a batch and hands it over.
func (r *Relay) deliverBatch(ctx context.Context, q *queue) (int, error) {
	if err := failpoint.Hit(ctx, "outbox.claiming"); err != nil {
		return 0, err
	}
	lease := r.newLease(q.queueName)
	batch, err := r.claim(ctx, q.queueName)
	if err != nil {
		return 0, err
	}
	for rest := groups(batch); len(rest) > 0; rest = rest[1:] {
		result := lease.during(ctx, slices.Concat(rest...), func(ctx context.Context) error { return r.handOver(ctx, q, rest[0]) })
		if err := failpoint.Hit(ctx, "outbox.handled"); err != nil {
			return 0, err
		}
		if result != nil && r.cfg.Away(result) {
			return 0, r.putOff(ctx, q, slices.Concat(rest...), result)
		}
		if err := r.settle(ctx, q, rest[0], result); err != nil {
			return 0, err
		}
	}
	return len(batch), nil
}

// handOver returns what the listener answers. Of an event whose attempts are used up although none
// reported a failure, it must be assumed that handling it ends the process.
func (r *Relay) handOver(ctx context.Context, q *queue, group []claimed) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if ctx.Err() != nil {
		return errNotTried
	}
	if group[0].Attempt > r.cfg.MaxAttempts {
		return errAbandoned
	}
	deliveries := make([]Delivery, len(group))
	for i, c := range group {
		deliveries[i] = c.Delivery
	}
	ctx, done := r.cfg.Tracer.Work(ctx, "deliver "+q.Schema+" to "+q.Subscriber)
	defer func() { done(err) }()
	return q.listen(ctx, deliveries)
}

// settle writes down what became of a group. It outlives ctx: what was handled must not come again only
// because the process is shutting down.
func (r *Relay) settle(ctx context.Context, q *queue, group []claimed, result error) error {
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if result == nil {
		return r.acknowledge(ctx, q.queueName, group)
	}
	if interrupted || errors.Is(result, errNotTried) {
		return r.giveBack(ctx, q.queueName, group)
	}
	r.cfg.Log.WarnContext(ctx, "outbox listener did not handle its batch", "schema", q.Schema, "subscriber", q.Subscriber,
		"events", len(group), "attempt", group[0].Attempt, "error", result)
	return r.postpone(ctx, q.queueName, group, result)
}

// putOff gives back what nobody has heard of.
func (r *Relay) putOff(ctx context.Context, q *queue, group []claimed, reason error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if err := r.giveBack(ctx, q.queueName, group); err != nil {
		return err
	}
	return fmt.Errorf("%w: %w", errAway, reason)
}

// groups are what a listener gets at once: the fresh ones together, the suspicious ones alone.
func groups(batch []claimed) [][]claimed {
	var together []claimed
	var all [][]claimed
	for _, c := range batch {
		if c.Attempt < isolateFrom {
			together = append(together, c)
			continue
		}
		all = append(all, []claimed{c})
	}
	if len(together) > 0 {
		all = slices.Insert(all, 0, together)
	}
	return all
}
