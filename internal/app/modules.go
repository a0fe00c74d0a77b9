package app

import (
	"context"
	"log/slog"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rialto-commerce/rialto/internal/access/accessmod"
	"github.com/rialto-commerce/rialto/internal/cart/cartmod"
	"github.com/rialto-commerce/rialto/internal/catalog/catalogmod"
	"github.com/rialto-commerce/rialto/internal/channels/channelsmod"
	"github.com/rialto-commerce/rialto/internal/checkout/checkoutmod"
	"github.com/rialto-commerce/rialto/internal/fulfillment/fulfillmentmod"
	"github.com/rialto-commerce/rialto/internal/integrations/integrationsmod"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorymod"
	"github.com/rialto-commerce/rialto/internal/orders/ordersmod"
	"github.com/rialto-commerce/rialto/internal/payments/paymentsmod"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
	"github.com/rialto-commerce/rialto/internal/pricing/pricingmod"
	"github.com/rialto-commerce/rialto/internal/storefront/storefrontmod"
	"github.com/rialto-commerce/rialto/internal/tax/taxmod"
)

// modules are the modules of the shop: the front doors of all, and what this process has of them.
type modules struct {
	services
	here map[string]module
	log  *slog.Logger
	// announcing are the schemas with an outbox.
	announcing []string
}

// module is what every module of this process is; some are worker, verified or measured as well.
type module interface{ Mount(r chi.Router) }

// worker is a module with background work of its own.
type worker interface {
	Run(ctx context.Context) error
}

// verified is a module with promises that its constraints cannot keep alone.
type verified interface {
	Verify(ctx context.Context) ([]invariant.Violation, error)
}

// measured is a module with metrics of its own.
type measured interface{ Metrics() prometheus.Collector }

// parts are what modules are built from.
type parts struct {
	databases *databases
	events    map[string][]outbox.Subscriber
	keyring   *tokens.Keyring
	cursors   pagination.Codec
	baseURL   string
	// fakePayments offers a way to pay that takes no money.
	fakePayments bool
	provider     paymentsmod.Provider
}

func buildModules(cfg Config, databases *databases, callers func(module string) *remote.Caller) (*modules, error) {
	secrets, err := cfg.secrets()
	if err != nil {
		return nil, err
	}
	provider, err := cfg.provider()
	if err != nil {
		return nil, err
	}
	m := &modules{services: elsewhere(callers), here: map[string]module{}, log: cfg.Log}
	p := parts{provider: provider, databases: databases, keyring: tokens.NewKeyring(secrets...), cursors: pagination.NewCodec(secrets[0]),
		baseURL: cfg.publicURL(), fakePayments: cfg.FakePayments, events: map[string][]outbox.Subscriber{}}
	for _, s := range m.subscriptions() {
		p.events[s.event] = append(p.events[s.event], outbox.Subscriber{Name: s.subscriber, Wants: s.wants})
	}
	for _, b := range m.builders() {
		if cfg.has(b.module) {
			m.here[b.module] = b.build(p)
		}
	}
	return m, nil
}

// builder builds a module in this process, and puts its front door in the place of one elsewhere.
type builder struct {
	module string
	build  func(parts) module
}

// builders has each module after those that it calls.
func (m *modules) builders() []builder {
	return []builder{
		{"access", m.buildAccess}, {"channels", m.buildChannels}, {"catalog", m.buildCatalog}, {"pricing", m.buildPricing},
		{"inventory", m.buildInventory}, {"tax", m.buildTax}, {"fulfillment", m.buildFulfillment}, {"payments", m.buildPayments},
		{"cart", m.buildCart}, {"orders", m.buildOrders}, {"checkout", m.buildCheckout}, {"storefront", m.buildStorefront},
		{"integrations", m.buildIntegrations},
	}
}

func (m *modules) buildAccess(p parts) module {
	built := accessmod.New(accessmod.Deps{DB: p.databases.of("access").requests, NewID: ids.New, Cursors: p.cursors})
	m.access = built.Service()
	return built
}

func (m *modules) buildChannels(p parts) module {
	db := p.databases.of("channels")
	built := channelsmod.New(channelsmod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "channels"), NewID: ids.New, Cursors: p.cursors})
	m.channels = built.Service()
	return built
}

func (m *modules) buildCatalog(p parts) module {
	db := p.databases.of("catalog")
	built := catalogmod.New(catalogmod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "catalog"), NewID: ids.New, Cursors: p.cursors})
	m.catalog = built.Service()
	return built
}

func (m *modules) buildPricing(p parts) module {
	db := p.databases.of("pricing")
	built := pricingmod.New(pricingmod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "pricing"), NewID: ids.New, Cursors: p.cursors})
	m.pricing = built.Service()
	return built
}

