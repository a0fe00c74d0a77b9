// Package placing makes the order of a checkout, once, and keeps what it knows of the payment up to date.
package placing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

// Store keeps orders.
type Store interface {
	// Insert writes an order with its lines and its event, all or nothing, and answers it with its number. When the
	// reference is decided already, by an order or by Close, it answers false. Errors: orders.ErrCartTaken.
	Insert(ctx context.Context, o order.Order, captureNow bool) (order.Order, bool, error)
	// Close decides that a reference gets no order, unless it is decided already.
	Close(ctx context.Context, reference string) error
	// ByReference answers the order of a checkout. Errors: orders.ErrNotFound.
	ByReference(ctx context.Context, reference string) (order.Order, error)
	// ChangeByReference locks the orders of references, changes each, saves and announces those that changed. References
	// without an order are passed over.
	ChangeByReference(ctx context.Context, references []string, change func(order.State) (order.State, error)) error
}

// Presenter shows an order as the store API does.
type Presenter interface {
	View(o order.Order) orders.View
}

// Placing implements orders.Service.
type Placing struct {
	store     Store
	presenter Presenter
	newID     func() string
}

// New returns the service.
func New(store Store, presenter Presenter, newID func() string) *Placing {
	return &Placing{store: store, presenter: presenter, newID: newID}
}

// Place implements orders.Service. Of several that place one reference at once, those that lose read what the winner wrote.
func (p *Placing) Place(ctx context.Context, req orders.PlaceRequest) (orders.Placed, error) {
	if err := order.Check(req); err != nil {
		return orders.Placed{}, fmt.Errorf("place order of %s: %w", req.Reference, err)
	}
	if err := failpoint.Hit(ctx, "orders.placing"); err != nil {
		return orders.Placed{}, err
	}
	placed, inserted, err := p.store.Insert(ctx, order.New(p.newID, req), req.Payment.CaptureNow)
	if err == nil && !inserted {
		placed, err = p.decided(ctx, req.Reference)
	}
	if err != nil {
		return orders.Placed{}, fmt.Errorf("place order of %s: %w", req.Reference, err)
	}
	return p.answer(placed), nil
}

// decided is the order of a reference that was decided before. Without one it was closed.
func (p *Placing) decided(ctx context.Context, reference string) (order.Order, error) {
	found, err := p.store.ByReference(ctx, reference)
	if errors.Is(err, orders.ErrNotFound) {
		return found, orders.ErrReferenceClosed
	}
	return found, err
}

// Close implements orders.Service. Who loses against a Place reads what that wrote.
func (p *Placing) Close(ctx context.Context, req orders.CloseRequest) (orders.CloseAnswer, error) {
	if err := p.store.Close(ctx, req.Reference); err != nil {
		return orders.CloseAnswer{}, fmt.Errorf("close %s: %w", req.Reference, err)
	}
	placed, err := p.ByReference(ctx, orders.ByReferenceRequest(req))
	if errors.Is(err, orders.ErrNotFound) {
		return orders.CloseAnswer{}, nil
	}
	if err != nil {
		return orders.CloseAnswer{}, err
	}
	return orders.CloseAnswer{Placed: &placed}, nil
}

// ByReference implements orders.Service.
func (p *Placing) ByReference(ctx context.Context, req orders.ByReferenceRequest) (orders.Placed, error) {
	found, err := p.store.ByReference(ctx, req.Reference)
	if err != nil {
		return orders.Placed{}, fmt.Errorf("read order of %s: %w", req.Reference, err)
	}
	return p.answer(found), nil
}

func (p *Placing) answer(o order.Order) orders.Placed {
	return orders.Placed{OrderID: o.ID, Order: p.presenter.View(o)}
}

// ApplyPayment implements orders.Service. A standing that arrives before its order may be passed over: nothing is captured
// or refunded before there is an order, and a payment that is voided first never becomes one.
func (p *Placing) ApplyPayment(ctx context.Context, req orders.ApplyPaymentRequest) (orders.ApplyPaymentAnswer, error) {
	newest := map[string]orders.PaymentStanding{}
	var references []string
	for _, s := range req.Payments {
		known, seen := newest[s.Reference]
		if !seen {
			references = append(references, s.Reference)
		}
		if !seen || s.Seq > known.Seq {
			newest[s.Reference] = s
		}
	}
	err := p.store.ChangeByReference(ctx, references, func(state order.State) (order.State, error) {
		return state.ApplyPayment(newest[state.Reference])
	})
	if err != nil {
		return orders.ApplyPaymentAnswer{}, fmt.Errorf("apply %d payments: %w", len(references), err)
	}
	return orders.ApplyPaymentAnswer{}, nil
}
