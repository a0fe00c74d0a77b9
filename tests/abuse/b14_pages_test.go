package abuse

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// furnish makes at least two of everything that lists show.
func (w *world) furnish() {
	w.t.Helper()
	products := []string{w.goods.ProductID, w.Sell("OTHER", 2000, plenty).ProductID}
	for _, list := range []string{"categories", "stock-locations", "channels", "shipping-options", "tax-rates"} {
		created(list)(w, w.shoppers[0])
		created(list)(w, w.shoppers[0])
	}
	for range 2 {
		w.create("/admin/v1/collections", shop.Object{"title": w.name("shown"), "product_ids": products})
	}
	w.ready = w.prepare()
}

// bury leaves two events behind that could not be delivered.
func (w *world) bury() {
	w.t.Helper()
	_, err := w.Admin().Exec(w.t.Context(), `INSERT INTO catalog.outbox_deliveries (event_id, subscriber, attempt, last_error, dead_at)
		SELECT id, 'inventory.register', 25, 'planted', now() FROM catalog.outbox_events ORDER BY id LIMIT 2`)
	require.NoError(w.t, err)
}

// twoVariants is a product that the list of variants can page through.
func (w *world) twoVariants() string {
	w.t.Helper()
	made := w.create("/admin/v1/products", shop.Object{"title": w.name("product"), "options": []shop.Object{{"name": "Size", "values": []string{"S", "M"}}},
		"variants": []shop.Object{
			{"sku": w.name("SKU"), "option_values": shop.Object{"Size": "S"}}, {"sku": w.name("SKU"), "option_values": shop.Object{"Size": "M"}}}})
	return made.Text("id")
}

// filters are a filter for each list that has some: a cursor is good for the filters it was made with.
func filters() map[string]string {
	return map[string]string{"listProducts": "status=draft", "listPrices": "currency=EUR", "listStockLevels": "sku=GOODS", "listReservations": "state=allocated",
		"listTaxRates": "country=CH", "listOrders": "status=placed", "storeListProducts": "in_stock=true"}
}

func limitsAndCursors(w *world) {
	w.bury() // only now, because others have the dead delivered again
	var foreign string
	lists := w.document.lists()
	require.NotEmpty(w.t, lists)
	for _, op := range append(lists, lists[0]) {
		path := fill(op.Pattern, []string{w.twoVariants()})
		list := func(query string) shop.Answer {
			return w.send(http.MethodGet, path+"?"+query, nil, w.credentials(op)...)
		}
		for _, limit := range []string{"-1", "0", "101", "1000000000", "99999999999999999999", "abc", "", "1.0", "1e1", "+1", "01", "0x10", "%00"} {
			require.Equal(w.t, "400 invalid_parameter", told(list("limit="+limit)), "%s with limit %q", op.ID, limit)
		}
		for _, unknown := range []string{"offset=1000000000000", "offset=0", "page=2", "per_page=10", "after=x", "Limit=1", "CURSOR=x"} {
			require.Equal(w.t, "400 unknown_parameter", told(list(unknown)), "%s with %s", op.ID, unknown)
		}
		require.Len(w.t, list("limit=1").Body.List("data"), 1, op.ID)
		require.Equal(w.t, http.StatusOK, list("limit=100").Status)
		cursor := list("limit=1").Body.Text("page.next_cursor")
		require.NotEmpty(w.t, cursor, "%s has no second page", op.ID)
		require.Equal(w.t, http.StatusOK, list("limit=1&cursor="+cursor).Status)
		for what, forged := range forgeries(cursor, foreign) {
			require.Equal(w.t, "400 invalid_cursor", told(list("cursor="+url.QueryEscape(forged))), "%s with a cursor that is %s", op.ID, what)
		}
		if filter := filters()[op.ID]; filter != "" {
			require.Equal(w.t, "400 invalid_cursor", told(list(filter+"&cursor="+cursor)), "%s with other filters", op.ID)
		}
		require.Equal(w.t, "400 invalid_parameter", told(list("cursor=")), op.ID)
		require.Equal(w.t, "400 invalid_parameter", told(list("cursor="+strings.Repeat("x", 10_000))), op.ID)
		foreign = cursor
	}
}

