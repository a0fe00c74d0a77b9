// Package periodic does a piece of background work again and again, and waits without outliving a context. It knows nothing
// of the work.
package periodic

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// maxBackoff is the longest wait after work that went wrong, unless the work's own interval is longer: once what was
// missing is back, nobody should notice for long that it was away.
const maxBackoff = 5 * time.Second

// Run does work at once and again and again until ctx ends, and then answers nil: every interval, and after work that
// went wrong at first as soon, then after twice the wait each time, up to 5 s, less a random part of up to a fifth, so that
// processes do not all come back at once. What went wrong is logged under name. Any number of processes may run the same work if
// it claims what it touches.
func Run(ctx context.Context, interval time.Duration, name string, work func(context.Context) error) error {
	wait := interval
	for {
		started := time.Now()
		err := work(ctx)
		if ctx.Err() != nil {
			return nil
		}
		next := interval - time.Since(started)
		if err != nil {
			slog.ErrorContext(ctx, name, "error", err)
			next = wait - time.Duration(rand.Int64N(int64(wait)/5+1))
			wait = max(interval, min(2*wait, maxBackoff))
		} else {
			wait = interval
		}
		if !Pause(ctx, next) {
			return nil
		}
	}
}

// Pause waits, and answers whether d passed before ctx ended.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
