package checkoutmod_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// journal notes the calls on other modules, and lets a test happen before or after them: crash, fail, wait.
type journal struct {
	mu     sync.Mutex
	names  []string
	before map[string]func(ctx context.Context) error
	after  map[string]func(ctx context.Context) error
	// standing is where payments say that every payment stands, whatever is true; empty for the truth.
	standing string
}

func newJournal() *journal {
	j := &journal{}
	j.calm()
	return j
}

// calm takes all interference away.
func (j *journal) calm() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.before, j.after = map[string]func(context.Context) error{}, map[string]func(context.Context) error{}
}

func (j *journal) on(when map[string]func(context.Context) error, name string, do func(context.Context) error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	when[name] = do
}

// answer makes payments say that every payment has this status; empty for the truth.
func (j *journal) answer(status string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.standing = status
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.names = nil
}

// writes are the calls that may leave something behind, in their order.
func (j *journal) writes() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(j.names), func(name string) bool {
		return slices.Contains([]string{"check", "quote", "availability", "methods", "by_reference", "attempt"}, name)
	})
}

func spy[A any](ctx context.Context, j *journal, name string, call func() (A, error)) (answer A, err error) {
	j.mu.Lock()
	j.names = append(j.names, name)
	before, after := j.before[name], j.after[name]
	j.mu.Unlock()
	if before != nil {
		if err := before(ctx); err != nil {
			return answer, err
		}
	}
	if err := ctx.Err(); err != nil {
		return answer, err
	}
	answer, err = call()
	if after != nil && err == nil {
		if err := after(ctx); err != nil {
			return answer, err
		}
	}
	return answer, err
}

type spiedCart struct {
	cart.Service
	j *journal
}

func (s spiedCart) Check(ctx context.Context, req cart.CheckRequest) (cart.State, error) {
	return spy(ctx, s.j, "check", func() (cart.State, error) { return s.Service.Check(ctx, req) })
}

func (s spiedCart) Quote(ctx context.Context, req cart.QuoteRequest) (cart.Snapshot, error) {
	return spy(ctx, s.j, "quote", func() (cart.Snapshot, error) { return s.Service.Quote(ctx, req) })
}

func (s spiedCart) Freeze(ctx context.Context, req cart.FreezeRequest) (cart.Snapshot, error) {
	return spy(ctx, s.j, "freeze", func() (cart.Snapshot, error) { return s.Service.Freeze(ctx, req) })
}

func (s spiedCart) Thaw(ctx context.Context, req cart.ThawRequest) (cart.ThawAnswer, error) {
	return spy(ctx, s.j, "thaw", func() (cart.ThawAnswer, error) { return s.Service.Thaw(ctx, req) })
}

type spiedStock struct {
	inventory.Service
	j *journal
}

func (s spiedStock) Availability(ctx context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	return spy(ctx, s.j, "availability", func() (inventory.AvailabilityAnswer, error) { return s.Service.Availability(ctx, req) })
}

func (s spiedStock) Reserve(ctx context.Context, req inventory.ReserveRequest) (inventory.ReserveAnswer, error) {
	return spy(ctx, s.j, "reserve", func() (inventory.ReserveAnswer, error) { return s.Service.Reserve(ctx, req) })
}

func (s spiedStock) Release(ctx context.Context, req inventory.ReleaseRequest) (inventory.ReleaseAnswer, error) {
	return spy(ctx, s.j, "release", func() (inventory.ReleaseAnswer, error) { return s.Service.Release(ctx, req) })
}

func (s spiedStock) Extend(ctx context.Context, req inventory.ExtendRequest) (inventory.ExtendAnswer, error) {
	return spy(ctx, s.j, "extend", func() (inventory.ExtendAnswer, error) { return s.Service.Extend(ctx, req) })
}

type spiedPayments struct {
	payments.Service
	j *journal
}

func (s spiedPayments) Methods(ctx context.Context, req payments.MethodsRequest) (payments.MethodsAnswer, error) {
	return spy(ctx, s.j, "methods", func() (payments.MethodsAnswer, error) { return s.Service.Methods(ctx, req) })
}

func (s spiedPayments) Authorize(ctx context.Context, req payments.AuthorizeRequest) (payments.Attempt, error) {
	return spy(ctx, s.j, "authorize", func() (payments.Attempt, error) {
		a, err := s.Service.Authorize(ctx, req)
		return s.j.told(a), err
	})
}

func (s spiedPayments) Attempt(ctx context.Context, req payments.AttemptRequest) (payments.Attempt, error) {
	return spy(ctx, s.j, "attempt", func() (payments.Attempt, error) {
		a, err := s.Service.Attempt(ctx, req)
		return s.j.told(a), err
	})
}

// told is an attempt as the test wants it told.
func (j *journal) told(a payments.Attempt) payments.Attempt {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.standing != "" {
		a.Status = j.standing
		a.DeclineCode = "do_not_honor"
	}
	if a.Status == payments.StatusActionRequired {
		a.Action = &payments.Action{Type: payments.ActionRedirect, URL: "https://pay.example/41", ExpiresAt: time.Now().Add(5 * time.Minute)}
	}
	return a
}

func (s spiedPayments) Void(ctx context.Context, req payments.VoidRequest) (payments.Attempt, error) {
	return spy(ctx, s.j, "void", func() (payments.Attempt, error) { return s.Service.Void(ctx, req) })
}

