package cartmod_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/cartmod"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// rules reads the document once: it is large.
var rules = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Load(api.Document(), contract.Options{CheckResponses: true})
})

// shop is the module on a database of its own, with its routes behind the contract, among fakes of the other modules.
type shop struct {
	*owners
	t      *testing.T
	db     *testdb.Database
	module *cartmod.Module
	router http.Handler
	tokens *tokens.Keyring
	deps   cartmod.Deps
	// ctx is that of all requests; nil is the test's.
	ctx context.Context
}

func newShop(t *testing.T, with ...func(*cartmod.Deps)) *shop {
	t.Helper()
	s := &shop{owners: newOwners(), t: t, db: testdb.New(t), tokens: tokens.NewKeyring([]byte("a secret of these tests"))}
	pool := s.db.Module("cart")
	deps := cartmod.Deps{DB: pool, Background: pool, NewID: ids.New, Tokens: s.tokens,
		BaseURL: "https://shop.example/", Channels: fakeChannels{owners: s.owners}, Catalog: fakeCatalog{owners: s.owners},
		Pricing: fakePricing{owners: s.owners}, Tax: fakeTax{owners: s.owners}, Fulfillment: fakeFulfillment{owners: s.owners},
		Inventory: fakeInventory{owners: s.owners}, Payments: fakePayments{owners: s.owners}}
	for _, adapt := range with {
		adapt(&deps)
	}
	s.deps = deps
	s.build()
	t.Cleanup(func() { s.verify(t) })
	return s
}

// another is the same shop in another process.
func (s *shop) another() *shop {
	other := *s
	other.build()
	return &other
}

func (s *shop) build() {
	s.t.Helper()
	s.module = cartmod.New(s.deps)
	rules, err := rules()
	require.NoError(s.t, err)
	router := chi.NewRouter()
	s.module.Mount(router.With(rules.Middlewares(func(context.Context, *http.Request) (identity.Identity, error) {
		return identity.Identity{}, nil
	})...))
	s.router = router
}

func newOwners() *owners {
	o := &owners{
		channel: channels.Channel{ID: ids.New(), Code: "web", Currencies: []string{"EUR", "USD"}, DefaultCurrency: "EUR",
			Locales: []string{"en", "de"}, DefaultLocale: "en", Countries: []string{"DE", "FR", "AT"}, TaxIncluded: true,
			CheckoutDeadlineMinutes: 30, PaymentCapture: channels.CaptureAutomatic, Origins: []string{"https://shop.example"},
			PublishableKey: "pk_web"},
		variants: map[string]catalog.SellableVariant{}, prices: map[string]pricing.Price{},
		rates:   map[string]string{"DEstandard": "19", "DEreduced": "7", "FRstandard": "20", "DEshipping": "19"},
		shipped: map[string]bool{"DE": true},
		options: []option{
			{Option: fulfillment.Option{ID: ids.New(), Code: "express", Name: "Express", Price: euros(990), MinDays: 1, MaxDays: 1, TaxClass: "shipping"}, countries: []string{"DE"}},
			{Option: fulfillment.Option{ID: ids.New(), Code: "standard", Name: "Standard", Price: euros(490), MinDays: 2, MaxDays: 4, TaxClass: "shipping"}, countries: []string{"DE", "AT"}},
			{Option: fulfillment.Option{ID: ids.New(), Code: "world", Name: "World", Price: euros(2990), TaxClass: "shipping"}},
		},
		stock: map[string]inventory.StockStatus{}, calls: map[string]int{},
	}
	o.sells("TEE-M", 1999)
	o.sells("MUG", 1000)
	o.variants["MUG"] = withThumbnail(o.variants["MUG"])
	o.stock["MUG"] = inventory.StockStatus{SKU: "MUG", Mode: inventory.ModeNone, Availability: inventory.InStock}
	return o
}

// sells adds a variant at a price in euros, of which there are 10.
func (o *owners) sells(sku string, cents int64) {
	id := ids.New()
	o.variants[sku] = catalog.SellableVariant{VariantID: id, ProductID: ids.New(), ProductHandle: strings.ToLower(sku),
		SKU: sku, Title: "Plain " + sku, VariantTitle: "Red", Options: []catalog.SelectedOption{{Name: "Color", Value: "Red"}},
		RequiresShipping: true, Taxable: true, TaxClass: "standard", Active: true}
	o.prices[id+"EUR"] = pricing.Price{ID: ids.New(), VariantID: id, Amount: euros(cents)}
	o.stock[sku] = inventory.StockStatus{SKU: sku, Mode: inventory.ModeTrack, Available: 10, Availability: inventory.InStock}
}

func withThumbnail(v catalog.SellableVariant) catalog.SellableVariant {
	v.Thumbnail, v.VariantTitle = &catalog.Media{URL: "/media/mug.svg", Alt: "A mug"}, ""
	return v
}

