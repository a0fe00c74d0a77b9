// Package periodictest runs background work beside a test. It knows nothing of the work.
package periodictest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Run runs work until stop is called or the test ends, and fails the test unless work then ends without an error.
func Run(t testing.TB, work func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- work(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	return stop
}
