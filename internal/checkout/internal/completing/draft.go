package completing

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// draft is an attempt before it is written, and how long it may take.
type draft struct {
	attempt.Attempt
	life time.Duration
}

// draft is step 0: an attempt that nothing speaks against as far as reading tells. Nothing is written.
func (c *Checkouts) draft(ctx context.Context, req Request, state cart.State) (draft, error) {
	id := c.NewID()
	d := draft{Attempt: attempt.Attempt{
		ID: id, Reference: ids.Encode(checkout.CheckoutPrefix, id), Status: checkout.StatusStarted,
		CartID: req.CartID, Scope: req.Scope, Key: req.Key, RequestHash: req.Hash,
		Terms: req.Terms, PaymentToken: req.PaymentToken,
	}}
	wanted := attempt.OfCart(state.Demand)
	minutes := state.DeadlineMinutes
	if req.Quote == nil {
		if err := open(req, state); err != nil {
			return draft{}, err
		}
	} else {
		snapshot, err := c.quote(ctx, req, d.Attempt)
		if err != nil {
			return draft{}, err
		}
		d.Snapshot = &snapshot
		wanted, minutes = attempt.OfSnapshot(snapshot.Lines), snapshot.Channel.DeadlineMinutes
	}
	d.life = life(minutes)
	return d, c.inStock(ctx, d.Reference, wanted)
}

// quote prices the lines that were sent at once and compares what they come to with what was asked for.
func (c *Checkouts) quote(ctx context.Context, req Request, a attempt.Attempt) (cart.Snapshot, error) {
	snapshot, err := c.Carts.Quote(ctx, *req.Quote)
	if err != nil {
		return cart.Snapshot{}, fmt.Errorf("quote lines: %w", err)
	}
	return snapshot, c.agree(ctx, a, snapshot)
}

// open refuses a cart that Freeze would refuse as well, before anything is written.
func open(req Request, state cart.State) error {
	if state.Status != cart.StatusOpen && state.Status != cart.StatusCheckingOut {
		return cart.ErrNotOpen
	}
	if req.Terms.ExpectedVersion != 0 && req.Terms.ExpectedVersion != state.Version {
		return cart.ErrVersionMismatch
	}
	return nil
}

func (c *Checkouts) inStock(ctx context.Context, reference string, wanted attempt.Wanted) error {
	var req inventory.AvailabilityRequest
	for _, sum := range wanted.Sum() {
		req.SKUs = append(req.SKUs, sum.SKU)
	}
	if req.SKUs == nil {
		return nil
	}
	answer, err := c.Stock.Availability(ctx, req)
	if err != nil {
		return fmt.Errorf("ask for availability: %w", err)
	}
	if refusal := wanted.SoldOut(answer.Statuses); refusal != nil {
		return refusal.Member(memberCheckout, reference)
	}
	return nil
}

// agree compares the snapshot with what the shopper was shown and asked for.
func (c *Checkouts) agree(ctx context.Context, a attempt.Attempt, snapshot cart.Snapshot) error {
	if err := agreeTotal(a, snapshot); err != nil {
		return err
	}
	if a.Terms.ReturnURL != "" && !slices.Contains(snapshot.Channel.Origins, origin(a.Terms.ReturnURL)) {
		return checkout.ErrReturnURLNotAllowed.With(fault.Field{Pointer: "/return_url", Code: "invalid_value"})
	}
	return c.agreeMethod(ctx, a, snapshot)
}

func agreeTotal(a attempt.Attempt, snapshot cart.Snapshot) error {
	expected, total := a.Terms.ExpectedTotal, snapshot.Totals.Total
	switch {
	case expected == nil || *expected == total:
		return nil
	case expected.Currency() != total.Currency():
		return checkout.ErrCurrencyMismatch.With(fault.Field{Pointer: "/expected_total/currency", Code: checkout.ErrCurrencyMismatch.Code})
	default:
		return checkout.ErrPriceChanged.Member("totals", snapshot.Totals).Member(memberCheckout, a.Reference)
	}
}

func (c *Checkouts) agreeMethod(ctx context.Context, a attempt.Attempt, snapshot cart.Snapshot) error {
	place := payments.MethodsRequest{Currency: snapshot.Currency, Country: country(snapshot)}
	offered, err := c.offers.Get(ctx, place, otter.LoaderFunc[payments.MethodsRequest, []payments.Method](c.askOffers))
	if err != nil {
		return fmt.Errorf("ask for payment methods: %w", err)
	}
	at := slices.IndexFunc(offered, func(m payments.Method) bool { return m.Code == a.Terms.Method })
	if at < 0 {
		return checkout.ErrPaymentMethodRequired.With(fault.Field{Pointer: "/payment/method", Code: checkout.ErrPaymentMethodRequired.Code})
	}
	if offered[at].NeedsToken && a.PaymentToken == "" {
		return checkout.ErrInvalidRequest.Detailf("this payment method needs a token").
			With(fault.Field{Pointer: "/payment/token", Code: "required"})
	}
	return nil
}

func (c *Checkouts) askOffers(ctx context.Context, place payments.MethodsRequest) ([]payments.Method, error) {
	answer, err := c.Payments.Methods(ctx, place)
	return answer.Methods, err
}

func country(snapshot cart.Snapshot) string {
	for _, address := range []*cart.Address{snapshot.ShippingAddress, snapshot.BillingAddress} {
		if address != nil {
			return address.Country
		}
	}
	return ""
}

// origin is scheme and authority of a URL in the form RFC 6454 gives them, or "" for what is no web address.
func origin(raw string) string {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" || parsed.User != nil {
		return ""
	}
	host, scheme := strings.ToLower(parsed.Host), strings.ToLower(parsed.Scheme)
	host = strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
	return scheme + "://" + host
}

// life is how long an attempt may take by its channel's policy.
func life(minutes int) time.Duration {
	if minutes <= 0 {
		return attempt.DefaultDeadline
	}
	return time.Duration(minutes) * time.Minute
}
