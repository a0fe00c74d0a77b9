package imports

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// stockFile counts some SKUs of one product each.
func stockFile(skus int, onHand int64) string {
	var file strings.Builder
	file.WriteString(small)
	for i := range skus {
		fmt.Fprintf(&file, "stock-%d,Stock %d,,,STOCK-%d,3,shopify,%d,\n", i, i, i, onHand)
	}
	return file.String()
}

// sendOff sends all of an order, which takes it off the shelf.
func sendOff(t *testing.T, s *shop.Shop, orderID string) bool {
	answer, err := s.Try(http.MethodPost, "/admin/v1/orders/"+orderID+"/fulfillments", shop.Object{}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	if err != nil || answer.Status != http.StatusCreated {
		t.Errorf("send order %s: %v %s", orderID, err, answer.Raw)
		return false
	}
	return true
}

// TestC30AnImportOfCountsLosesNoSale sells and sends on two servers while counts come in again and again. Afterwards no
// unit is sold twice and every sale is still owed or sent; that levels and movements agree is among the invariants that
// end every test.
func TestC30AnImportOfCountsLosesNoSale(t *testing.T) {
	s := shop.StartHouse(t, shop.Setup{Replicas: 2})
	const skus, sold, buyers, often = 1500, 20, 4, 20
	bring(t, s.Shop, stockFile(skus, 100))
	s.Settle()
	var wait sync.WaitGroup
	var bought, sent, refused atomic.Int64
	stop := make(chan struct{})
	for buyer := range buyers {
		at := s.At(buyer % len(s.Replicas))
		wait.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				sku := fmt.Sprintf("STOCK-%d", (buyer*7+i)%sold)
				answer, err := at.Try(http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line(sku, 1)), shop.Once(shop.NewKey()))
				switch {
				case err == nil && answer.Status == http.StatusCreated:
					if bought.Add(1)%2 == 0 {
						continue
					}
					if !sendOff(t, at, answer.Body.Text("order.id")) {
						return
					}
					sent.Add(1)
				case err == nil && answer.Code() == "insufficient_stock":
					refused.Add(1)
				default:
					t.Errorf("checkout: %v %s", err, answer.Raw)
					return
				}
			}
		})
	}
	bring(t, s.Shop, stockFile(skus, 80))
	for i := range int64(often) {
		bring(t, s.Shop, stockFile(sold, 1000+i))
	}
	close(stop)
	wait.Wait()
	s.Settle()

	require.NotZero(t, bought.Load())
	assert.Equal(t, bought.Load(), s.Int(`SELECT coalesce(sum(quantity), 0) FROM inventory.reservations WHERE state IN ('allocated', 'shipped')`))
	assert.Equal(t, bought.Load()-sent.Load(), s.Int(`SELECT sum(allocated) FROM inventory.stock_levels`))
	assert.Equal(t, sent.Load(), s.Int(`SELECT -sum(delta) FROM inventory.stock_movements WHERE reason = 'ship'`))
	assert.Zero(t, s.Int(`SELECT count(*) FROM inventory.stock_levels WHERE on_hand < reserved + allocated`), "nothing is sold that is not there")
	assert.Equal(t, int64(skus-sold), s.Int(`SELECT count(*) FROM inventory.stock_levels WHERE on_hand = 80 AND allocated = 0`))
	assert.Zero(t, s.Int(`SELECT count(*) FROM inventory.stock_levels l
		JOIN (SELECT sku, sum(delta) AS moved FROM inventory.stock_movements GROUP BY sku) m ON m.sku = l.sku WHERE l.on_hand <> m.moved`))
}
