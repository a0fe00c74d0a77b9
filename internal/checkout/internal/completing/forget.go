package completing

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

const (
	forgetEvery = 10 * time.Minute
	forgetBatch = 500
)

// KeepForgetting forgets now and then until ctx ends. An outage only delays it.
func (c *Checkouts) KeepForgetting(ctx context.Context) error {
	return periodic.Run(ctx, forgetEvery, "forget old idempotency keys", c.Forget)
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
