package checkoutmod_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/carttest"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/checkoutmod"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorytest"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/paymentstest"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

const (
	cartToken = "the token of the cart"
	poolSize  = 2 // small, so that a call that holds a connection while it waits for another one hangs visibly

	crowdPoolSize = 12
)

// world is the module over real PostgreSQL, with the other modules in memory, seen over HTTP.
type world struct {
	t        *testing.T
	db       *testdb.Database
	module   *checkoutmod.Module
	server   http.Handler
	carts    *carttest.Fake
	stock    *inventorytest.Fake
	payments payments.Service
	orders   *fakeOrders
	tokens   *tokens.Keyring
	calls    *journal
	// ahead is how far the clocks of the other modules have been put forward.
	ahead *atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, testdb.New(t))
}

// again is a new world for the next of several stories, on the same database.
func (w *world) again(t *testing.T) *world {
	t.Helper()
	w.exec(`DELETE FROM checkout.attempts`)
	return newWorldOn(t, w.db)
}

// crowded is again with the connections that a crowd needs not to be refused for being one.
func (w *world) crowded(t *testing.T) *world {
	t.Helper()
	w.exec(`DELETE FROM checkout.attempts`)
	return newWorldWith(t, w.db, crowdPoolSize)
}

func newWorldOn(t *testing.T, db *testdb.Database) *world {
	t.Helper()
	return newWorldWith(t, db, poolSize)
}

func newWorldWith(t *testing.T, db *testdb.Database, poolSize int) *world {
	t.Helper()
	pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: db.ModuleDSN("checkout"), MaxOpen: poolSize})
	require.NoError(t, err)
	t.Cleanup(func() { _ = pool.Close() })

	keyring := tokens.NewKeyring([]byte("a secret for tests, 32 bytes long"))
	ahead := new(atomic.Int64)
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	w := &world{t: t, db: db, carts: carttest.NewFake(clock), stock: inventorytest.NewFake(clock),
		payments: paymentstest.NewFake(), tokens: keyring, calls: newJournal(), ahead: ahead}
	w.orders = &fakeOrders{tokens: keyring, placed: map[string]orders.Placed{}, closed: map[string]bool{}}
	w.module = w.process(pool)
	w.server = w.serve()
	return w
}

// process is the module as another process on the same database has it.
func (w *world) process(pool *sqldb.DB) *checkoutmod.Module {
	return checkoutmod.New(checkoutmod.Deps{DB: pool, Background: pool, NewID: ids.New, Tokens: w.tokens,
		Log: slog.New(slog.DiscardHandler), Cursors: pagination.NewCodec([]byte("a key of this test")),
		Cart: spiedCart{w.carts, w.calls}, Inventory: spiedStock{w.stock, w.calls},
		Payments: spiedPayments{w.payments, w.calls}, Orders: spiedOrders{w.orders, w.calls}})
}

// document is read once: checking its examples takes longer than a test.
var document = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Load(api.Document(), contract.Options{CheckResponses: true})
})

func (w *world) serve() http.Handler {
	strict, err := document()
	require.NoError(w.t, err)
	anybody := func(_ context.Context, r *http.Request) (identity.Identity, error) {
		if r.Header.Get("Authorization") == "" {
			return identity.Identity{}, nil
		}
		return identity.Identity{Kind: identity.APIKey, Scopes: []string{r.Header.Get("Authorization")}}, nil
	}
	router := chi.NewRouter()
	router.Use(pagination.Remember)
	w.module.Mount(router.With(strict.Middlewares(anybody)...))
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		router.ServeHTTP(rw, r.WithContext(inbound.With(r.Context(), ids.New())))
	})
}

// answer is what came back, with its body decoded.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) orderID() string {
	order, _ := a.body["order"].(map[string]any)
	id, _ := order["id"].(string)
	return id
}

func (w *world) send(ctx context.Context, method, path string, header map[string]string, body any) answer {
	w.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		require.NoError(w.t, json.NewEncoder(&sent).Encode(body))
	}
	r := httptest.NewRequest(method, path, &sent).WithContext(ctx)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	rw := httptest.NewRecorder()
	w.server.ServeHTTP(rw, r)
	got := answer{status: rw.Code, header: rw.Header(), raw: rw.Body.String()}
	if rw.Body.Len() > 0 {
		require.NoError(w.t, json.Unmarshal(rw.Body.Bytes(), &got.body), got.raw)
	}
	return got
}

func (w *world) post(key string, body map[string]any) answer {
	w.t.Helper()
	return w.send(w.t.Context(), http.MethodPost, "/store/v1/checkouts",
		map[string]string{"Idempotency-Key": key, "Cart-Token": cartToken}, body)
}

func (w *world) exec(query string) {
	w.t.Helper()
	_, err := w.db.Admin().Exec(w.t.Context(), query)
	require.NoError(w.t, err)
}

func (w *world) count(query string) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.db.Admin().Get(w.t.Context(), &n, query))
	return n
}

