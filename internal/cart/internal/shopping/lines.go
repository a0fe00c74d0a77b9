package shopping

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// AddLines puts what is wanted into the cart, all or none.
// Errors: cart.ErrNotFound, cart.ErrVersionMismatch, cart.ErrNotOpen, cart.ErrUnknownVariant, cart.ErrVariantUnavailable,
// cart.ErrTooManyLines, cart.ErrQuantityOutOfRange, money.ErrOverflow.
func (s *Shop) AddLines(ctx context.Context, target Target, wanted []valuing.Wanted) (View, error) {
	return s.edit(ctx, target, s.put(wanted, (*basket.Cart).Add))
}

// ReplaceLines makes what is wanted all that the cart holds. Errors: those of AddLines.
func (s *Shop) ReplaceLines(ctx context.Context, target Target, wanted []valuing.Wanted) (View, error) {
	return s.edit(ctx, target, s.put(wanted, (*basket.Cart).Replace))
}

// SetQuantity changes how many a line holds; 0 removes it.
// Errors: cart.ErrNotFound (of the cart or the line), cart.ErrVersionMismatch, cart.ErrNotOpen, cart.ErrQuantityOutOfRange,
// money.ErrOverflow.
func (s *Shop) SetQuantity(ctx context.Context, target Target, lineID string, quantity int64) (View, error) {
	return s.edit(ctx, target, change{
		apply: func(c *basket.Cart, _ valuing.Variants) error { return c.SetQuantity(lineID, quantity) },
	})
}

// put is the change that puts what is wanted into a cart in one of two ways. It must be for sale.
func (s *Shop) put(wanted []valuing.Wanted, into func(*basket.Cart, []basket.Item, func() string) error) change {
	var items []basket.Item
	ids, skus := valuing.Names(wanted)
	return change{ids: ids, skus: skus,
		apply: func(c *basket.Cart, variants valuing.Variants) (err error) {
			if items, err = variants.Identify(wanted); err != nil {
				return err
			}
			return into(c, items, s.parts.NewID)
		},
		check: func(c basket.Cart, val valuing.Valuation) error { return forSale(wanted, items, c, val) },
	}
}

// forSale refuses items whose line cannot be bought. Errors: cart.ErrVariantUnavailable, with a field for each.
func forSale(wanted []valuing.Wanted, items []basket.Item, c basket.Cart, val valuing.Valuation) error {
	faults := make(map[string]*fault.Error)
	for i, line := range c.Lines {
		faults[line.VariantID] = val.Lines[i].Fault
	}
	var refused []fault.Field
	for i, item := range items {
		if f := faults[item.VariantID]; f != nil {
			refused = append(refused, wanted[i].Field(f))
		}
	}
	if refused != nil {
		return cart.ErrVariantUnavailable.With(refused...)
	}
	return nil
}
