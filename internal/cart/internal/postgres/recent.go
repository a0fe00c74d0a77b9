package postgres

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
)

const (
	recentTime = 30 * time.Second
	mostRecent = 2000
)

// recent has the carts that this process stored a moment ago, as it stored them. Others may have changed them since.
type recent struct {
	mu    sync.Mutex
	carts map[string]stored
}

type stored struct {
	cart  basket.Cart
	until time.Time
}

func newRecent() *recent { return &recent{carts: map[string]stored{}} }

func (r *recent) find(id string) (basket.Cart, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.carts[id]
	if !ok || time.Now().After(found.until) {
		delete(r.carts, id)
		return basket.Cart{}, false
	}
	return cloned(found.cart), true
}

func (r *recent) keep(c basket.Cart) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.carts[c.ID].cart.Version >= c.Version {
		return
	}
	if len(r.carts) >= mostRecent {
		clear(r.carts)
	}
	r.carts[c.ID] = stored{cloned(c), time.Now().Add(recentTime)}
}

func (r *recent) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.carts, id)
}

// cloned shares with c only what nobody changes in place.
func cloned(c basket.Cart) basket.Cart {
	c.Lines, c.Stored = slices.Clone(c.Lines), slices.Clone(c.Stored)
	return c
}

// Recent is a cart as this process last stored it, a moment ago. Only who then compares its version with that of the
// database, as Save and Hold do, may rely on it.
func (s *Carts) Recent(id string) (c basket.Cart, known bool) { return s.recent.find(id) }

// remember keeps a cart that was stored, unless that may still be undone: then another cart may get its version.
func (s *Carts) remember(ctx context.Context, c basket.Cart, sheet totals.Sheet) {
	if s.db.Holds(ctx) {
		s.recent.drop(c.ID)
		return
	}
	c.Stored = make([]basket.StoredLine, len(c.Lines))
	for i, line := range c.Lines {
		amounts := sheet.Lines[i]
		c.Stored[i] = basket.StoredLine{Line: line, UnitPrice: amounts.UnitPrice.Minor(), Subtotal: amounts.Subtotal.Minor(),
			Discount: amounts.Discount.Minor(), Tax: amounts.Tax.Minor(), Total: amounts.Total.Minor()}
	}
	s.recent.keep(c)
}
