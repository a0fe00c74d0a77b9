package inventorymod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
)

func TestPlantedViolationsAreFound(t *testing.T) {
	s := open(t)
	for _, planted := range []struct{ name, invariant, sql string }{
		{"a negative level", "INV-S1", `ALTER TABLE inventory.stock_levels DROP CONSTRAINT stock_levels_not_oversold;
			UPDATE inventory.stock_levels SET backorder_limit = 0 WHERE sku = 'LATE'`},
		{"a reserved counter that differs from its rows", "INV-S2", `UPDATE inventory.stock_levels SET reserved = reserved + 1 WHERE sku = 'TEE'`},
		{"an allocated counter that differs from its rows", "INV-S2", `UPDATE inventory.stock_levels SET allocated = allocated - 1 WHERE sku = 'MUG'`},
		{"a reservation without a level", "INV-S2", `UPDATE inventory.reservations SET sku = 'GHOST' WHERE reference = 'co_1'`},
		{"stock without a movement", "INV-S3", `UPDATE inventory.stock_levels SET on_hand = on_hand + 1 WHERE sku = 'TEE'`},
		{"a hold that outlived its end", "INV-S6", `UPDATE inventory.holds SET hold_until = now() - interval '1 minute' WHERE reference = 'co_1'`},
		{"a canceled reference that holds stock", "INV-S7", `UPDATE inventory.holds SET state = 'canceled', closed = true WHERE reference = 'co_2'`},
		{"stock that came back twice", "INV-S7", `UPDATE inventory.deallocations SET units = units + 1`},
		{"an event that is missing", "INV-E1", `DELETE FROM inventory.outbox_events WHERE seq = 2 AND aggregate_id = 'MUG'`},
		{"a change without its event", "INV-E1", `UPDATE inventory.stock_items SET event_seq = event_seq + 1 WHERE sku = 'TEE'`},
		{"shoppers told something else", "inventory.announced_is_true", `UPDATE inventory.stock_items SET announced = 'low_stock' WHERE sku = 'TEE'`},
	} {
		t.Run(planted.name, func(t *testing.T) {
			s := shop{Module: s.Module, t: t, database: s.database}
			s.empty()
			s.plantable()
			s.intact()

			_, err := s.database.Admin().Exec(t.Context(), planted.sql)
			require.NoError(t, err)

			violations, err := s.Verify(t.Context())
			require.NoError(t, err)
			var found []string
			for _, violation := range violations {
				found = append(found, violation.Invariant)
			}
			assert.Contains(t, found, planted.invariant)
		})
	}
}

func TestAHoldMayOutliveItsEndByTwoSweeps(t *testing.T) {
	s := open(t)
	s.stock("TEE", 1)
	require.NoError(t, s.reserve("co_1", of("TEE", 1)))
	endedBefore := func(ago time.Duration) []invariant.Violation {
		const query = `UPDATE inventory.holds SET hold_until = now() - make_interval(secs => $1)`
		_, err := s.database.Admin().Exec(t.Context(), query, ago.Seconds())
		require.NoError(t, err)
		violations, err := s.Verify(t.Context())
		require.NoError(t, err)
		return violations
	}

	assert.Empty(t, endedBefore(20*time.Second))
	late := endedBefore(30 * time.Second)
	require.Len(t, late, 1)
	assert.Equal(t, "INV-S6", late[0].Invariant)
	_, err := s.Sweep(t.Context())
	require.NoError(t, err)
	s.intact()
}

// plantable makes a bit of everything.
func (s shop) plantable() {
	s.t.Helper()
	s.stock("TEE", 10)
	s.stock("MUG", 4)
	s.set("", inventory.StockItem{SKU: "LATE", BackorderLimit: 2})
	require.NoError(s.t, s.reserve("co_1", of("TEE", 2)))
	require.NoError(s.t, s.reserve("co_2", of("MUG", 4), of("LATE", 2)))
	s.confirm("co_2")
	_, err := s.Service().Deallocate(s.t.Context(), inventory.DeallocateRequest{ID: "line-1", Reference: "co_2", Lines: []inventory.Demand{of("MUG", 1)}})
	require.NoError(s.t, err)
}

func TestTheLedgerIsNeverRewritten(t *testing.T) {
	s := open(t)
	s.stock("TEE", 10)

	for _, sql := range []string{`UPDATE inventory.stock_movements SET delta = 9`, `DELETE FROM inventory.stock_movements`} {
		_, err := s.database.Admin().Exec(t.Context(), sql)
		assert.ErrorContains(t, err, "never changed")
	}
}

func TestEveryChangeOfTheShelfIsAMovementWithAReason(t *testing.T) {
	s := open(t)
	s.stock("TEE", 10)
	_, err := s.Service().Adjust(t.Context(), inventory.AdjustRequest{SKU: "TEE", Delta: 5, Reason: inventory.ReasonReceive, Note: "pallet 7"})
	require.NoError(t, err)
	require.NoError(t, s.reserve("co_1", of("TEE", 2)))
	_, err = s.Service().Ship(t.Context(), inventory.ShipRequest{ID: "ful-1", Reference: "co_1", Lines: []inventory.Demand{of("TEE", 2)}})
	require.NoError(t, err)

	var movements []struct {
		Reason   string    `db:"reason"`
		Delta    int64     `db:"delta"`
		SourceID string    `db:"source_id"`
		Note     string    `db:"note"`
		At       time.Time `db:"created_at"`
	}
	const query = `SELECT reason, delta, coalesce(source_id, '') AS source_id, note, created_at FROM inventory.stock_movements ORDER BY created_at`
	require.NoError(t, s.database.Admin().Select(t.Context(), &movements, query))

	require.Len(t, movements, 3)
	for i, want := range [][]any{{"count", int64(10), "", ""}, {"receive", int64(5), "", "pallet 7"}, {"ship", int64(-2), "ful-1", ""}} {
		assert.Equal(t, want, []any{movements[i].Reason, movements[i].Delta, movements[i].SourceID, movements[i].Note})
	}
}
