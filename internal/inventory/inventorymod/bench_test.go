package inventorymod_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorymod"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// benched is the module as a server runs it: its pools are as large, and its commits before an order wait for no disk.
// RIALTO_TEST_DATABASE_URL chooses a server that keeps its promises; that of the tests has fsync off.
func benched(b *testing.B) *inventorymod.Module {
	b.Helper()
	database := testdb.New(b)
	pool := func() *sqldb.DB {
		db, err := sqldb.Open(b.Context(), sqldb.Config{DSN: database.ModuleDSN("inventory"), MaxOpen: 12})
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, db.Close()) })
		return db
	}
	return inventorymod.New(inventorymod.Deps{DB: pool(), Background: pool(), Outbox: outbox.New("inventory", nil, ids.New), NewID: ids.New,
		LazyCommit: true})
}

// BenchmarkReserve is 32 buyers who want one unit each: of one SKU, of 500, and of one that is sold out.
func BenchmarkReserve(b *testing.B) {
	for _, c := range []struct {
		name   string
		skus   int
		onHand int64
		want   error
	}{
		{"many SKUs", 500, 1 << 40, nil},
		{"one SKU", 1, 1 << 40, nil},
		{"sold out", 1, 0, inventory.ErrInsufficientStock},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := benched(b)
			var items []inventory.StockItem
			for n := range c.skus {
				items = append(items, inventory.StockItem{SKU: fmt.Sprintf("SKU-%d", n), OnHand: &c.onHand})
			}
			_, err := m.Service().SetStock(b.Context(), inventory.SetStockRequest{Items: items})
			require.NoError(b, err)
			var made atomic.Int64
			perSecond(b, func() error {
				n := made.Add(1)
				_, err := m.Service().Reserve(b.Context(), inventory.ReserveRequest{Reference: fmt.Sprint("co_", n),
					Lines: []inventory.Demand{of(fmt.Sprintf("SKU-%d", n%int64(c.skus)), 1)}, HoldUntil: time.Now().Add(time.Hour)})
				if c.want != nil && errors.Is(err, c.want) {
					return nil
				}
				return err
			})
		})
	}
}

// BenchmarkAvailabilityOfWhatIsSoldOut is 32 buyers who look before they reserve.
func BenchmarkAvailabilityOfWhatIsSoldOut(b *testing.B) {
	m := benched(b)
	_, err := m.Service().Register(b.Context(), inventory.RegisterRequest{Items: []inventory.RegisterItem{{SKU: "TEE", VariantID: ids.New()}}})
	require.NoError(b, err)
	perSecond(b, func() error {
		_, err := m.Service().Availability(b.Context(), inventory.AvailabilityRequest{SKUs: []string{"TEE"}})
		return err
	})
}

func perSecond(b *testing.B, do func() error) {
	b.Helper()
	b.SetParallelism(clients / 2)
	started := time.Now()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := do(); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(started).Seconds(), "per-s")
}
