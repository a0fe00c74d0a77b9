// Package carttest holds a cart.Service that lives in memory, for the tests of those who call one, and the contract
// that every implementation keeps.
package carttest

import (
	"context"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
)

// Fake is a cart.Service in memory. It prices nothing: it answers the snapshots it was given.
type Fake struct {
	now   func() time.Time
	mu    sync.Mutex
	carts map[string]*fakeCart
	// remembered is what Check answers those who allow memory, by cart.
	remembered map[string]cart.State
	freezes    map[string]*fakeFreeze
	quote      func(cart.QuoteRequest) (cart.Snapshot, error)
}

type fakeCart struct {
	token    string
	status   string
	orderID  string
	snapshot cart.Snapshot
}

type fakeFreeze struct {
	cartID   string
	snapshot *cart.Snapshot // nil once it was given up
	closed   bool
	until    time.Time
}

// NewFake returns a Fake without carts. Now is the clock by which freezes end.
func NewFake(now func() time.Time) *Fake {
	return &Fake{now: now, carts: make(map[string]*fakeCart), remembered: make(map[string]cart.State), freezes: make(map[string]*fakeFreeze)}
}

// Put adds an open cart, or changes the one of this id: what a Freeze of it will answer, and the token that Check wants.
func (f *Fake) Put(snapshot cart.Snapshot, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.carts[snapshot.CartID] = &fakeCart{token: token, status: cart.StatusOpen, snapshot: snapshot}
}

// Remember has Check answer whoever allows memory that the cart still is as it is now.
func (f *Fake) Remember(cartID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state := f.state(cartID)
	state.Remembered = true
	f.remembered[cartID] = state
}

// Quotes decides what Quote answers.
func (f *Fake) Quotes(quote func(cart.QuoteRequest) (cart.Snapshot, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.quote = quote
}

// Check implements cart.Service.
func (f *Fake) Check(_ context.Context, req cart.CheckRequest) (cart.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.carts[req.CartID]
	if c == nil || c.token != req.Token {
		return cart.State{}, cart.ErrNotFound
	}
	if state, known := f.remembered[req.CartID]; known && req.MayRemember {
		return state, nil
	}
	return f.state(req.CartID), nil
}

func (f *Fake) state(cartID string) cart.State {
	c := f.carts[cartID]
	status := c.status
	if status == cart.StatusCheckingOut && !f.held(cartID) {
		status = cart.StatusOpen
	}
	state := cart.State{CartID: cartID, Status: status, Version: c.snapshot.CartVersion, OrderID: c.orderID}
	if status == cart.StatusOpen || status == cart.StatusCheckingOut {
		state.DeadlineMinutes = c.snapshot.Channel.DeadlineMinutes
		for _, line := range c.snapshot.Lines {
			state.Demand = append(state.Demand, cart.StateDemand{SKU: line.SKU, Quantity: line.Quantity})
		}
	}
	return state
}

// Quote implements cart.Service by what Quotes was given; without it every quote is refused.
func (f *Fake) Quote(_ context.Context, req cart.QuoteRequest) (cart.Snapshot, error) {
	f.mu.Lock()
	quote := f.quote
	f.mu.Unlock()
	if quote == nil {
		return cart.Snapshot{}, cart.ErrEmpty
	}
	return quote(req)
}

// Freeze implements cart.Service.
func (f *Fake) Freeze(_ context.Context, req cart.FreezeRequest) (cart.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.freezes[req.Reference]; known != nil {
		if known.snapshot == nil {
			return cart.Snapshot{}, cart.ErrReferenceClosed
		}
		if known.until.Before(req.Until) {
			known.until = req.Until
		}
		return *known.snapshot, nil
	}
	c := f.carts[req.CartID]
	if c == nil {
		return cart.Snapshot{}, cart.ErrNotFound
	}
	f.lapse(req.CartID)
	switch {
	case c.status == cart.StatusCheckingOut:
		return cart.Snapshot{}, cart.ErrCheckoutInProgress
	case c.status != cart.StatusOpen:
		return cart.Snapshot{}, cart.ErrNotOpen
	case req.Version != 0 && req.Version != c.snapshot.CartVersion:
		return cart.Snapshot{}, cart.ErrVersionMismatch
	}
	snapshot := c.snapshot
	f.freezes[req.Reference] = &fakeFreeze{cartID: req.CartID, snapshot: &snapshot, until: req.Until}
	c.status = cart.StatusCheckingOut
	return snapshot, nil
}

// Thaw implements cart.Service.
func (f *Fake) Thaw(_ context.Context, req cart.ThawRequest) (cart.ThawAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.freezes[req.Reference]
	if known == nil {
		f.freezes[req.Reference] = &fakeFreeze{cartID: req.CartID}
		return cart.ThawAnswer{}, nil
	}
	f.giveUp(known)
	return cart.ThawAnswer{}, nil
}

// Close implements cart.Service.
func (f *Fake) Close(_ context.Context, req cart.CloseRequest) (cart.CloseAnswer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, closed := range req.Carts {
		c := f.carts[closed.CartID]
		if c == nil {
			continue
		}
		if own := f.freezes[closed.Reference]; own != nil && own.snapshot != nil && own.cartID == closed.CartID {
			own.closed = true
		}
		for _, freeze := range f.freezes {
			if freeze.cartID == closed.CartID {
				f.giveUp(freeze)
			}
		}
		if c.status != cart.StatusCompleted {
			c.status, c.orderID = cart.StatusCompleted, closed.OrderID
		}
	}
	return cart.CloseAnswer{}, nil
}

// lapse gives up the freeze of a cart that has passed its end.
func (f *Fake) lapse(cartID string) {
	for _, freeze := range f.freezes {
		if freeze.cartID == cartID && !f.now().Before(freeze.until) {
			f.giveUp(freeze)
		}
	}
}

func (f *Fake) held(cartID string) bool {
	for _, freeze := range f.freezes {
		if freeze.cartID == cartID && freeze.snapshot != nil && f.now().Before(freeze.until) {
			return true
		}
	}
	return false
}

func (f *Fake) giveUp(freeze *fakeFreeze) {
	if freeze.snapshot == nil || freeze.closed {
		return
	}
	freeze.snapshot = nil
	if c := f.carts[freeze.cartID]; c != nil && c.status == cart.StatusCheckingOut {
		c.status = cart.StatusOpen
	}
}
