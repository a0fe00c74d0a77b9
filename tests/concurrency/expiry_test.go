package concurrency

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// expiring is how many holds end together in a round of C25.
	expiring = 10
	// around is how far before and after the end of the hold a payment reaches the checkout.
	around = 50 * time.Millisecond
	// ahead is the time that it takes to write down when holds are to end.
	ahead = 200 * time.Millisecond
)

// held is a checkout that waits for its payment.
type held struct{ reference, authorization string }

// await begins checkouts whose payments the provider decides later.
func (h house) await(n int, sku string) []held {
	h.t.Helper()
	answers := h.together(n, func(_ int, at *shop.Shop) (shop.Answer, error) {
		return outright(shop.Line(sku, 1)).paying(shop.Object{"method": "fake", "token": "tok_pending"}).ask(at)
	})
	waiting := make([]held, n)
	for i, a := range answers {
		require.Equal(h.t, http.StatusAccepted, a.Status, "%s", a.Raw)
		reference := a.Body.Text("id")
		authorization := h.text(`SELECT id::text FROM payments.attempts WHERE reference = $1`, reference)
		found, ok := h.Provider.Find(authorization)
		require.True(h.t, ok)
		waiting[i] = held{reference: reference, authorization: found.ID}
	}
	return waiting
}

// endHolds lets stock be held for no longer than from now on, as checkout and inventory both know.
func (h house) endHolds(waiting []held, from time.Duration) (at time.Time) {
	h.t.Helper()
	const query = `WITH moment AS (SELECT now() + make_interval(secs => $2) AS at), held AS (
		UPDATE inventory.holds SET hold_until = at FROM moment WHERE reference = ANY($1) RETURNING at
	), known AS (
		UPDATE checkout.attempts SET hold_until = at FROM moment WHERE reference = ANY($1)
	)
	SELECT max(at) FROM held`
	var references []string
	for _, w := range waiting {
		references = append(references, w.reference)
	}
	require.NoError(h.t, h.Admin().Get(h.t.Context(), &at, query, references, from.Seconds()))
	return at
}

// endsWithPayment has payments reach their checkouts from shortly before to shortly after the end of the holds. How long
// they are on their way is learned: whoever came too early with all of them starts later the next time.
func endsWithPayment(h house) {
	const sku = "C25"
	h.Sell(sku, 1000, expiring*twenty+1)
	onTheWay := h.untilOrder(sku)
	orders := h.orders(sku)
	h.each(twenty, func(int) {
		waiting := h.await(expiring, sku)
		end := h.endHolds(waiting, onTheWay+around+ahead)
		for i, w := range waiting {
			time.Sleep(time.Until(end.Add(-onTheWay - around + 2*around*time.Duration(i)/(expiring-1))))
			h.Provider.Decide(w.authorization, fakeprovider.StatusAuthorized)
		}
		h.Quiesce(within)
		placed := 0
		for _, w := range waiting {
			if h.requireOneOrTheOther(sku, w.reference) {
				placed++
			}
		}
		orders += int64(placed)
		onTheWay += around * time.Duration(expiring/2-placed) / (expiring / 2)
	})
	h.t.Logf("%d orders, %d voided", orders, h.Int(`SELECT count(*) FROM payments.attempts WHERE status = 'voided'`))
	h.requireLevel(sku, expiring*twenty+1, 0, orders)
}

// untilOrder is how long it takes from the provider's decision to the order.
func (h house) untilOrder(sku string) time.Duration {
	h.t.Helper()
	w := h.await(1, sku)[0]
	began := time.Now()
	h.Provider.Decide(w.authorization, fakeprovider.StatusAuthorized)
	require.Eventually(h.t, func() bool { return h.orders(sku) == 1 }, within, often)
	return time.Since(began)
}

// requireOneOrTheOther wants an order with its stock and its money, or neither stock nor money. It answers which.
func (h house) requireOneOrTheOther(sku, reference string) (placed bool) {
	h.t.Helper()
	const world = `SELECT a.status || ' ' || p.status || ' ' ||
		(SELECT count(*) FROM inventory.reservations r WHERE r.reference = a.reference AND r.state IN ('open', 'allocated')) || ' ' ||
		(SELECT count(*) FROM orders.orders o WHERE o.reference = a.reference)
		FROM checkout.attempts a JOIN payments.attempts p USING (reference) WHERE a.reference = $1`
	became := h.text(world, reference)
	require.Contains(h.t, []string{"completed captured 1 1", "canceled voided 0 0"}, became, "%s of %s", reference, sku)
	placed = became == "completed captured 1 1"
	want := map[string]int{fakeprovider.OpAuthorize: 1, fakeprovider.OpApprove: 1, fakeprovider.OpVoid: 1}
	if placed {
		want = map[string]int{fakeprovider.OpAuthorize: 1, fakeprovider.OpApprove: 1, fakeprovider.OpCapture: 1}
	}
	counts := map[string]int{}
	for _, e := range h.Provider.Entries(reference) {
		counts[e.Op]++
	}
	require.Equal(h.t, want, counts, reference)
	return placed
}

// paidWhileSwept has the payment come through while the sweeper has the hold in its hands.
func paidWhileSwept(h house) {
	const sku, sweeping = "C25-SWEPT", "inventory.sweeping"
	h.Sell(sku, 1000, 1)
	h.Plan(sweeping, "pause", shop.Times(1))
	waiting := h.await(1, sku)
	h.endHolds(waiting, 0)
	h.WaitFor(sweeping)

	h.Provider.Decide(waiting[0].authorization, fakeprovider.StatusAuthorized)
	require.Eventually(h.t, func() bool { return h.Provider.Count(fakeprovider.OpVoid, waiting[0].reference) == 1 }, within, often)
	h.Release(sweeping)

	h.Quiesce(2 * within)
	require.False(h.t, h.requireOneOrTheOther(sku, waiting[0].reference), "the hold had ended")
	h.requireLevel(sku, 1, 0, 0)
}
