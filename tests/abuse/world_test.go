package abuse

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// secretKey is what the server of a world derives tokens from.
const secretKey = "a key that the tests of abuse know as well"

// draftHandle names a product that shoppers do not see.
const draftHandle = "not-yet-shown"

// plenty is more stock than all tests of a world buy.
const plenty = 1_000_000

// world is a shop with something in it that belongs to somebody.
type world struct {
	*shop.Shop
	t        *testing.T
	document *document
	goods    shop.Goods
	// shoppers are two who know nothing of each other.
	shoppers [2]shopper
	// publishable is the public key of the default channel; revoked is an API key that was an owner's.
	publishable, revoked string
	// tables is the query that answers a hash of every table.
	tables string
	made   *int
	// ready has a call for each operation, that would succeed for somebody who may make it and that nobody ever does.
	ready map[string]call
}

// shopper has a cart, a checkout of it that was declined, and an order.
type shopper struct {
	cart, line, checkout, order          string
	cartToken, checkoutToken, orderToken string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Shop: shop.Start(t, "RIALTO_SECRET_KEY="+secretKey), t: t, document: theDocument(t), made: new(int)}
	w.goods = w.Sell("GOODS", 1000, plenty)
	w.shoppers = [2]shopper{w.shopper(), w.shopper()}
	w.publishable = w.admin("/admin/v1/channels").Body.Text("data.0.publishable_key")
	require.NotEmpty(t, w.publishable)
	key := w.create("/admin/v1/api-keys", shop.Object{"name": "revoked", "role": "owner"})
	w.revoked = key.Text("secret")
	w.Must(http.StatusNoContent, http.MethodDelete, "/admin/v1/api-keys/"+key.Text("id"), nil, shop.Key(w.Owner))
	w.create("/admin/v1/products", shop.Object{"title": "Not yet shown", "handle": draftHandle})
	w.listTables()
	return w
}

// in is the world as a subtest sees it.
func (w *world) in(t *testing.T) *world {
	seen := *w
	seen.t, seen.Shop = t, w.In(t)
	return &seen
}

// shopper is a new one.
func (w *world) shopper() shopper {
	w.t.Helper()
	filled := w.Fill(shop.Line(w.goods.SKU, 2))
	s := shopper{cart: filled.ID, cartToken: filled.Token}
	s.line = w.Must(http.StatusOK, http.MethodGet, "/store/v1/carts/"+s.cart, nil, shop.CartToken(s.cartToken)).Body.Text("lines.0.id")
	declined := w.Must(http.StatusPaymentRequired, http.MethodPost, "/store/v1/checkouts", shop.Object{"cart_id": s.cart,
		"payment": shop.Declines()}, shop.CartToken(s.cartToken), shop.Once(shop.NewKey()))
	s.checkout = declined.Body.Text("checkout_id")
	s.checkoutToken = derive(w.t, checkout.TokenKind, checkout.CheckoutPrefix, s.checkout)
	require.Equal(w.t, s.cartToken, derive(w.t, cart.TokenKind, cart.CartPrefix, s.cart))
	order := w.buy(shop.Pays())
	s.order, s.orderToken = order.Text("id"), order.Text("token")
	return s
}

// derive makes the token that an answer shows only while the checkout runs.
func derive(t testing.TB, kind, prefix, public string) string {
	t.Helper()
	id, ok := ids.Decode(prefix, public)
	require.True(t, ok, public)
	return tokens.NewKeyring([]byte(secretKey)).Derive(kind, id, 1)
}

// buy places an order all at once and answers it.
func (w *world) buy(payment shop.Object) shop.Object {
	w.t.Helper()
	body := shop.AtOnce(shop.Line(w.goods.SKU, 1))
	body["payment"] = payment
	bought := w.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", body, shop.Once(shop.NewKey()))
	order, _ := bought.Body.Get("order").(map[string]any)
	return order
}

// create makes something through the admin API and answers it.
func (w *world) create(path string, body any) shop.Object {
	w.t.Helper()
	return w.Must(http.StatusCreated, http.MethodPost, path, body, shop.Key(w.Owner)).Body
}

// admin reads as the owner.
func (w *world) admin(path string) shop.Answer {
	w.t.Helper()
	return w.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(w.Owner))
}

// name is one that nothing else in the world has.
func (w *world) name(kind string) string {
	*w.made++
	return fmt.Sprintf("%s-%d", kind, *w.made)
}

// send makes a request and inspects its answer.
func (w *world) send(method, path string, body any, headers ...shop.Header) shop.Answer {
	w.t.Helper()
	answer := w.Send(method, path, body, headers...)
	w.document.inspect(w.t, method+" "+brief(path), answer)
	return answer
}

// raw is send without a content type of its own, and with headers that may repeat each other.
func (w *world) raw(method, path string, body io.Reader, headers ...shop.Header) shop.Answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.URL+path, body)
	require.NoError(w.t, err)
	for _, h := range headers {
		req.Header.Add(h.Name, h.Value)
	}
	answer, err := w.Do(req)
	require.NoError(w.t, err)
	w.document.inspect(w.t, method+" "+brief(path), answer)
	return answer
}

// told is an answer in short: "404 not_found".
func told(a shop.Answer) string {
	if a.Status < http.StatusBadRequest {
		return fmt.Sprint(a.Status)
	}
	return fmt.Sprintf("%d %s", a.Status, a.Code())
}

// brief keeps a failure readable.
func brief(text string) string {
	const longest = 120
	return text[:min(len(text), longest)]
}

// listTables prepares to look at every table. The time at which a key was last used is not a state of the shop.
func (w *world) listTables() {
	w.t.Helper()
	const query = `SELECT string_agg(format('SELECT %1$L AS name, md5(coalesce(string_agg(r, E''\n'' ORDER BY r COLLATE "C"), '''')) AS hash FROM
		(SELECT %2$s::text AS r FROM %1$s t) rows', table_schema || '.' || table_name,
		CASE table_name WHEN 'api_keys' THEN '(to_jsonb(t) - ''last_used_at'')' ELSE 't' END), ' UNION ALL ')
		FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`
	require.NoError(w.t, w.Admin().Get(context.Background(), &w.tables, query))
}

// state is a hash of each table.
func (w *world) state() map[string]string {
	w.t.Helper()
	var rows []struct {
		Name string `db:"name"`
		Hash string `db:"hash"`
	}
	require.NoError(w.t, w.Admin().Select(context.Background(), &rows, w.tables))
	state := map[string]string{}
	for _, row := range rows {
		state[row.Name] = row.Hash
	}
	return state
}

// unchanged runs what may change no table. No event may be on its way.
func (w *world) unchanged(what string, run func()) {
	w.t.Helper()
	before := w.state()
	run()
	var changed []string
	for table, hash := range w.state() {
		if before[table] != hash {
			changed = append(changed, table)
		}
	}
	require.Empty(w.t, changed, "%s changed these tables", what)
}