// putCart makes an open cart and the stock for it, and answers the id that shoppers know.
func (w *world) putCart(lines ...cart.SnapshotLine) (id, publicID string) {
	id = ids.New()
	w.carts.Put(snapshot(id, lines...), cartToken)
	return id, ids.Encode(cart.CartPrefix, id)
}

func (w *world) putStock(sku string, onHand int64) {
	w.t.Helper()
	_, err := w.stock.SetStock(w.t.Context(), inventory.SetStockRequest{
		Items: []inventory.StockItem{{SKU: sku, Mode: inventory.ModeTrack, OnHand: &onHand}}})
	require.NoError(w.t, err)
}

func (w *world) available(sku string) int64 {
	w.t.Helper()
	got, err := w.stock.Availability(w.t.Context(), inventory.AvailabilityRequest{SKUs: []string{sku}})
	require.NoError(w.t, err)
	return got.Statuses[0].Available
}

func (w *world) cartStatus(id string) string {
	w.t.Helper()
	state, err := w.carts.Check(w.t.Context(), cart.CheckRequest{CartID: id, Token: cartToken})
	require.NoError(w.t, err)
	return state.Status
}

// verify holds the module to its own promises.
func (w *world) verify() {
	w.t.Helper()
	found, err := w.module.Verify(w.t.Context())
	require.NoError(w.t, err)
	require.Empty(w.t, found)
}

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

func line(sku string, quantity int64) cart.SnapshotLine {
	total := eur(1000 * quantity)
	return cart.SnapshotLine{
		ID: ids.New(), VariantID: ids.New(), ProductID: ids.New(), ProductHandle: "tee", SKU: sku, Title: `Tee "<&>" ü`,
		Options: []cart.SelectedOption{{Name: "Size", Value: "M"}}, Quantity: quantity, UnitPrice: eur(1000),
		Subtotal: total, Discount: eur(0), Tax: eur(160 * quantity), Total: total,
		TaxLines: []cart.TaxLine{{Name: "VAT", Rate: "19", Amount: eur(160 * quantity)}},
		Metadata: map[string]string{"z": "1", "a": `"token":""`}, RequiresShipping: true,
	}
}

func snapshot(cartID string, lines ...cart.SnapshotLine) cart.Snapshot {
	s := cart.Snapshot{
		CartID: cartID, CartVersion: 3, Currency: "EUR", Locale: "en", TaxIncluded: true, Email: "ada@example.com",
		Channel: cart.SnapshotChannel{ID: ids.New(), Code: "web", DeadlineMinutes: 20, PaymentCapture: "automatic",
			Origins: []string{"https://shop.example"}},
		ShippingAddress: &cart.Address{FirstName: "Ada", Line1: "Lindenweg 4", City: "Jena", Country: "DE"},
		Lines:           lines, Metadata: map[string]string{},
		Totals: cart.Totals{Subtotal: eur(0), Discount: eur(0), Shipping: eur(0), Tax: eur(0), Total: eur(0)},
	}
	for _, l := range lines {
		s.Totals.Subtotal = must(s.Totals.Subtotal.Add(l.Subtotal))
		s.Totals.Tax = must(s.Totals.Tax.Add(l.Tax))
		s.Totals.Total = must(s.Totals.Total.Add(l.Total))
	}
	return s
}

func must(m money.Money, err error) money.Money {
	if err != nil {
		panic(err)
	}
	return m
}

// byCart asks for a cart to be paid by bank transfer; more is put over it.
func byCart(publicID string, more ...map[string]any) map[string]any {
	return with(map[string]any{"cart_id": publicID, "payment": map[string]any{"method": "manual"}}, more...)
}

// atOnce asks for one line without a cart.
func atOnce(sku string, quantity int, more ...map[string]any) map[string]any {
	return with(map[string]any{"lines": []any{map[string]any{"sku": sku, "quantity": quantity}}, "email": "ada@example.com",
		"payment": map[string]any{"method": "manual"}}, more...)
}

func byCard(token string) map[string]any {
	return map[string]any{"payment": map[string]any{"method": "fake", "token": token}}
}

func with(body map[string]any, more ...map[string]any) map[string]any {
	for _, m := range more {
		maps.Copy(body, m)
	}
	return body
}

// quotesLines answers quotes with one line per line asked for.
func (w *world) quotesLines() {
	w.carts.Quotes(func(req cart.QuoteRequest) (cart.Snapshot, error) {
		lines := make([]cart.SnapshotLine, len(req.Lines))
		for i, l := range req.Lines {
			lines[i] = line(l.SKU, l.Quantity)
		}
		s := snapshot("", lines...)
		s.Email = req.Email
		return s, nil
	})
}

func (w *world) checkoutToken(publicID string) string {
	w.t.Helper()
	id, ok := ids.Decode(checkout.CheckoutPrefix, publicID)
	require.True(w.t, ok)
	return w.tokens.Derive(checkout.TokenKind, id, 1)
}
