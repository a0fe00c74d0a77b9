package periodic_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

func TestWorkThatGoesWrongIsDoneAgainUntilTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	times := 0

	err := periodic.Run(ctx, time.Millisecond, "try", func(context.Context) error {
		if times++; times == 3 {
			cancel()
		}
		return errors.New("not yet")
	})

	require.NoError(t, err)
	require.Equal(t, 3, times)
}
