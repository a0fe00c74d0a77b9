package inventorymod_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// announced reads what was said of a SKU, in the order of its seq, and asserts that it was said to the subscriber.
func (s shop) announced(sku string) (said []string) {
	s.t.Helper()
	const query = `
		SELECT e.payload ->> 'availability' FROM inventory.outbox_events e
		JOIN inventory.outbox_deliveries d ON d.event_id = e.id
		WHERE e.name = 'inventory.availability_changed.v1' AND e.aggregate_type = 'stock_item' AND e.aggregate_id = $1
		ORDER BY e.seq`
	require.NoError(s.t, s.database.Admin().Select(s.t.Context(), &said, query, sku))
	return said
}

func TestOnlyCrossingsAreAnnounced(t *testing.T) {
	s := open(t)
	ten := int64(10)
	s.set("", inventory.StockItem{SKU: "TEE", OnHand: &ten, LowStockThreshold: 3})

	require.NoError(t, s.reserve("co_1", of("TEE", 5)))
	require.NoError(t, s.reserve("co_2", of("TEE", 1)))
	assert.Equal(t, []string{inventory.InStock}, s.announced("TEE"))

	require.NoError(t, s.reserve("co_3", of("TEE", 1)))
	require.NoError(t, s.reserve("co_4", of("TEE", 1)))
	s.confirm("co_1", "co_2", "co_3", "co_4")
	require.NoError(t, s.reserve("co_5", of("TEE", 2)))
	_, err := s.Service().Release(t.Context(), inventory.ReleaseRequest{Reference: "co_5"})
	require.NoError(t, err)
	_, err = s.Service().Ship(t.Context(), inventory.ShipRequest{ID: "ful-1", Reference: "co_1", Lines: []inventory.Demand{of("TEE", 5)}})
	require.NoError(t, err)
	_, err = s.Service().Deallocate(t.Context(), inventory.DeallocateRequest{ID: "cancel-1", Reference: "co_2"})
	require.NoError(t, err)
	_, err = s.Service().Adjust(t.Context(), inventory.AdjustRequest{SKU: "TEE", Delta: 1, Reason: inventory.ReasonReceive})
	require.NoError(t, err)

	assert.Equal(t, []string{inventory.InStock, inventory.LowStock, inventory.OutOfStock, inventory.LowStock, inventory.InStock}, s.announced("TEE"))
	s.intact()
}

func TestChangingHowASKUIsCountedIsAnnounced(t *testing.T) {
	s := open(t)

	s.set("", inventory.StockItem{SKU: "TEE", Mode: inventory.ModeNone})
	s.set("", inventory.StockItem{SKU: "TEE", Mode: inventory.ModeNone})
	s.set("", inventory.StockItem{SKU: "TEE", Mode: inventory.ModeTrack})
	s.set("", inventory.StockItem{SKU: "TEE", BackorderLimit: 2})

	assert.Equal(t, []string{inventory.InStock, inventory.OutOfStock, inventory.Backorder}, s.announced("TEE"))
	s.intact()
}

func TestAnEndedHoldIsAnnouncedWhenItBringsStockBack(t *testing.T) {
	s := open(t)
	s.stock("TEE", 2)
	_, err := s.Service().Reserve(t.Context(), inventory.ReserveRequest{Reference: "co_1", Lines: []inventory.Demand{of("TEE", 2)},
		HoldUntil: time.Now().Add(-time.Minute)})
	require.NoError(t, err)

	_, err = s.Sweep(t.Context())

	require.NoError(t, err)
	assert.Equal(t, []string{inventory.InStock, inventory.OutOfStock, inventory.InStock}, s.announced("TEE"))
	s.intact()
}

func TestASoldOutDemandWaitsForNobody(t *testing.T) {
	s := open(t)
	s.stock("TEE", 1)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()

	err := s.database.Admin().InTx(ctx, func(tx *sqldb.Tx) error {
		const lock = `UPDATE inventory.stock_levels SET on_hand = on_hand; UPDATE inventory.stock_items SET sku = sku`
		if _, err := tx.Exec(ctx, lock); err != nil {
			return err
		}
		_, err := s.Service().Reserve(ctx, inventory.ReserveRequest{Reference: "co_1", Lines: []inventory.Demand{of("TEE", 2)}, HoldUntil: time.Now()})
		return err
	})

	assert.ErrorIs(t, err, inventory.ErrInsufficientStock)
}

func TestTheDatabaseTellsShoppersWhatTheRulesSay(t *testing.T) {
	s := open(t)
	const query = `SELECT inventory.availability($1, $2, $3, $4)`

	for _, mode := range []string{inventory.ModeTrack, inventory.ModeNone} {
		for shelf := int64(-3); shelf <= 3; shelf++ {
			for limit := int64(0); limit <= 3; limit++ {
				for threshold := int64(0); threshold <= 2; threshold++ {
					var said string
					require.NoError(t, s.database.Admin().Get(t.Context(), &said, query, mode, shelf, limit, threshold))
					count := stock.Count{Mode: mode, Shelf: shelf, BackorderLimit: limit, LowStockThreshold: threshold}
					assert.Equal(t, count.Availability(), said, "%+v", count)
				}
			}
		}
	}
}
