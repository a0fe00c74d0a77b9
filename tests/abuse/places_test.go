package abuse

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// place says where things of one kind are: the ids in the path, or in the body, that name one.
type place struct {
	// own makes, or finds, what who may reach.
	own func(w *world, who shopper) []string
	// others are ids that name something of somebody else's, or nothing at all, by "which id: what it is". Those of one id
	// must be answered alike.
	others func(own []string, other shopper) map[string][]string
}

// places has a row for each thing that operations are about: by the pattern as far as its last id, or by the operation
// where that one needs a thing in a certain state.
func places() map[string]place {
	return map[string]place{
		"/store/v1/products/{id}":              {own: product("active"), others: hidden},
		"/store/v1/carts/{id}":                 {own: ownCart, others: otherCart},
		"/store/v1/carts/{id}/lines/{line_id}": {own: ownLine, others: otherLine},
		"/store/v1/checkouts/{id}":             {own: ownCheckout, others: otherCheckout},
		"/store/v1/orders/{id}":                {own: ownOrder, others: otherOrder},
		byCart:                                 {own: ownCart, others: otherCart},

		"/admin/v1/orders/{id}":                         {own: order(shop.Pays()), others: not("ord")},
		"captureOrder":                                  {own: order(shop.Object{"method": "manual"}), others: not("ord")},
		"/admin/v1/products/{id}":                       {own: product("draft"), others: not("prod")},
		"/admin/v1/products/{id}/variants/{variant_id}": {own: variant, others: notOfTheProduct},
		"/admin/v1/categories/{id}":                     {own: created("categories"), others: not("cat")},
		"/admin/v1/collections/{id}":                    {own: created("collections"), others: not("col")},
		"/admin/v1/prices/{id}":                         {own: created("prices"), others: not("price")},
		"/admin/v1/stock-locations/{id}":                {own: created("stock-locations"), others: not("loc")},
		"/admin/v1/stock-items/{sku}":                   {own: stockItem, others: neverSeen},
		"/admin/v1/channels/{id}":                       {own: created("channels"), others: not("chan")},
		"/admin/v1/shipping-options/{id}":               {own: created("shipping-options"), others: not("ship")},
		"/admin/v1/tax-rates/{id}":                      {own: created("tax-rates"), others: not("tax")},
		"/admin/v1/events/dead/{id}":                    {own: announced, others: not("evt")},
		"/admin/v1/imports/{id}":                        {own: imported("completed"), others: not("imp")},
		"cancelImport":                                  {own: imported("queued"), others: not("imp")},
		"/admin/v1/api-keys/{id}":                       {own: created("api-keys"), others: not("key")},
		"/admin/v1/checkouts/{id}":                      {own: leftToAPerson, others: noCheckout},
		"/admin/v1/payment-reviews/{id}":                {own: reviewed, others: not("prv")},
		"/admin/v1/stock-reviews/{id}":                  {own: reviewedStock, others: not("srv")},
	}
}

// place finds the row of an operation; nil ids stand for operations that are about nothing in particular. An operation
// with ids and without a row fails the test.
func (w *world) place(op operation) (found place, has bool) {
	w.t.Helper()
	found, has = places()[op.ID]
	if has || op.resource() == "" {
		return found, has
	}
	found, has = places()[op.resource()]
	require.True(w.t, has, "%s needs a row in places: what do the ids of %s name?", op.ID, op.Pattern)
	return found, true
}

// absent is an id that names nothing.
func absent(prefix string) []string { return []string{ids.Encode(prefix, ids.New())} }

// renamed is the id of one thing as if it were that of another kind.
func renamed(prefix, id string) string {
	_, rest, _ := strings.Cut(id, "_")
	return prefix + "_" + rest
}

// not is what an operation of the admin API cannot be about, since there nothing belongs to somebody else.
func not(prefix string) func([]string, shopper) map[string][]string {
	return func(_ []string, other shopper) map[string][]string {
		return map[string][]string{"id: foreign": {renamed(prefix, other.cart)}, "id: of another kind": {other.checkout}, "id: absent": absent(prefix)}
	}
}

func ownCart(_ *world, who shopper) []string     { return []string{who.cart} }
func ownLine(_ *world, who shopper) []string     { return []string{who.cart, who.line} }
func ownCheckout(_ *world, who shopper) []string { return []string{who.checkout} }
func ownOrder(_ *world, who shopper) []string    { return []string{who.order} }

func otherCart(_ []string, other shopper) map[string][]string {
	return map[string][]string{"id: foreign": {other.cart}, "id: absent": absent("cart")}
}

func otherLine(own []string, other shopper) map[string][]string {
	return map[string][]string{
		"cart: foreign": {other.cart, other.line}, "cart: foreign, own line": {other.cart, own[1]}, "cart: absent": {absent("cart")[0], own[1]},
		"line: foreign": {own[0], other.line}, "line: absent": {own[0], absent("line")[0]},
	}
}

func otherCheckout(_ []string, other shopper) map[string][]string {
	return map[string][]string{"id: foreign": {other.checkout}, "id: absent": absent("co")}
}

