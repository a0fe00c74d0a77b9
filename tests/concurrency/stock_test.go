package concurrency

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func tenUnits(h house) {
	const units = 10
	skus := h.shelves("C01", fifty, always(units))
	h.each(fifty, func(round int) {
		sku, buyers := skus(round), h.crowd(round, 200, 40)
		wishes, history := h.crowdOf(buyers, round, one(sku)), shop.NewHistory()

		answers := h.together(buyers, func(i int, at *shop.Shop) (shop.Answer, error) {
			return history.Reserve(i, sku, 1, func() (shop.Answer, error) { return wishes[i].insist(at) })
		})
		h.raced()

		require.Equal(h.t, map[string]int{"201": units, "409 insufficient_stock": buyers - units}, tally(answers), "round %d", round)
		for _, refused := range withStatus(answers, http.StatusConflict) {
			require.EqualValues(h.t, 0, refused.Body.Number(h.t, "errors.0.available"), "refused while there was stock: %s", refused.Raw)
			require.Equal(h.t, "/lines/0", refused.Body.Text("errors.0.pointer"))
		}
		shop.CheckHistory(h.t, history.Events(), map[string]int64{sku: units})
		require.EqualValues(h.t, units, h.orders(sku))
		require.Zero(h.t, h.moneyWithoutOrder(), "a buyer without an order is charged")
		h.requireLevel(sku, units, 0, units)
	})
}

// moneyWithoutOrder counts payments that hold or took money for something that is no order.
func (h house) moneyWithoutOrder() int64 {
	h.t.Helper()
	var paid []string
	require.NoError(h.t, h.Of("payments").Select(h.t.Context(), &paid, `SELECT reference FROM payments.attempts WHERE status NOT IN ('declined', 'voided', 'expired')`))
	return h.IntOf("orders", `SELECT count(*) FROM unnest($1::text[]) AS paid (reference)
		WHERE NOT EXISTS (SELECT FROM orders.orders o WHERE o.reference = paid.reference)`, paid)
}

// lastUnit lets both buyers find the unit before either of them takes it.
func lastUnit(h house) {
	const found = "checkout.checked"
	skus := h.shelves("C02", fifty, always(1))
	h.each(fifty, func(round int) {
		sku := skus(round)
		wishes := []wish{byCart(h.fill(1, one(sku))[0], shop.NewKey()), outright(shop.Line(sku, 1))}
		h.Plan(found, "pause", shop.Times(1))
		var answers []shop.Answer
		done := make(chan error, len(wishes))
		go func() {
			var errs []error
			answers, errs = h.atOnce(len(wishes), func(i int, at *shop.Shop) (shop.Answer, error) { return wishes[i].ask(at) })
			for _, err := range errs {
				done <- err
			}
		}()
		for _, r := range h.Replicas {
			r.WaitFor(found)
		}
		for i := range h.Replicas {
			h.Replicas[(i+round/2)%2].Release(found)
		}
		for range wishes {
			require.NoError(h.t, <-done)
		}
		h.raced()

		require.Equal(h.t, map[string]int{"201": 1, "409 insufficient_stock": 1}, tally(answers), "round %d", round)
		h.requireLoserOwesNothing(withStatus(answers, http.StatusConflict)[0].Body.Text("checkout_id"))
		h.requireCharge(withStatus(answers, http.StatusCreated)[0].Body.Text("id"))
		h.requireLevel(sku, 1, 0, 1)
	})
}

// requireLoserOwesNothing wants the provider to have given back whatever it holds for a checkout, if it was asked at all.
func (h house) requireLoserOwesNothing(reference string) {
	h.t.Helper()
	require.NotEmpty(h.t, reference)
	counts := map[string]int{}
	for _, e := range h.Provider.Entries(reference) {
		counts[e.Op]++
	}
	require.Equal(h.t, counts["authorize"], counts["void"], "voids are not as many as authorizations")
	require.Zero(h.t, counts["capture"])
	require.Zero(h.t, h.moneyWithoutOrder())
}

// engraved are two lines of a SKU that stay two, because they differ in metadata.
func engraved(sku string, first, second int64) []shop.Object {
	lines := []shop.Object{shop.Line(sku, first), shop.Line(sku, second)}
	lines[0]["metadata"], lines[1]["metadata"] = shop.Object{"engraving": "Ada"}, shop.Object{"engraving": "Grace"}
	return lines
}

func twoLines(h house) {
	h.part("by cart", func(h house) {
		h.twoLinesShort("C04-CART", func(lines []shop.Object) wish {
			cart := h.fill(1, func(int) []shop.Object { return lines })[0]
			kept := h.Must(http.StatusOK, http.MethodGet, "/store/v1/carts/"+cart.ID, nil, shop.CartToken(cart.Token)).Body.List("lines")
			require.Len(h.t, kept, 2)
			return byCart(cart, shop.NewKey())
		})
	})
	h.part("all at once", func(h house) {
		h.twoLinesShort("C04-ONCE", func(lines []shop.Object) wish { return outright(lines...) })
	})
}

func (h house) twoLinesShort(sku string, wishing func(lines []shop.Object) wish) {
	h.t.Helper()
	h.Sell(sku, 1000, 3)

	refused, err := wishing(engraved(sku, 2, 2)).ask(h.server(1))

	require.NoError(h.t, err)
	require.Equal(h.t, "409 insufficient_stock", told(refused), "%s", refused.Raw)
	for i, pointer := range []string{"/lines/0", "/lines/1"} {
		require.Equal(h.t, pointer, refused.Body.Text(fmt.Sprintf("errors.%d.pointer", i)))
		require.EqualValues(h.t, 3, refused.Body.Number(h.t, fmt.Sprintf("errors.%d.available", i)))
	}
	require.Zero(h.t, h.IntOf("inventory", `SELECT count(*) FROM inventory.reservations WHERE sku = $1 AND state IN ('open', 'allocated')`, sku))
	require.Zero(h.t, h.orders(sku))
	h.requireLevel(sku, 3, 0, 0)
	h.must(0, http.StatusCreated, wishing(engraved(sku, 2, 1)))
	h.requireLevel(sku, 3, 0, 3)
}

// crosswise has 100 buyers at a time come five times each for two SKUs, half of them in the other order. Whoever locks in
// the order of the lines meets somebody who does the opposite.
func crosswise(h house) {
	const times = 5
	buyers := func(round int) int { return h.crowd(round, 100, 10) }
	units := func(round int) int { return 2 * buyers(round) }
	as, bs := h.shelves("C26-A", twenty, units), h.shelves("C26-B", twenty, units)
	h.each(twenty, func(round int) {
		a, b, sold := as(round), bs(round), units(round)
		wishes := h.crowdOf(times*buyers(round), round, func(i int) []shop.Object {
			if i/2%2 == 0 {
				return []shop.Object{shop.Line(a, 1), shop.Line(b, 1)}
			}
			return []shop.Object{shop.Line(b, 1), shop.Line(a, 1)}
		})
		answers := make([]shop.Answer, len(wishes))

		h.together(buyers(round), func(i int, at *shop.Shop) (answer shop.Answer, err error) {
			for n := i; n < len(wishes) && err == nil; n += buyers(round) {
				answer, err = wishes[n].insist(at)
				answers[n] = answer
			}
			return answer, err
		})
		h.raced()

		require.Equal(h.t, map[string]int{"201": sold, "409 insufficient_stock": len(wishes) - sold}, tally(answers), "round %d", round)
		h.requireLevel(a, int64(sold), 0, int64(sold))
		h.requireLevel(b, int64(sold), 0, int64(sold))
	})
}
