package inventorymod_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// TestNobodyIsToldSoldOutOfWhatIsSaidToBeBack has crowds read in two processes all the time, so that readings begin and end
// at every moment of a change. Stock that one process has said is back is seen at once in both.
func TestNobodyIsToldSoldOutOfWhatIsSaidToBeBack(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 0)
	other := shop{Module: build(t, r.database.Module("inventory")), t: t, database: r.database}
	ctx, stop := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	for _, door := range []inventory.Service{r.Service(), other.Service()} {
		for range 4 {
			crowd.Go(func() {
				for ctx.Err() == nil {
					_, err := door.Availability(ctx, inventory.AvailabilityRequest{SKUs: []string{"TEE"}})
					assert.True(t, err == nil || ctx.Err() != nil, err)
				}
			})
		}
	}

	for round := range 200 {
		_, err := r.Service().Adjust(t.Context(), inventory.AdjustRequest{SKU: "TEE", Delta: 1, Reason: inventory.ReasonReceive})
		require.NoError(t, err)
		require.Equal(t, int64(1), r.status("TEE").Available, "round %d", round)
		require.Equal(t, int64(1), other.status("TEE").Available, "round %d, another process", round)
		require.NoError(t, other.reserve(fmt.Sprint("co_", round), of("TEE", 1)))
	}
	stop()
	crowd.Wait()

	r.calm()
}