func (m *modules) buildInventory(p parts) module {
	db := p.databases.of("inventory")
	built := inventorymod.New(inventorymod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "inventory"), NewID: ids.New,
		Cursors: p.cursors, LazyCommit: p.withOrders("inventory")})
	m.inventory = built.Service()
	return built
}

func (m *modules) buildTax(p parts) module {
	db := p.databases.of("tax")
	built := taxmod.New(taxmod.Deps{DB: db.requests, Background: db.background, NewID: ids.New, Cursors: p.cursors})
	m.tax = built.Service()
	return built
}

func (m *modules) buildFulfillment(p parts) module {
	db := p.databases.of("fulfillment")
	built := fulfillmentmod.New(fulfillmentmod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "fulfillment"), NewID: ids.New, Cursors: p.cursors})
	m.fulfillment = built.Service()
	return built
}

func (m *modules) buildPayments(p parts) module {
	db := p.databases.of("payments")
	built := paymentsmod.New(paymentsmod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "payments"), NewID: ids.New,
		Cursors: p.cursors, LazyCommit: p.withOrders("payments"), OfferFake: p.fakePayments, Provider: p.provider})
	m.payments = built.Service()
	return built
}

func (m *modules) buildCart(p parts) module {
	db := p.databases.of("cart")
	built := cartmod.New(cartmod.Deps{DB: db.requests, Background: db.background, NewID: ids.New, Tokens: p.keyring, BaseURL: p.baseURL,
		LazyCommit: p.withOrders("cart"), Channels: m.channels, Catalog: m.catalog, Pricing: m.pricing, Tax: m.tax, Fulfillment: m.fulfillment,
		Inventory: m.inventory, Payments: m.payments})
	m.cart = built.Service()
	return built
}

func (m *modules) buildOrders(p parts) module {
	db := p.databases.of("orders")
	built := ordersmod.New(ordersmod.Deps{DB: db.requests, Background: db.background, Outbox: m.outbox(p, "orders"), Now: failpoint.Now, NewID: ids.New,
		Cursors: p.cursors, Tokens: p.keyring, BaseURL: p.baseURL, Payments: m.payments, Inventory: m.inventory, Fulfillment: m.fulfillment})
	m.orders = built.Service()
	return built
}

func (m *modules) buildCheckout(p parts) module {
	db := p.databases.of("checkout")
	built := checkoutmod.New(checkoutmod.Deps{DB: db.requests, Background: db.background, Log: m.log, Cursors: p.cursors, NewID: ids.New,
		Tokens: p.keyring, Cart: m.cart, Inventory: m.inventory, Payments: m.payments, Orders: m.orders, LazyCommit: p.withOrders("checkout")})
	m.checkout = built.Service()
	return built
}

// buildStorefront has shoppers' pages read from the pool for reads where their owners are in this process, too.
func (m *modules) buildStorefront(p parts) module {
	db := p.databases.of("storefront")
	shelves, sellers := m.catalog, m.channels
	if m.here["catalog"] != nil {
		shelves = catalogmod.New(catalogmod.Deps{DB: p.databases.of("catalog").reads, NewID: ids.New, Cursors: p.cursors}).Service()
	}
	if m.here["channels"] != nil {
		sellers = channelsmod.New(channelsmod.Deps{DB: p.databases.of("channels").reads, NewID: ids.New, Cursors: p.cursors}).Service()
	}
	built := storefrontmod.New(storefrontmod.Deps{DB: db.background, Reads: db.reads, Now: failpoint.Now, Shelves: shelves, Sellers: sellers, Cursors: p.cursors,
		Owners: storefrontmod.Owners{Catalog: m.catalog, Pricing: m.pricing, Inventory: m.inventory, Channels: m.channels}})
	m.storefront = built.Service()
	return built
}

func (m *modules) buildIntegrations(p parts) module {
	db := p.databases.of("integrations")
	return integrationsmod.New(integrationsmod.Deps{DB: db.requests, Background: db.background, NewID: ids.New, Cursors: p.cursors,
		Catalog: m.catalog, Pricing: m.pricing, Inventory: m.inventory, Channels: m.channels})
}

// outbox makes the outbox of a module, whose schema relays then look into.
func (m *modules) outbox(p parts, module string) *outbox.Outbox {
	m.announcing = append(m.announcing, module)
	return outbox.New(module, p.events, ids.New)
}

// withOrders says whether a module's tables are in the database that this process places orders in. Only then may its commits
// before an order leave the waiting for the disk to the order's own.
func (p parts) withOrders(module string) bool {
	return p.databases.cfg.has("orders") && p.databases.of(module) == p.databases.of("orders")
}