// forgeries are cursors that the list did not answer: none at all, changed anywhere, or made for another list.
func forgeries(cursor, foreign string) map[string]string {
	half := len(cursor) / 2
	forged := map[string]string{
		"no cursor": "x", "a number": "1000000000000", "an id": ids.New(), "cut": cursor[:len(cursor)-4], "longer": cursor + "AAAA", "half": cursor[:half],
		"signed by another": pagination.NewCodec([]byte("a key that the server does not know")).Encode("products", nil, []string{ids.New()}),
		"in other base 64":  cursor + "==",
	}
	for at := range cursor {
		forged[fmt.Sprintf("changed at %d", at)] = cursor[:at] + string(otherLetter(cursor[at])) + cursor[at+1:]
	}
	if foreign != "" {
		forged["of another list"] = foreign
		forged["half of another list"] = foreign[:len(foreign)/2] + cursor[half:]
	}
	return forged
}

func otherLetter(letter byte) byte {
	if letter == 'A' {
		return 'B'
	}
	return 'A'
}

// paging is a list, what adds to it while somebody reads it page by page.
type paging struct {
	path    string
	headers []shop.Header
	insert  func(i int)
}

// growing is how many pages are read before a list stops growing.
const growing = 2

func insertsWhilePaging(w *world) {
	owner := []shop.Header{shop.Key(w.Owner)}
	offer := func(i int) { w.Offer(w.name("PAGED"), int64(100+i*977%1000)) }
	buy := func(int) { w.buy(shop.Pays()) }
	show := func(i int) {
		offer(i)
		w.Settle()
	}
	for i := range 7 {
		offer(i)
		buy(i)
	}
	w.Settle()
	for _, p := range []paging{
		{"/admin/v1/products?limit=3", owner, offer},
		{"/admin/v1/orders?limit=3", owner, buy},
		{"/admin/v1/orders?limit=3&sort=created_at", owner, buy},
		{"/admin/v1/orders?limit=3&status=placed", owner, buy},
		{"/store/v1/products?limit=3", nil, show},
		{"/store/v1/products?limit=3&sort=created_at", nil, show},
		{"/store/v1/products?limit=3&sort=price", nil, show},
		{"/store/v1/products?limit=3&sort=-price", nil, show},
		{"/store/v1/products?limit=3&sort=title", nil, show},
	} {
		before := w.all(p, func(int) {})
		during := w.all(p, p.insert)
		seen := map[string]bool{}
		for _, id := range during {
			require.False(w.t, seen[id], "%s was shown twice in %s", id, p.path)
			seen[id] = true
		}
		for _, id := range before {
			require.True(w.t, seen[id], "%s was skipped in %s", id, p.path)
		}
		require.Greater(w.t, len(before), 6)
	}
}

// all are the ids on all pages of a list; between is called after each of the first pages, for a list that grows at its
// end has an end only when it stops growing.
func (w *world) all(p paging, between func(int)) []string {
	w.t.Helper()
	var found []string
	next := p.path
	for page := 0; next != ""; page++ {
		answer := w.send(http.MethodGet, next, nil, p.headers...)
		require.Equal(w.t, "200", told(answer), "%s: %s", next, answer.Raw)
		for i := range answer.Body.List("data") {
			item, _ := answer.Body.List("data")[i].(map[string]any)
			id, _ := item["id"].(string)
			found = append(found, id)
		}
		next = ""
		if cursor := answer.Body.Text("page.next_cursor"); cursor != "" {
			next = p.path + "&cursor=" + cursor
		}
		if page < growing {
			between(page)
		}
	}
	return found
}
