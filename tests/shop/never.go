package shop

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Never looks again and again for a while, and fails the test when something happens. It looks in the test's own goroutine, so
// that a look may fail the test by itself, and none outlives it.
func Never(t testing.TB, happens func() bool, span, every time.Duration, what string) {
	t.Helper()
	for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(every) {
		require.False(t, happens(), what)
	}
}
