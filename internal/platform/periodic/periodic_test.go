package periodic_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// run answers when work was done, counted from the beginning, while it took took and ended with what result says of each time.
func run(t *testing.T, interval, took time.Duration, result ...error) (at []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		started := time.Now()
		err := periodic.Run(ctx, interval, "try", func(context.Context) error {
			at = append(at, time.Since(started))
			time.Sleep(took)
			if len(at) == len(result) {
				cancel()
			}
			return result[len(at)-1]
		})
		require.NoError(t, err)
	})
	return at
}

func TestWorkIsDoneEveryInterval(t *testing.T) {
	require.Equal(t, []time.Duration{0, 2 * time.Second, 4 * time.Second}, run(t, 2*time.Second, time.Second, nil, nil, nil))
	require.Equal(t, []time.Duration{0, 3 * time.Second, 6 * time.Second}, run(t, 2*time.Second, 3*time.Second, nil, nil, nil))
}

func TestWorkThatGoesWrongIsTriedMoreAndMoreRarely(t *testing.T) {
	wrong := errors.New("not yet")
	var last time.Duration
	wants := []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second, time.Second, time.Second}
	for i, at := range run(t, time.Second, 0, wrong, wrong, wrong, wrong, wrong, nil, wrong, nil) {
		waited, want := at-last, wants[i]
		require.LessOrEqual(t, waited, want, "time %d", i)
		require.GreaterOrEqual(t, waited, want*4/5, "time %d", i)
		last = at
	}
}

func TestRareWorkIsNotMadeMoreFrequentByGoingWrong(t *testing.T) {
	at := run(t, time.Hour, 0, errors.New("not yet"), errors.New("not yet"), nil)
	require.Greater(t, at[1], 47*time.Minute)
	require.Greater(t, at[2]-at[1], 47*time.Minute)
}

func TestTheEndOfTheContextIsNoFault(t *testing.T) {
	require.Equal(t, []time.Duration{0}, run(t, time.Hour, 0, errors.New("the context ended")))
}
