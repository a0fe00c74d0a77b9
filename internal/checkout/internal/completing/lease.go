package completing

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
)

// renewEvery is how often the lease is renewed while somebody works on an attempt. Most runs are over before the first
// time.
const renewEvery = 3 * time.Second

// travel takes an attempt whose lease the caller holds along do. The lease is kept meanwhile; when it is lost, do is
// interrupted and the error is ErrLeaseLost. After another error the lease is given back.
func (c *Checkouts) travel(ctx context.Context, a attempt.Attempt, do func(context.Context, *trip) error) (*trip, error) {
	ctx, stop := c.keep(ctx, a)
	t := newTrip(a)
	err := do(ctx, t)
	lost := errors.Is(context.Cause(ctx), ErrLeaseLost)
	stop()
	if err == nil {
		return t, nil
	}
	if lost || errors.Is(err, ErrLeaseLost) || c.letGo(ctx, t.attempt) {
		return t, ErrLeaseLost
	}
	return t, err
}

// keep renews the lease now and then until stop is called. It ends the context when the lease is lost. A renewal that
// fails for another reason is tried again: the lease lasts for three of them.
func (c *Checkouts) keep(ctx context.Context, a attempt.Attempt) (kept context.Context, stop func()) {
	kept, interrupt := context.WithCancelCause(ctx)
	renewing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		beat := time.NewTicker(renewEvery)
		defer beat.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-beat.C:
			}
			if err := c.Store.Renew(renewing, a); errors.Is(err, ErrLeaseLost) {
				interrupt(err)
				return
			}
		}
	}()
	return kept, func() {
		cancel()
		<-done
		interrupt(nil)
	}
}

// letGo spares a retry the rest of the lease, and says whether another one has taken it over by now. When it fails the
// lease ends by itself.
func (c *Checkouts) letGo(ctx context.Context, a attempt.Attempt) (lost bool) {
	ctx, cancel := ending(ctx)
	defer cancel()
	return errors.Is(c.Store.LetGo(ctx, a), ErrLeaseLost)
}
