package imports

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// calm is how long the shop trades before the import, to see what is usual.
	calm = 30 * time.Second
	// slower is how many times as long as usual all but one in a hundred calls may take during an import.
	slower = 2
	// kept is how often the database is cared for. In a shop its autovacuum does that, which the databases of tests go without.
	kept = time.Minute

	readEvery, orderEvery = 20 * time.Millisecond, 200 * time.Millisecond
)

// trade is people who read pages and order.
type trade struct{ reads, orders func() shop.Timings }

func begin(h *shop.House, goods shop.Goods) trade {
	return trade{reads: h.Clock(readEvery, h.Reads("/store/v1/products/"+goods.Handle, "/store/v1/products")),
		orders: h.Clock(orderEvery, h.Orders(goods.SKU))}
}

// tradeDuring has people trade from now on, and answers a function that requires them not to have been slowed down much.
func tradeDuring(t *testing.T, h *shop.House) (requireQuick func()) {
	t.Helper()
	goods := h.Sell("DAILY", 1000, 1_000_000)
	h.Settle()
	before := begin(h, goods)
	time.Sleep(calm)
	usualReads, usualOrders := before.reads(), before.orders()
	stopCare := care(t, h)
	during := begin(h, goods)
	return func() {
		reads, orders := during.reads(), during.orders()
		stopCare()
		t.Logf("%d readings: p50 %s, p99 %s, usually %s, %s; %d orders: p50 %s, p99 %s, usually %s, %s",
			len(reads), reads.Percentile(50), reads.Percentile(99), usualReads.Percentile(50), usualReads.Percentile(99),
			len(orders), orders.Percentile(50), orders.Percentile(99), usualOrders.Percentile(50), usualOrders.Percentile(99))
		assert.LessOrEqual(t, reads.Percentile(99), slower*usualReads.Percentile(99))
		assert.LessOrEqual(t, orders.Percentile(99), slower*usualOrders.Percentile(99))
	}
}

// care does what autovacuum does, and as gently.
func care(t *testing.T, h *shop.House) (stop func()) {
	t.Helper()
	db, err := sqldb.OpenAdmin(h.Database.DSN())
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), `SET vacuum_cost_delay = '2ms'`)
	require.NoError(t, err)
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(kept)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				_, err := db.ExecContext(t.Context(), `VACUUM (ANALYZE)`)
				assert.NoError(t, err)
			}
		}
	}()
	return func() {
		close(ended)
		<-done
		assert.NoError(t, db.Close())
	}
}
