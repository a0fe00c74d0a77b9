package split

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// probe is something that people do with a shop.
type probe struct {
	name string
	try  func(w world) (shop.Answer, error)
}

// world is a shop with something in it.
type world struct {
	*shop.House
	goods shop.Goods
	cart  shop.Cart
	// order was bought before anything went away.
	order shop.Answer
}

func newWorld(h *shop.House) world {
	w := world{House: h, goods: h.Sell("TEA", 1000, 1000)}
	h.Settle()
	w.cart = h.Fill(shop.Line("TEA", 1))
	return w
}

func staff(path string) func(world) (shop.Answer, error) {
	return func(w world) (shop.Answer, error) {
		return w.Try(http.MethodGet, "/admin/v1/"+path, nil, shop.Key(w.Owner))
	}
}

func (w world) probes() []probe {
	inCart := shop.CartToken(w.cart.Token)
	cart := "/store/v1/carts/" + w.cart.ID
	return []probe{
		{"listing products", func(w world) (shop.Answer, error) { return w.Try(http.MethodGet, "/store/v1/products", nil) }},
		{"a product's page", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodGet, "/store/v1/products/"+w.goods.Handle, nil)
		}},
		{"opening a cart", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodPost, "/store/v1/carts", shop.Object{"lines": []shop.Object{shop.Line("TEA", 1)}})
		}},
		{"reading a cart", func(w world) (shop.Answer, error) { return w.Try(http.MethodGet, cart, nil, inCart) }},
		{"changing a cart", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodPatch, cart, shop.Object{"note": shop.NewKey()}, inCart)
		}},
		{"shipping options", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodGet, cart+"/shipping-options", nil, inCart)
		}},
		{"payment methods", func(w world) (shop.Answer, error) { return w.Try(http.MethodGet, cart+"/payment-methods", nil, inCart) }},
		{"buying", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("TEA", 1)), shop.Once(shop.NewKey()))
		}},
		{"an order's page", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodGet, "/store/v1/orders/"+w.order.Body.Text("order.id"), nil, shop.OrderToken(w.order.Body.Text("order.token")))
		}},
		{"canceling an order", func(w world) (shop.Answer, error) {
			return w.Try(http.MethodPost, "/admin/v1/orders/"+w.order.Body.Text("order.id")+"/cancellation", shop.Object{}, shop.Key(w.Owner), shop.Once(w.order.Body.Text("order.id")))
		}},
		{"staff: orders", staff("orders")}, {"staff: checkouts", staff("checkouts")}, {"staff: products", staff("products")},
		{"staff: stock", staff("stock-levels")}, {"staff: payment reviews", staff("payment-reviews")}, {"staff: channels", staff("channels")},
		{"staff: shipping options", staff("shipping-options")}, {"staff: tax rates", staff("tax-rates")},
		{"staff: imports", staff("imports")}, {"staff: API keys", staff("api-keys")}, {"staff: events", staff("events/dead")},
	}
}

// failing are the probes that are answered 503. Nothing else may go wrong.
func (w world) failing(t *testing.T) []string {
	t.Helper()
	var failing []string
	for _, p := range w.probes() {
		began := time.Now()
		answer, err := p.try(w)
		require.NoError(t, err, p.name)
		require.Less(t, time.Since(began), 3*time.Second, p.name)
		if answer.Status >= http.StatusMultipleChoices {
			require.Equal(t, http.StatusServiceUnavailable, answer.Status, "%s: %s", p.name, answer.Raw)
			require.Equal(t, "unavailable", answer.Code(), p.name)
			require.NotEmpty(t, answer.Header.Get("Retry-After"), p.name)
			failing = append(failing, p.name)
		}
	}
	return failing
}

// documented reads what docs/operations.md says does not work without a module.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| ([^|]+) \\|")
	rows := map[string][]string{}
	for _, found := range row.FindAllStringSubmatch(string(text), -1) {
		rows[found[1]] = strings.Split(strings.TrimSpace(found[2]), "; ")
	}
	return rows
}

// TestOPS7AModuleThatIsAwayTakesOnlyItsOwnAlong takes each module away in turn, while all are in processes of their own.
func TestOPS7AModuleThatIsAwayTakesOnlyItsOwnAlong(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Apart: shop.Alone(app.Modules())})
	rows := documented(t)
	w := newWorld(h)
	for _, module := range app.Modules() {
		t.Run(module, func(t *testing.T) {
			seen := w
			seen.House = h.In(t)
			seen.order = seen.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("TEA", 1)), shop.Once(shop.NewKey()))
			seen.Settle()
			process := seen.Part(module).Replicas[0]

			process.Kill()
			assert.ElementsMatch(t, rows[module], seen.failing(t), "what docs/operations.md says fails without %s", module)

			process.Start()
			require.Eventually(t, func() bool { return len(seen.failing(t)) == 0 }, 20*time.Second, 50*time.Millisecond, "it comes back without anybody's help")
		})
	}
	require.Len(t, rows, len(app.Modules()))
}

// TestOPS7AModuleThatHangsIsLeftAlone stops the process in its tracks: connections stay open, and nobody answers.
func TestOPS7AModuleThatHangsIsLeftAlone(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Apart: [][]string{{"inventory"}}})
	w := newWorld(h)
	hung := h.Part("inventory").Replicas[0]
	buy := func() (answer shop.Answer, took time.Duration) {
		began := time.Now()
		answer, err := w.Try(http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("TEA", 1)), shop.Once(shop.NewKey()))
		require.NoError(t, err)
		return answer, time.Since(began)
	}
	hung.Pause()
	var together sync.WaitGroup
	for range 6 {
		together.Go(func() {
			answer, took := buy()
			assert.Equal(t, http.StatusServiceUnavailable, answer.Status, "%s", answer.Raw)
			assert.Less(t, took, 11*time.Second)
		})
	}
	together.Wait()

	w.Must(http.StatusOK, http.MethodGet, "/store/v1/products/"+w.goods.Handle, nil)
	refused := 0
	for range 10 {
		if answer, took := buy(); answer.Status == http.StatusServiceUnavailable && took < time.Second {
			refused++
		}
	}
	assert.GreaterOrEqual(t, refused, 8, "most hear at once that it is away")

	hung.Resume()
	require.Eventually(t, func() bool {
		answer, _ := buy()
		return answer.Status == http.StatusCreated
	}, 30*time.Second, 50*time.Millisecond)
	h.Quiesce(2 * time.Minute)
}
