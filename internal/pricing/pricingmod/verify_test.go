package pricingmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestVerifyFindsAGapInWhatWasAnnounced(t *testing.T) {
	s := open(t)
	variant := ids.New()
	s.set(euros(variant, 1))
	s.set(euros(variant, 2))
	s.set(euros(ids.New(), 1))
	for _, planted := range []struct{ wrong, right string }{
		{`UPDATE pricing.outbox_events SET seq = 3 WHERE aggregate_id = $1 AND seq = 2`,
			`UPDATE pricing.outbox_events SET seq = 2 WHERE aggregate_id = $1 AND seq = 3`},
		{`UPDATE pricing.variants SET event_seq = 3 WHERE variant_id = $1::uuid`, `UPDATE pricing.variants SET event_seq = 2 WHERE variant_id = $1::uuid`},
	} {
		_, err := s.db.Exec(t.Context(), planted.wrong, variant)
		require.NoError(t, err)

		violations, err := s.module.Verify(t.Context())

		require.NoError(t, err)
		require.Len(t, violations, 1, planted.wrong)
		assert.Equal(t, "INV-E1", violations[0].Invariant)
		assert.Contains(t, violations[0].Detail, variant)
		_, err = s.db.Exec(t.Context(), planted.right, variant)
		require.NoError(t, err)
	}
}
