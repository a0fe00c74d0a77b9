package broker_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/broker/brokertest"
)

func TestEventsThatNobodyFetchesAreSeen(t *testing.T) {
	server := brokertest.Start(t)
	b := open(t, quick(server))
	_, err := b.Examine(t.Context())
	require.ErrorIs(t, err, broker.ErrNotYet)
	require.NoError(t, b.Publisher(waiters)(t.Context(), menu(2)))

	seen, err := b.Examine(t.Context())

	require.NoError(t, err)
	require.Equal(t, broker.Seen{Replicas: 1, Untaken: []string{waiters}}, seen)
	values := gathered(t, b)
	assert.EqualValues(t, 2, values["rialto_broker_pending"])
	assert.Positive(t, values["rialto_broker_lag_seconds"])
	var box inbox
	run(t, b, box.listen)
	box.waitFor(t, 2)
	emptied(t, server)
	seen, err = b.Examine(t.Context())
	require.NoError(t, err)
	require.Empty(t, seen.Untaken)
	server.Stop()
	_, err = b.Examine(t.Context())
	require.ErrorIs(t, err, broker.ErrUnreachable)
	require.Eventually(t, func() bool { return gathered(t, b)["rialto_broker_connected"] == 0 }, soon, often)
}
