package completing

import (
	"context"
	"log/slog"
	"time"
)

const (
	forgetEvery = 10 * time.Minute
	forgetBatch = 500
)

// KeepForgetting forgets now and then until ctx ends. An outage only delays it.
func (c *Checkouts) KeepForgetting(ctx context.Context) error {
	due := time.NewTicker(forgetEvery)
	defer due.Stop()
	for {
		if err := c.Forget(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "forgetting old idempotency keys was put off", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-due.C:
		}
	}
}

// Forget drops all keys and answers whose time is over. Several processes may do so at once.
func (c *Checkouts) Forget(ctx context.Context) error {
	for {
		forgotten, err := c.Store.Forget(ctx, forgetBatch)
		if err != nil || forgotten < forgetBatch {
			return err
		}
	}
}