func otherOrder(_ []string, other shopper) map[string][]string {
	return map[string][]string{"id: foreign": {other.order}, "id: absent": absent("ord")}
}

// hidden are products that shoppers do not see. Every world has the draft.
func hidden([]string, shopper) map[string][]string {
	return map[string][]string{"id: foreign": {draftHandle}, "id: absent": {"no-such-handle"}, "id: absent id": absent("prod")}
}

func order(payment shop.Object) func(*world, shopper) []string {
	return func(w *world, _ shopper) []string {
		w.t.Helper()
		return []string{w.buy(payment).Text("id")}
	}
}

func product(status string) func(*world, shopper) []string {
	return func(w *world, _ shopper) []string {
		w.t.Helper()
		return []string{w.create("/admin/v1/products", shop.Object{"title": w.name("product"), "status": status}).Text("id")}
	}
}

func variant(w *world, who shopper) []string {
	w.t.Helper()
	parent := product("draft")(w, who)[0]
	made := w.create("/admin/v1/products/"+parent+"/variants", shop.Object{"sku": w.name("SKU")})
	return []string{parent, made.Text("id")}
}

func notOfTheProduct(own []string, other shopper) map[string][]string {
	return map[string][]string{
		"product: foreign": {renamed("prod", other.cart), own[1]}, "product: absent": {absent("prod")[0], own[1]},
		"variant: foreign": {own[0], renamed("var", other.cart)}, "variant: absent": {own[0], absent("var")[0]},
	}
}

// created makes a thing by posting to the list it is in what the table of bodies has for that.
func created(list string) func(*world, shopper) []string {
	return func(w *world, who shopper) []string {
		w.t.Helper()
		path := "/admin/v1/" + list
		for _, op := range w.document.operations {
			if op.Method == "POST" && op.Pattern == path {
				return []string{w.create(path, w.body(op, who, nil)).Text("id")}
			}
		}
		require.Fail(w.t, "nothing can be posted to "+path)
		return nil
	}
}

// announced is an event that everybody has handled.
func announced(w *world, _ shopper) []string {
	w.t.Helper()
	var id string
	require.NoError(w.t, w.Admin().Get(w.t.Context(), &id, `SELECT id FROM catalog.outbox_events ORDER BY id LIMIT 1`))
	return []string{ids.Encode("evt", id)}
}

// leftToAPerson is a checkout of nobody.
func leftToAPerson(w *world, _ shopper) []string {
	w.t.Helper()
	id := ids.New()
	_, err := w.Admin().Exec(w.t.Context(), `INSERT INTO checkout.attempts (id, reference, status, scope, request_hash, terms, deadline, lease_until, review_reason)
		VALUES ($1, $2, 'review', 'guest', '', '{"method": "manual"}', now(), now(), 'payment_unknown')`, id, ids.Encode("co", id))
	require.NoError(w.t, err)
	return []string{ids.Encode("co", id)}
}

func noCheckout(_ []string, other shopper) map[string][]string {
	return map[string][]string{"id: foreign": {renamed("co", other.cart)}, "id: of another kind": {other.cart}, "id: absent": absent("co")}
}

// reviewed is a payment that a person has to look at.
func reviewed(w *world, _ shopper) []string {
	w.t.Helper()
	id := ids.New()
	_, err := w.Admin().Exec(w.t.Context(), `INSERT INTO payments.reviews (id, reference, reason, subject, details) VALUES ($1, 'co_1', 'provider_differs', $2, '{}')`, id, id)
	require.NoError(w.t, err)
	return []string{ids.Encode("prv", id)}
}

// reviewedStock is a hold that a person has to look at.
func reviewedStock(w *world, _ shopper) []string {
	w.t.Helper()
	id := ids.New()
	_, err := w.Admin().Exec(w.t.Context(), `INSERT INTO inventory.reviews (id, reference, reason, details) VALUES ($1, $2, 'hold_ended',
		'{"hold": "expired", "lines": [{"sku": "GOODS", "quantity": 2}]}')`, id, id)
	require.NoError(w.t, err)
	return []string{ids.Encode("srv", id)}
}

// imported is an import that no worker touches: it is over, or somebody else's for an hour.
func imported(status string) func(*world, shopper) []string {
	return func(w *world, _ shopper) []string {
		w.t.Helper()
		id := ids.New()
		_, err := w.Admin().Exec(w.t.Context(), `INSERT INTO integrations.imports (id, status, format, generation, dry_run, lease_until, finished_at, is_tidy)
			VALUES ($1, $2, 'shopify', 'product-2018', false, now() + interval '1 hour', CASE WHEN $2 = 'completed' THEN now() END, true)`, id, status)
		require.NoError(w.t, err)
		return []string{ids.Encode("imp", id)}
	}
}

func stockItem(w *world, _ shopper) []string {
	w.t.Helper()
	sku := w.name("STOCKED")
	w.Restock(sku, 1)
	return []string{sku}
}

func neverSeen(own []string, _ shopper) map[string][]string {
	return map[string][]string{"id: foreign": {strings.ToLower(own[0])}, "id: absent": {"NEVER-SEEN-" + ids.New()}}
}
