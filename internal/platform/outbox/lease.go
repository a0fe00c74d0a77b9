package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// renewals is how often a lease is renewed before it would end.
const renewals = 3

// lease is a relay's right to the batch it has claimed. It ends here before it ends in the database, where it is counted
// from the moment of the claim or renewal, and here from before.
type lease struct {
	relay *Relay
	queue queueName
	ends  time.Time
	limit time.Time
	lost  bool
}

// newLease is to be made before the claim.
func (r *Relay) newLease(q queueName) *lease {
	now := time.Now()
	return &lease{relay: r, queue: q, ends: now.Add(r.cfg.Lease), limit: now.Add(r.cfg.Longest)}
}

// during runs do while the lease on held is renewed. Its context ends when the lease is lost or has lasted as long as it may.
func (l *lease) during(ctx context.Context, held []claimed, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithDeadline(ctx, l.limit)
	defer cancel()
	if l.lost || !time.Now().Before(l.ends) {
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

// renew keeps the lease until ctx ends, and answers false when it was lost before. A database that does not answer is asked
// again as long as the lease lasts.
func (l *lease) renew(ctx context.Context, held []claimed) bool {
	step := l.relay.cfg.Lease / renewals
	for {
		pause(ctx, min(step, time.Until(l.ends)), nil)
		if ctx.Err() != nil {
			return true
		}
		asked := time.Now()
		limited, cancel := context.WithDeadline(ctx, l.ends)
		renewed, err := l.relay.extend(limited, l.queue, held)
		cancel()
		switch {
		case ctx.Err() != nil:
			return true
		case err == nil && renewed < len(held), err != nil && !time.Now().Before(l.ends):
			return false
		case err == nil:
			l.ends = asked.Add(l.relay.cfg.Lease)
		}
	}
}

// extend moves the end of the lease, and answers of how many deliveries it still is this relay's.
func (r *Relay) extend(ctx context.Context, q queueName, held []claimed) (int, error) {
	const query = `
		UPDATE {schema}.outbox_deliveries d
		SET run_at = now() + make_interval(secs => $3)
		FROM unnest($1::bigint[], $2::bigint[]) AS c(id, attempt)
		WHERE d.id = c.id AND d.attempt = c.attempt
			AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'`
	ids, attempts := proof(held)
	renewed, err := r.cfg.DB.Exec(ctx, in(q.Schema, query), ids, attempts, r.cfg.Lease.Seconds())
	if err != nil {
		return 0, fmt.Errorf("renew lease of deliveries: %w", err)
	}
	return int(renewed), nil
}
