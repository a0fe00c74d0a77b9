package app

import (
	"context"
	"errors"
	"strings"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/storefront"
)

// subscription says who acts on an event. Acting must be idempotent: deliveries come at least once and in any order.
type subscription struct {
	event      string
	subscriber string
	// wants says whether it has to act at all.
	wants  func(outbox.Event) bool
	listen outbox.Listener
}

// actor is the module that acts, which a subscriber's name begins with.
func (s subscription) actor() string {
	module, _, _ := strings.Cut(s.subscriber, ".")
	return module
}

// subscriptions is the event map of the shop: an event of one module becomes a call on another.
func (m *modules) subscriptions() []subscription {
	return []subscription{
		on("inventory.confirm", m.confirmStock),
		onSome("cart.close", fromCart, m.closeCarts),
		onSome("payments.capture", paidNow, m.capturePayments),
		on("orders.apply_payment", m.applyPayments),
		on("checkout.advance", m.advanceCheckouts),
		on("inventory.register", m.registerSKUs),
		on("storefront.refresh_products", m.refreshProducts),
		on("storefront.refresh_prices", m.refreshPrices),
		on("storefront.refresh_availability", m.refreshAvailability),
		on("storefront.rebuild", m.rebuildStorefront),
	}
}

// on makes a subscription to events of type E; listen gets a whole batch.
func on[E outbox.Event](subscriber string, listen func(context.Context, []E) error) subscription {
	return onSome(subscriber, func(E) bool { return true }, listen)
}

// onSome makes a subscription to the events of type E that wants accepts. The others are not delivered; an earlier version
// may have sent them, and then they are passed over.
func onSome[E outbox.Event](subscriber string, wants func(E) bool, listen func(context.Context, []E) error) subscription {
	var event E
	return subscription{event: event.EventName(), subscriber: subscriber,
		wants: func(e outbox.Event) bool {
			typed, ok := e.(E)
			return !ok || wants(typed)
		},
		listen: func(ctx context.Context, batch []outbox.Delivery) error {
			events := make([]E, 0, len(batch))
			for _, delivery := range batch {
				decoded, err := outbox.Decode[E](delivery)
				if err != nil {
					return err
				}
				if wants(decoded) {
					events = append(events, decoded)
				}
			}
			if len(events) == 0 {
				return nil
			}
			return listen(ctx, events)
		}}
}

func fromCart(e orders.OrderPlaced) bool { return e.CartID != "" }

func paidNow(e orders.OrderPlaced) bool { return e.CapturePayment }

func (m *modules) confirmStock(ctx context.Context, events []orders.OrderPlaced) error {
	req := inventory.ConfirmRequest{References: each(events, func(e orders.OrderPlaced) string { return e.Reference })}
	answer, err := m.inventory.Confirm(ctx, req)
	if err != nil {
		return err
	}
	for _, reference := range answer.Expired {
		m.log.ErrorContext(ctx, "an order was placed whose hold on stock had ended", "reference", reference)
	}
	return nil
}

func (m *modules) closeCarts(ctx context.Context, events []orders.OrderPlaced) error {
	req := cart.CloseRequest{Carts: each(events, func(e orders.OrderPlaced) cart.ClosedCart {
		return cart.ClosedCart{Reference: e.Reference, CartID: e.CartID, OrderID: e.OrderID}
	})}
	_, err := m.cart.Close(ctx, req)
	return err
}

// captureKey names the one capture that placing an order causes, so that a repeated delivery repeats it.
const captureKey = "order_placed"

func (m *modules) capturePayments(ctx context.Context, events []orders.OrderPlaced) error {
	for _, e := range events {
		if err := m.capture(ctx, e.Reference); err != nil {
			return err
		}
	}
	return nil
}

// capture takes the money of an order that still stands. Nothing is left to do when staff were faster: they captured all
// of it, or gave it up.
func (m *modules) capture(ctx context.Context, reference string) error {
	placed, err := m.orders.ByReference(ctx, orders.ByReferenceRequest{Reference: reference})
	if err != nil || placed.Order.Status == orders.StatusCanceled {
		return err
	}
	_, err = m.payments.Capture(ctx, payments.CaptureRequest{Reference: reference, Key: captureKey})
	if errors.Is(err, payments.ErrIllegalTransition) || errors.Is(err, payments.ErrCaptureExceeds) {
		return nil
	}
	return err
}

func (m *modules) applyPayments(ctx context.Context, events []payments.AttemptChanged) error {
	standings := each(events, func(e payments.AttemptChanged) orders.PaymentStanding { return orders.PaymentStanding(e) })
	_, err := m.orders.ApplyPayment(ctx, orders.ApplyPaymentRequest{Payments: standings})
	return err
}

func (m *modules) advanceCheckouts(ctx context.Context, events []payments.AttemptChanged) error {
	req := checkout.AdvanceRequest{References: each(events, func(e payments.AttemptChanged) string { return e.Reference })}
	_, err := m.checkout.Advance(ctx, req)
	return err
}

func (m *modules) registerSKUs(ctx context.Context, events []catalog.ProductChanged) error {
	var req inventory.RegisterRequest
	for _, e := range events {
		for _, v := range e.Variants {
			req.Items = append(req.Items, inventory.RegisterItem{SKU: v.SKU, VariantID: v.ID})
		}
	}
	_, err := m.inventory.Register(ctx, req)
	return err
}

func (m *modules) refreshProducts(ctx context.Context, events []catalog.ProductChanged) error {
	req := storefront.RefreshProductsRequest{ProductIDs: each(events, func(e catalog.ProductChanged) string { return e.ProductID })}
	_, err := m.storefront.RefreshProducts(ctx, req)
	return err
}

func (m *modules) refreshPrices(ctx context.Context, events []pricing.PriceChanged) error {
	req := storefront.RefreshPricesRequest{VariantIDs: each(events, func(e pricing.PriceChanged) string { return e.VariantID })}
	_, err := m.storefront.RefreshPrices(ctx, req)
	return err
}

func (m *modules) refreshAvailability(ctx context.Context, events []inventory.AvailabilityChanged) error {
	req := storefront.RefreshAvailabilityRequest{SKUs: each(events, func(e inventory.AvailabilityChanged) string { return e.SKU })}
	_, err := m.storefront.RefreshAvailability(ctx, req)
	return err
}

func (m *modules) rebuildStorefront(ctx context.Context, _ []channels.ChannelChanged) error {
	_, err := m.storefront.Rebuild(ctx, storefront.RebuildRequest{})
	return err
}

func each[A, B any](in []A, turn func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = turn(a)
	}
	return out
}
