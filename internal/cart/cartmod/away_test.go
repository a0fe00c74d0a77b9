package cartmod_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart/cartmod"
	"github.com/rialto-commerce/rialto/internal/inventory"
)

// A cart promises no stock: it can be filled and looked at while nobody can say what there is.
func TestACartNeedsNoInventory(t *testing.T) {
	s := newShop(t)
	b := s.open(`{"lines": [{"sku": "MUG", "quantity": 1}]}`)
	s.set(func(o *owners) { o.stock = nil })

	b.must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 99}`).must(http.MethodGet, "", "")

	require.Len(t, b.Lines, 2)
	assert.Equal(t, "in_stock", b.Lines[1].Availability)
	require.NotEmpty(t, b.Messages)
	assert.Equal(t, "availability_unknown", b.Messages[0].Code)
	assert.Equal(t, "advisory", b.Messages[0].Severity)
}

type silentInventory struct{ inventory.Service }

func (silentInventory) Availability(ctx context.Context, _ inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	<-ctx.Done()
	return inventory.AvailabilityAnswer{}, ctx.Err()
}

func TestACartDoesNotWaitLongForInventory(t *testing.T) {
	s := newShop(t, func(deps *cartmod.Deps) { deps.Inventory = silentInventory{} })
	began := time.Now()

	b := s.open(`{"lines": [{"sku": "MUG", "quantity": 1}]}`)

	assert.Less(t, time.Since(began), 5*time.Second)
	assert.Equal(t, "availability_unknown", b.Messages[0].Code)
}
