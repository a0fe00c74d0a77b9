// Package periodic does a piece of background work again and again. It knows nothing of the work.
package periodic

import (
	"context"
	"log/slog"
	"time"
)

// Run does work at once and after every interval until ctx ends, and then answers nil. Work that goes wrong is logged under its name
// and done again after the next interval; any number of processes may run the same work if it claims what it touches.
func Run(ctx context.Context, interval time.Duration, name string, work func(context.Context) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
