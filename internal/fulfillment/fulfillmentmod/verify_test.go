package fulfillmentmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestVerifyFindsAShipmentThatWasNotAnnounced(t *testing.T) {
	s := open(t)
	recorded, err := s.service.CreateShipment(t.Context(), fulfillment.CreateShipmentRequest{Shipment: fulfillment.Shipment{ID: ids.New(), OrderID: ids.New()}})
	require.NoError(t, err)
	const plant, repair = `UPDATE fulfillment.outbox_events SET aggregate_type = 'other'`, `UPDATE fulfillment.outbox_events SET aggregate_type = 'shipment' WHERE aggregate_id = $1`
	_, err = s.db.Exec(t.Context(), plant)
	require.NoError(t, err)

	violations, err := s.module.Verify(t.Context())

	require.NoError(t, err)
	require.Len(t, violations, 1)
	assert.Equal(t, "INV-E1", violations[0].Invariant)
	assert.Contains(t, violations[0].Detail, recorded.ID)
	_, err = s.db.Exec(t.Context(), repair, recorded.ID)
	require.NoError(t, err)
}
