package app

import (
	"context"
	"log/slog"

	"github.com/go-chi/chi/v5"

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
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
	"github.com/rialto-commerce/rialto/internal/pricing/pricingmod"
	"github.com/rialto-commerce/rialto/internal/storefront/storefrontmod"
	"github.com/rialto-commerce/rialto/internal/tax/taxmod"
)

// modules are the built modules of the shop.
type modules struct {
	access       *accessmod.Module
	channels     *channelsmod.Module
	catalog      *catalogmod.Module
	pricing      *pricingmod.Module
	inventory    *inventorymod.Module
	tax          *taxmod.Module
	fulfillment  *fulfillmentmod.Module
	payments     *paymentsmod.Module
	cart         *cartmod.Module
	orders       *ordersmod.Module
	checkout     *checkoutmod.Module
	storefront   *storefrontmod.Module
	integrations *integrationsmod.Module
	log          *slog.Logger
	// announcing are the schemas with an outbox.
	announcing []string
}

// routed is a module with routes.
type routed interface{ Mount(r chi.Router) }

func (m *modules) routed() []routed {
	return []routed{m.access, m.channels, m.catalog, m.pricing, m.inventory, m.tax, m.fulfillment, m.payments, m.cart, m.orders, m.checkout, m.storefront, m.integrations}
}

// verified is a module with promises that its constraints cannot keep alone.
type verified interface {
	Verify(ctx context.Context) ([]invariant.Violation, error)
}

func (m *modules) verified() map[string]verified {
	return map[string]verified{
		"channels": m.channels, "catalog": m.catalog, "pricing": m.pricing, "inventory": m.inventory, "fulfillment": m.fulfillment,
		"payments": m.payments, "cart": m.cart, "orders": m.orders, "checkout": m.checkout, "integrations": m.integrations,
	}
}

// workers are the modules with background work of their own.
func (m *modules) workers() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"channels": m.channels.Run, "catalog": m.catalog.Run, "pricing": m.pricing.Run, "tax": m.tax.Run, "fulfillment": m.fulfillment.Run,
		"inventory": m.inventory.Run, "payments": m.payments.Run, "cart": m.cart.Run, "checkout": m.checkout.Run, "orders": m.orders.Run, "integrations": m.integrations.Run,
	}
}

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

func buildModules(cfg Config, databases *databases) (*modules, error) {
	secrets, err := cfg.secrets()
	if err != nil {
		return nil, err
	}
	provider, err := cfg.provider()
	if err != nil {
		return nil, err
	}
	m := &modules{log: cfg.Log}
	p := parts{provider: provider, databases: databases, keyring: tokens.NewKeyring(secrets...), cursors: pagination.NewCodec(secrets[0]),
		baseURL: cfg.publicURL(), fakePayments: cfg.FakePayments, events: map[string][]outbox.Subscriber{}}
	for _, s := range m.subscriptions() {
		p.events[s.event] = append(p.events[s.event], outbox.Subscriber{Name: s.subscriber, Wants: s.wants})
	}
	m.buildOwners(p)
	m.buildSelling(p)
	return m, nil
}

// buildOwners builds the modules that call no other.
func (m *modules) buildOwners(p parts) {
	m.access = accessmod.New(accessmod.Deps{DB: p.databases.of("access").requests, NewID: ids.New, Cursors: p.cursors})
	m.channels = channelsmod.New(channelsmod.Deps{DB: p.databases.of("channels").requests, Background: p.databases.of("channels").background,
		Outbox: m.outbox(p, "channels"), NewID: ids.New, Cursors: p.cursors})
	m.catalog = catalogmod.New(catalogmod.Deps{DB: p.databases.of("catalog").requests, Background: p.databases.of("catalog").background,
		Outbox: m.outbox(p, "catalog"), NewID: ids.New, Cursors: p.cursors})
	m.pricing = pricingmod.New(pricingmod.Deps{DB: p.databases.of("pricing").requests, Background: p.databases.of("pricing").background,
		Outbox: m.outbox(p, "pricing"), NewID: ids.New, Cursors: p.cursors})
	m.inventory = inventorymod.New(inventorymod.Deps{DB: p.databases.of("inventory").requests, Background: p.databases.of("inventory").background,
		Outbox: m.outbox(p, "inventory"), NewID: ids.New, Cursors: p.cursors, LazyCommit: p.withOrders("inventory")})
	m.tax = taxmod.New(taxmod.Deps{DB: p.databases.of("tax").requests, Background: p.databases.of("tax").background, NewID: ids.New, Cursors: p.cursors})
	m.fulfillment = fulfillmentmod.New(fulfillmentmod.Deps{DB: p.databases.of("fulfillment").requests, Background: p.databases.of("fulfillment").background,
		Outbox: m.outbox(p, "fulfillment"), NewID: ids.New, Cursors: p.cursors})
	m.payments = paymentsmod.New(paymentsmod.Deps{DB: p.databases.of("payments").requests, Outbox: m.outbox(p, "payments"), NewID: ids.New,
		Background: p.databases.of("payments").background, Cursors: p.cursors, LazyCommit: p.withOrders("payments"), OfferFake: p.fakePayments, Provider: p.provider})
}

