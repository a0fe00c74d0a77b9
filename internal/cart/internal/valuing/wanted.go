package valuing

import (
	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Wanted is a quantity of a variant, named by id or, when that is empty, by SKU. Pointer is its place in the request.
type Wanted struct {
	VariantID string
	SKU       string
	Quantity  int64
	Metadata  map[string]string
	Pointer   string
}

// Names returns the ids and the SKUs by which variants are wanted.
func Names(wanted []Wanted) (ids, skus []string) {
	for _, w := range wanted {
		if w.VariantID != "" {
			ids = append(ids, w.VariantID)
		} else {
			skus = append(skus, w.SKU)
		}
	}
	return ids, skus
}

// Identify finds the variants that are wanted, in the same order.
// Errors: cart.ErrUnknownVariant, with a field for each that does not exist.
func (v Variants) Identify(wanted []Wanted) ([]basket.Item, error) {
	items := make([]basket.Item, len(wanted))
	var unknown []fault.Field
	for i, w := range wanted {
		variant, ok := v.find(w)
		if !ok {
			unknown = append(unknown, w.Field(cart.ErrUnknownVariant))
		}
		items[i] = basket.Item{VariantID: variant.VariantID, Quantity: w.Quantity, Metadata: w.Metadata, Pointer: w.Pointer}
	}
	if unknown != nil {
		return nil, cart.ErrUnknownVariant.With(unknown...)
	}
	return items, nil
}

// Field says what is wrong with it, at the name that it gave for its variant.
func (w Wanted) Field(err *fault.Error) fault.Field {
	name := "/variant_id"
	if w.VariantID == "" {
		name = "/sku"
	}
	return fault.Field{Pointer: w.Pointer + name, Code: err.Code, Detail: err.Detail}
}

func (v Variants) find(w Wanted) (catalog.SellableVariant, bool) {
	if w.VariantID == "" {
		found, ok := v.bySKU[w.SKU]
		return found, ok
	}
	found, ok := v.byID[w.VariantID]
	return found, ok
}