type spiedOrders struct {
	*fakeOrders
	j *journal
}

func (s spiedOrders) Place(ctx context.Context, req orders.PlaceRequest) (orders.Placed, error) {
	return spy(ctx, s.j, "place", func() (orders.Placed, error) { return s.fakeOrders.Place(ctx, req) })
}

func (s spiedOrders) Close(ctx context.Context, req orders.CloseRequest) (orders.CloseAnswer, error) {
	return spy(ctx, s.j, "close", func() (orders.CloseAnswer, error) { return s.fakeOrders.Close(ctx, req) })
}

func (s spiedOrders) ByReference(ctx context.Context, req orders.ByReferenceRequest) (orders.Placed, error) {
	return spy(ctx, s.j, "by_reference", func() (orders.Placed, error) { return s.fakeOrders.ByReference(ctx, req) })
}

// fakeOrders keeps the promises of Place and Close: one order per reference or none, the same answer again.
type fakeOrders struct {
	orders.Service
	tokens   *tokens.Keyring
	mu       sync.Mutex
	placed   map[string]orders.Placed
	closed   map[string]bool
	requests []orders.PlaceRequest
}

func (f *fakeOrders) Place(_ context.Context, req orders.PlaceRequest) (orders.Placed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, req)
	if known, ok := f.placed[req.Reference]; ok {
		return known, nil
	}
	if f.closed[req.Reference] {
		return orders.Placed{}, orders.ErrReferenceClosed
	}
	id := ids.New()
	placed := orders.Placed{OrderID: id, Order: f.view(id, len(f.placed), req)}
	f.placed[req.Reference] = placed
	return placed, nil
}

func (f *fakeOrders) Close(_ context.Context, req orders.CloseRequest) (orders.CloseAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, ok := f.placed[req.Reference]; ok {
		return orders.CloseAnswer{Placed: &known}, nil
	}
	f.closed[req.Reference] = true
	return orders.CloseAnswer{}, nil
}

func (f *fakeOrders) ByReference(_ context.Context, req orders.ByReferenceRequest) (orders.Placed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	placed, ok := f.placed[req.Reference]
	if !ok {
		return orders.Placed{}, orders.ErrNotFound
	}
	return placed, nil
}

// pay moves every order on, as captures in the background do.
func (f *fakeOrders) pay() {
	f.change(func(order *orders.View) {
		order.PaymentStatus, order.Payment.Captured = orders.PaymentPaid, order.Payment.Authorized
	})
}

// end does to every order whatever can be done to it.
func (f *fakeOrders) end() {
	f.change(func(order *orders.View) {
		now := time.Now()
		order.Status, order.PaymentStatus, order.FulfillmentStatus = orders.StatusCanceled, orders.PaymentRefunded, orders.PartiallyFulfilled
		order.CanceledAt, order.Payment = &now, orders.ViewPayment{Method: "other", Authorized: eur(1), Captured: eur(2), Refunded: eur(3)}
		for i := range order.Lines {
			order.Lines[i].Quantity.Current, order.Lines[i].Quantity.Fulfilled = 0, 1
		}
	})
}

func (f *fakeOrders) change(change func(*orders.View)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for reference, placed := range f.placed {
		placed.Order.Lines = slices.Clone(placed.Order.Lines)
		change(&placed.Order)
		f.placed[reference] = placed
	}
}

func (f *fakeOrders) view(id string, number int, req orders.PlaceRequest) orders.View {
	view := orders.View{
		ID: ids.Encode(orders.OrderPrefix, id), Number: strconv.Itoa(1001 + number), Status: orders.StatusPlaced,
		PaymentStatus: orders.PaymentAuthorized, FulfillmentStatus: orders.Unfulfilled, Channel: req.ChannelCode,
		Currency: req.Currency, Locale: req.Locale, Email: req.Email, Totals: req.Totals, TaxIncluded: req.TaxIncluded,
		Addresses: orders.ViewAddresses{Shipping: req.ShippingAddress, Billing: req.BillingAddress},
		Note:      req.Note, Metadata: req.Metadata, PlacedAt: time.Date(2026, 11, 2, 9, 30, 0, 123456789, time.UTC),
		Token: f.tokens.Derive(orders.TokenKind, id, 1), PermalinkURL: "http://shop.example/orders/" + id,
	}
	view.Payment = orders.ViewPayment{Method: req.Payment.Method, Authorized: req.Payment.Authorized, Captured: eur(0), Refunded: eur(0)}
	for _, l := range req.Lines {
		view.Lines = append(view.Lines, orders.ViewLine{
			ID: ids.Encode(orders.LinePrefix, ids.New()), VariantID: ids.Encode("var", l.VariantID),
			ProductID: ids.Encode("prod", l.ProductID), ProductHandle: l.ProductHandle, SKU: l.SKU, Title: l.Title,
			Options: l.Options, Quantity: orders.ViewQuantity{Ordered: l.Quantity, Current: l.Quantity},
			UnitPrice: l.UnitPrice, Subtotal: l.Subtotal, Discount: l.Discount, Tax: l.Tax, Total: l.Total,
			Adjustments: []orders.Adjustment{}, TaxLines: l.TaxLines, RequiresShipping: l.RequiresShipping, Metadata: l.Metadata})
	}
	return view
}
