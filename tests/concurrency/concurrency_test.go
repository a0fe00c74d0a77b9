// Package concurrency lets many shoppers and clerks act at the same moment, or twice, against the real server, and counts
// what they were answered. Every test was seen red on a planted bug. Each server ends with every invariant checked and
// without a deadlock.
package concurrency

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

const (
	checkouts = "/store/v1/checkouts"

	// patience is how long a server may let somebody wait before it says that it is too busy.
	patience = 5 * time.Second
	// maxTries is how often a shopper who was told that the server is busy comes back.
	maxTries = 5
	// fillers is how many carts are filled at a time.
	fillers = 4
)

// TestWithPoolsAsInProduction lets many sessions of the database meet.
func TestWithPoolsAsInProduction(t *testing.T) {
	s := shop.Start(t, "RIALTO_POOL_REQUESTS=12", "RIALTO_POOL_READS=8", "RIALTO_POOL_BACKGROUND=4")
	t.Run("C01 of 200 buyers of 10 units exactly 10 get one", func(t *testing.T) { tenUnits(t, s.In(t)) })
	t.Run("C02 of two buyers of the last unit one gets it and the other owes nothing", func(t *testing.T) { lastUnit(t, s.In(t)) })
	t.Run("C03 one cart and 50 keys make one order and one charge", func(t *testing.T) { fiftyKeys(t, s.In(t)) })
	t.Run("C04 two lines of one SKU are counted together", func(t *testing.T) { twoLines(t, s.In(t)) })
	t.Run("C05 the same key again is the same answer", func(t *testing.T) { sameKeyAgain(t, s.In(t)) })
	t.Run("C06 the same key 20 times at once is one order", func(t *testing.T) { sameKeyTogether(t, s.In(t)) })
	t.Run("C07 the same key for something else is refused", func(t *testing.T) { keyReused(t, s.In(t)) })
	t.Run("C08 the same key of another shopper is another request", func(t *testing.T) { otherShopper(t, s.In(t)) })
	t.Run("C10 a key that was refused as invalid can be used", func(t *testing.T) { corrected(t, s.In(t)) })
	t.Run("C11 of 20 changes of version 7 one makes version 8", func(t *testing.T) { twentyEditors(t, s.In(t)) })
	t.Run("C12 a change without If-Match is refused", func(t *testing.T) { unconditional(t, s.In(t)) })
	t.Run("C13 a tag that still holds spares the body, and a weak one changes nothing", func(t *testing.T) { tags(t, s.In(t)) })
	t.Run("C16 ten cancellations and five refunds give everything back once", func(t *testing.T) { canceledTogether(t, s.In(t)) })
	t.Run("C19 of 20 refunds of 30 of 100 three are made", func(t *testing.T) { refundedTogether(t, s.In(t)) })
	t.Run("C20 of two captures of 60 of 100 one is made", func(t *testing.T) { capturedTogether(t, s.In(t)) })
	t.Run("C26 carts with the same SKUs in either order do not deadlock", func(t *testing.T) { crosswise(t, s.In(t)) })
}

// TestWithPoolsOfTwo is the second round. A request that needs a connection while it holds one would hang here, as soon as
// two of them meet.
func TestWithPoolsOfTwo(t *testing.T) {
	s := shop.Start(t)
	t.Run("C01 of 200 buyers of 10 units exactly 10 get one", func(t *testing.T) { tenUnits(t, s.In(t)) })
	t.Run("C03 one cart and 50 keys make one order and one charge", func(t *testing.T) { fiftyKeys(t, s.In(t)) })
	t.Run("C16 ten cancellations and five refunds give everything back once", func(t *testing.T) { canceledTogether(t, s.In(t)) })
	t.Run("C26 carts with the same SKUs in either order do not deadlock", func(t *testing.T) { crosswise(t, s.In(t)) })
}

// together lets n requests go at the same moment, once all of them are ready, and answers what each was told.
func together(t *testing.T, n int, send func(i int) (shop.Answer, error)) []shop.Answer {
	t.Helper()
	answers, errs := make([]shop.Answer, n), make([]error, n)
	var ready, done sync.WaitGroup
	barrier := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-barrier
			answers[i], errs[i] = send(i)
		})
	}
	ready.Wait()
	close(barrier)
	done.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return answers
}

