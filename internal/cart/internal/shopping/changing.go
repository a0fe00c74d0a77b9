package shopping

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
)

// change is one change of a cart: what to do with it, and what must hold of its value afterwards.
type change struct {
	// ids and skus name the variants that apply will ask for.
	ids, skus []string
	apply     func(c *basket.Cart, variants valuing.Variants) error
	check     func(c basket.Cart, val valuing.Valuation) error
}

// edit makes a change to an open cart. When another change is saved first, all of it is done again on what that one
// left, unless a version was demanded. Saving comes last: after it nothing can fail that would hide it from the shopper.
func (s *Shop) edit(ctx context.Context, target Target, ch change) (View, error) {
	if view, saved, err := s.editRecent(ctx, target, ch); saved || err != nil {
		return view, err
	}
	for range maxTries {
		c, err := s.findOpen(ctx, target)
		if err != nil {
			return View{}, err
		}
		view, val, err := s.prepare(ctx, &c, ch)
		if err != nil {
			return View{}, err
		}
		if saved, err := s.save(ctx, c, val, &view); saved || err != nil {
			return view, err
		}
	}
	return View{}, cart.ErrVersionMismatch.Detailf("the cart is being changed by others at this moment")
}

// editRecent makes the change to the cart as it was a moment ago, without reading it. A refusal may be of a cart that is
// no longer so, and counts as not saved.
func (s *Shop) editRecent(ctx context.Context, target Target, ch change) (view View, saved bool, err error) {
	c, known := s.parts.Store.Recent(target.CartID)
	if !known || !s.parts.Tokens.Valid(cart.TokenKind, c.ID, c.TokenVersion, target.Token) || c.Expect(target.Version) != nil {
		return View{}, false, nil
	}
	view, val, refusal := s.prepare(ctx, &c, ch)
	if refusal != nil {
		return View{}, false, nil
	}
	saved, err = s.save(ctx, c, val, &view)
	return view, saved, err
}

func (s *Shop) save(ctx context.Context, c basket.Cart, val valuing.Valuation, view *View) (saved bool, err error) {
	expiresAt, saved, err := s.parts.Store.Save(ctx, c, val.Sheet)
	if saved {
		view.Cart.Version++
		view.Cart.ExpiresAt = expiresAt
	}
	return saved, err
}

// prepare applies the change in memory and has the result valued.
func (s *Shop) prepare(ctx context.Context, c *basket.Cart, ch change) (View, valuing.Valuation, error) {
	variants, err := s.parts.Valuer.Variants(ctx, append(c.VariantIDs(), ch.ids...), ch.skus)
	if err != nil {
		return View{}, valuing.Valuation{}, err
	}
	if err := ch.apply(c, variants); err != nil {
		return View{}, valuing.Valuation{}, err
	}
	val, err := s.parts.Valuer.Value(ctx, valuing.Request{Cart: *c, Variants: variants})
	if err != nil {
		return View{}, valuing.Valuation{}, err
	}
	if ch.check != nil {
		if err := ch.check(*c, val); err != nil {
			return View{}, valuing.Valuation{}, err
		}
	}
	val.Update(c)
	view, err := s.look(ctx, *c, val)
	return view, val, err
}
