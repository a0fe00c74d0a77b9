package completing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

const (
	recoverEvery = time.Second
	// recoverers is how many attempts one process recovers at once, so that one that hangs does not stop the others.
	recoverers = 4
)

// KeepRecovering carries on what nobody works on any more, in this process as in every other, until ctx ends.
func (c *Checkouts) KeepRecovering(ctx context.Context) error {
	var running sync.WaitGroup
	for range recoverers {
		running.Go(func() { _ = periodic.Run(ctx, recoverEvery, "recover checkouts", c.Recover) })
	}
	running.Wait()
	return nil
}

// Recover carries on everything that is due. What does not succeed is due again after a pause.
func (c *Checkouts) Recover(ctx context.Context) error {
	for ctx.Err() == nil {
		claimed, any, err := c.Store.Claim(ctx)
		if err != nil || !any {
			return err
		}
		c.carryOn(ctx, claimed)
	}
	return nil
}

// Advance implements checkout.Service. One that somebody else works on at this moment is left to that one, or to recovery.
func (c *Checkouts) Advance(ctx context.Context, req checkout.AdvanceRequest) (checkout.AdvanceAnswer, error) {
	live, err := c.Store.Live(ctx, req.References)
	if err != nil {
		return checkout.AdvanceAnswer{}, err
	}
	for _, id := range live {
		taken, held, err := c.Store.Take(ctx, id)
		if err != nil {
			return checkout.AdvanceAnswer{}, err
		}
		if held {
			c.carryOn(ctx, taken)
		}
	}
	return checkout.AdvanceAnswer{}, nil
}

// carryOn advances an attempt that no request waits for. Its errors end here: it is due again.
func (c *Checkouts) carryOn(ctx context.Context, a attempt.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, forwardTime)
	defer cancel()
	_, err := c.travel(ctx, a, c.advanceIfDecided)
	if err != nil && !errors.Is(err, ErrLeaseLost) {
		c.Log.WarnContext(ctx, "carry checkout on", "checkout", a.Reference, "status", a.Status, "error", err)
	}
}

// advanceIfDecided leaves an attempt alone whose payment is still open: finding out is payments' own work, and it tells.
func (c *Checkouts) advanceIfDecided(ctx context.Context, t *trip) error {
	t.patient = true
	if !t.attempt.Waiting() || t.attempt.OutOfTime() {
		return c.advance(ctx, t)
	}
	paid, err := c.Payments.Attempt(ctx, payments.AttemptRequest{Reference: t.attempt.Reference})
	if err == nil && !settled(paid) {
		return c.await(ctx, t)
	}
	if err != nil && !errors.Is(err, payments.ErrNotFound) {
		return c.settle(ctx, t, err)
	}
	return c.advance(ctx, t)
}