// buildSelling builds the modules that call others, each after those it calls.
func (m *modules) buildSelling(p parts) {
	m.cart = cartmod.New(cartmod.Deps{DB: p.databases.of("cart").requests, Background: p.databases.of("cart").background, NewID: ids.New,
		Tokens: p.keyring, BaseURL: p.baseURL, LazyCommit: p.withOrders("cart"), Channels: m.channels.Service(), Catalog: m.catalog.Service(), Pricing: m.pricing.Service(),
		Tax: m.tax.Service(), Fulfillment: m.fulfillment.Service(), Inventory: m.inventory.Service(), Payments: m.payments.Service()})
	m.orders = ordersmod.New(ordersmod.Deps{DB: p.databases.of("orders").requests, Outbox: m.outbox(p, "orders"), Background: p.databases.of("orders").background, Now: failpoint.Now,
		NewID: ids.New, Cursors: p.cursors, Tokens: p.keyring, BaseURL: p.baseURL, Payments: m.payments.Service(), Inventory: m.inventory.Service(), Fulfillment: m.fulfillment.Service()})
	m.checkout = checkoutmod.New(checkoutmod.Deps{DB: p.databases.of("checkout").requests, Background: p.databases.of("checkout").background,
		Log: m.log, Cursors: p.cursors, NewID: ids.New, Tokens: p.keyring, Cart: m.cart.Service(), Inventory: m.inventory.Service(),
		Payments: m.payments.Service(), Orders: m.orders.Service(), LazyCommit: p.withOrders("checkout")})
	shelves := catalogmod.New(catalogmod.Deps{DB: p.databases.of("catalog").reads, NewID: ids.New, Cursors: p.cursors})
	sellers := channelsmod.New(channelsmod.Deps{DB: p.databases.of("channels").reads, NewID: ids.New, Cursors: p.cursors})
	m.storefront = storefrontmod.New(storefrontmod.Deps{DB: p.databases.of("storefront").background, Reads: p.databases.of("storefront").reads,
		Now: failpoint.Now, Shelves: shelves.Service(), Sellers: sellers.Service(), Cursors: p.cursors, Owners: storefrontmod.Owners{Catalog: m.catalog.Service(), Pricing: m.pricing.Service(),
			Inventory: m.inventory.Service(), Channels: m.channels.Service()}})
	m.integrations = integrationsmod.New(integrationsmod.Deps{DB: p.databases.of("integrations").requests,
		Background: p.databases.of("integrations").background, NewID: ids.New, Cursors: p.cursors, Catalog: m.catalog.Service(), Pricing: m.pricing.Service(),
		Inventory: m.inventory.Service(), Channels: m.channels.Service()})
}

// outbox makes the outbox of a module, whose schema relays then look into.
func (m *modules) outbox(p parts, module string) *outbox.Outbox {
	m.announcing = append(m.announcing, module)
	return outbox.New(module, p.events, ids.New)
}

// withOrders says whether a module's tables are in the database that orders are placed in. Only then may its commits
// before an order leave the waiting for the disk to the order's own.
func (p parts) withOrders(module string) bool {
	return p.databases.of(module) == p.databases.of("orders")
}