func (s *shop) variantID(sku string) string { return s.read("test").variants[sku].VariantID }

func (s *shop) publicID(sku string) string {
	return ids.Encode(catalog.VariantPrefix, s.variantID(sku))
}

func (s *shop) optionID(code string) string {
	for _, o := range s.read("test").options {
		if o.Code == code {
			return ids.Encode(fulfillment.OptionPrefix, o.ID)
		}
	}
	s.t.Fatalf("no option %s", code)
	return ""
}

// verify runs the module's own invariants.
func (s *shop) verify(t *testing.T) {
	found, err := s.module.Verify(context.WithoutCancel(t.Context()))
	assert.NoError(t, err)
	assert.Empty(t, found)
}

// basket is a cart over HTTP: as it was last answered, and the token it was given.
type basket struct {
	shop  *shop
	token string
	cartJSON
}

type cartJSON struct {
	ID, Token, Status, Channel, Currency, Locale, Country, Email, Note string
	Version                                                            int
	Lines                                                              []lineJSON
	ShippingAddress                                                    cart.Address      `json:"shipping_address"`
	BillingAddress                                                     cart.Address      `json:"billing_address"`
	ShippingOption                                                     map[string]any    `json:"shipping_option"`
	Metadata                                                           map[string]string `json:"metadata"`
	Totals                                                             cart.Totals
	TotalsFinal                                                        bool `json:"totals_final"`
	TaxIncluded                                                        bool `json:"tax_included"`
	Messages                                                           []struct{ Type, Code, Severity, Path string }
	CheckoutURL                                                        string    `json:"checkout_url"`
	ExpiresAt                                                          time.Time `json:"expires_at"`
	OrderID                                                            string    `json:"order_id"`
}

type lineJSON struct {
	ID, SKU, Title, Availability string
	Quantity                     int64
	UnitPrice                    money.Money `json:"unit_price"`
	Subtotal, Tax, Total         money.Money
	TaxLines                     []cart.TaxLine    `json:"tax_lines"`
	Metadata                     map[string]string `json:"metadata"`
}

// open makes a cart with lines: the JSON of a body, or nothing.
func (s *shop) open(body string) *basket {
	s.t.Helper()
	answer := s.do(http.MethodPost, "/store/v1/carts", body)
	require.Equal(s.t, http.StatusCreated, answer.status, answer.body)
	b := &basket{shop: s}
	answer.into(s.t, &b.cartJSON)
	b.token = b.Token
	return b
}

// do sends a request with a body that changes the cart, expects the status, and remembers the cart that is answered.
func (b *basket) do(method, path, body string, header ...string) answer {
	b.shop.t.Helper()
	answer := b.shop.do(method, "/store/v1/carts/"+b.ID+path, body, append([]string{"Cart-Token", b.token}, header...)...)
	if answer.status == http.StatusOK && strings.Contains(answer.body, `"totals_final"`) {
		b.cartJSON = cartJSON{}
		answer.into(b.shop.t, &b.cartJSON)
	}
	return answer
}

// must is do for what has to succeed.
func (b *basket) must(method, path, body string) *basket {
	b.shop.t.Helper()
	answer := b.do(method, path, body)
	require.Equal(b.shop.t, http.StatusOK, answer.status, answer.body)
	return b
}

func (b *basket) uuid() string {
	id, ok := ids.Decode(cart.CartPrefix, b.ID)
	require.True(b.shop.t, ok)
	return id
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   string
}

type problemJSON struct {
	Code   string
	Errors []struct{ Pointer, Code string }
}

func (s *shop) do(method, path, body string, header ...string) answer {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	ctx := s.ctx
	if ctx == nil {
		ctx = s.t.Context()
	}
	request := httptest.NewRequestWithContext(ctx, method, path, reader)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	s.router.ServeHTTP(recorder, request)
	return answer{status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
}

func (a answer) into(t *testing.T, dest any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), dest), a.body)
}

// refuses asserts that the answer is a problem of this status and code, and returns the pointers it names.
func (a answer) refuses(t *testing.T, status int, code string) []string {
	t.Helper()
	var p problemJSON
	a.into(t, &p)
	assert.Equal(t, status, a.status, a.body)
	assert.Equal(t, code, p.Code, a.body)
	pointers := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		pointers[i] = e.Pointer
	}
	return pointers
}

func euros(minor int64) money.Money { return money.MustNew(minor, "EUR") }

const (
	oneTee  = `{"lines": [{"sku": "TEE-M", "quantity": 1}]}`
	address = `{"first_name": "Ada", "last_name": "Byron", "line1": "Lindenweg 4", "city": "Jena", "postal_code": "07743", "country": "DE"}`
)
