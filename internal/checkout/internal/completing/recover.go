package completing

import (
	"context"
	"errors"
	"fmt"
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
		if err := c.carryOn(ctx, claimed); err != nil && !errors.Is(err, ErrLeaseLost) {
			c.Log.WarnContext(ctx, "carry checkout on", "checkout", claimed.Reference, "status", claimed.Status, "error", err)
		}
	}
	return nil
}

// errHeld says that somebody else works on a checkout, who may have asked too early for what is to be told now.
var errHeld = errors.New("somebody works on the checkout at this moment")

// Advance implements checkout.Service. All are tried; what was not carried on is an error, for the caller to come again.
func (c *Checkouts) Advance(ctx context.Context, req checkout.AdvanceRequest) (checkout.AdvanceAnswer, error) {
	live, err := c.Store.Live(ctx, req.References)
	if err != nil {
		return checkout.AdvanceAnswer{}, err
	}
	var failed []error
	for _, id := range live {
		taken, held, err := c.Store.Take(ctx, id)
		switch {
		case err != nil:
			return checkout.AdvanceAnswer{}, err
		case !held:
			err = errHeld
		default:
			err = c.carryOn(ctx, taken)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("advance checkout %s: %w", id, err))
		}
	}
	return checkout.AdvanceAnswer{}, errors.Join(failed...)
}

// carryOn advances an attempt that no request waits for.
func (c *Checkouts) carryOn(ctx context.Context, a attempt.Attempt) error {
	ctx, cancel := context.WithTimeout(ctx, forwardTime)
	defer cancel()
	_, err := c.travel(ctx, a, c.advanceIfDecided)
	return err
}

// advanceIfDecided leaves an attempt alone whose payment is still open: finding out is payments' own work, and it tells.
func (c *Checkouts) advanceIfDecided(ctx context.Context, t *trip) error {
	t.patient = true
	if !t.attempt.Waiting() || t.attempt.OutOfTime() {
		return c.advance(ctx, t)
	}
	paid, err := c.Payments.Attempt(ctx, payments.AttemptRequest{Reference: t.attempt.Reference})
	if err == nil && !settled(paid) {
		t.payment = paid
		return c.await(ctx, t)
	}
	if err != nil && !errors.Is(err, payments.ErrNotFound) {
		return c.settle(ctx, t, err)
	}
	return c.advance(ctx, t)
}