// tally counts answers by status and code, such as "409 insufficient_stock".
func tally(answers []shop.Answer) map[string]int {
	counts := map[string]int{}
	for _, a := range answers {
		counts[told(a)]++
	}
	return counts
}

func told(a shop.Answer) string {
	if a.Code() == "" {
		return fmt.Sprint(a.Status)
	}
	return fmt.Sprintf("%d %s", a.Status, a.Code())
}

// withStatus are the answers with a status.
func withStatus(answers []shop.Answer, status int) []shop.Answer {
	var found []shop.Answer
	for _, a := range answers {
		if a.Status == status {
			found = append(found, a)
		}
	}
	return found
}

// checkOut sends a checkout, and again with the same key when the server was busy for so long that it may say so.
func checkOut(s *shop.Shop, body shop.Object, headers ...shop.Header) (answer shop.Answer, err error) {
	for range maxTries {
		began := time.Now()
		answer, err = s.Try(http.MethodPost, checkouts, body, headers...)
		if err != nil || answer.Status != http.StatusServiceUnavailable || time.Since(began) < patience {
			return answer, err
		}
	}
	return answer, err
}

// byCart checks a cart out.
func byCart(s *shop.Shop, cart shop.Cart, key string) (shop.Answer, error) {
	return checkOut(s, shop.Object{"cart_id": cart.ID, "payment": shop.Pays()}, shop.CartToken(cart.Token), shop.Once(key))
}

// fill makes n carts ready for checkout; lines answers what goes into the i-th.
func fill(t *testing.T, s *shop.Shop, n int, lines func(i int) []shop.Object) []shop.Cart {
	t.Helper()
	option := s.Must(http.StatusOK, http.MethodGet, "/admin/v1/shipping-options", nil, shop.Key(s.Owner)).Body.Text("data.0.id")
	carts, errs := make([]shop.Cart, n), make([]error, n)
	var done sync.WaitGroup
	for worker := range fillers {
		done.Go(func() {
			for i := worker; i < n; i += fillers {
				carts[i], errs[i] = fillOne(s, option, lines(i))
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return carts
}

func fillOne(s *shop.Shop, option string, lines []shop.Object) (shop.Cart, error) {
	created, err := s.Try(http.MethodPost, "/store/v1/carts", shop.Object{"lines": lines})
	if err != nil || created.Status != http.StatusCreated {
		return shop.Cart{}, fmt.Errorf("open cart: %s %w", created.Raw, err)
	}
	cart := shop.Cart{ID: created.Body.Text("id"), Token: created.Body.Text("token")}
	addressed, err := s.Try(http.MethodPatch, "/store/v1/carts/"+cart.ID, shop.Object{"email": "ada@example.com",
		"shipping_address": shop.Berlin(), "shipping_option_id": option}, shop.CartToken(cart.Token))
	if err != nil || addressed.Status != http.StatusOK {
		return shop.Cart{}, fmt.Errorf("address cart: %s %w", addressed.Raw, err)
	}
	return cart, nil
}

// one is a cart's only line: a unit of a SKU.
func one(sku string) func(int) []shop.Object {
	return func(int) []shop.Object { return []shop.Object{shop.Line(sku, 1)} }
}

// requireLevel compares the stock of a SKU, once every event has arrived.
func requireLevel(t *testing.T, s *shop.Shop, sku string, onHand, reserved, allocated int64) {
	t.Helper()
	s.Settle()
	level := s.Level(sku)
	want := shop.Object{"on_hand": onHand, "reserved": reserved, "allocated": allocated, "available": onHand - reserved - allocated}
	have := shop.Object{}
	for name := range want {
		have[name] = level.Number(t, name)
	}
	require.Equal(t, want, have, "stock of %s", sku)
}

// orders counts those that contain a SKU.
func orders(s *shop.Shop, sku string) int64 {
	return s.Int(`SELECT count(DISTINCT order_id) FROM orders.order_lines WHERE sku = $1`, sku)
}
