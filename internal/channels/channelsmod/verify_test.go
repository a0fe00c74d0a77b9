package channelsmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerifyFindsAGapInWhatWasAnnounced(t *testing.T) {
	s := open(t)
	s.create("outlet")
	const plant, repair = `UPDATE channels.outbox_events SET seq = 2`, `UPDATE channels.outbox_events SET seq = 1`
	_, err := s.db.Exec(t.Context(), plant)
	require.NoError(t, err)

	violations, err := s.module.Verify(t.Context())

	require.NoError(t, err)
	require.Len(t, violations, 1)
	assert.Equal(t, "INV-E1", violations[0].Invariant)
	assert.Contains(t, violations[0].Detail, "outlet")
	_, err = s.db.Exec(t.Context(), repair)
	require.NoError(t, err)
}
