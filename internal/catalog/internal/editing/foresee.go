package editing

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// foresee finds out which changes would be refused because something belongs to another product: to one that is stored, or
// to one that comes before it in the request.
func (e *Editor) foresee(ctx context.Context, changes []planned) error {
	owned, err := e.ownership(ctx, changes)
	if err != nil {
		return err
	}
	for _, change := range changes {
		if refusal := owned.refuse(change.After); refusal != nil {
			*change.result = catalog.SaveProductsResult{Refusal: refusal}
			continue
		}
		owned.take(change.After)
	}
	return nil
}

// ownership says which product has a SKU or an external id.
type ownership struct {
	skus, externalIDs map[string]string
}

// ownership is that of what the changes name, without what they give up.
func (e *Editor) ownership(ctx context.Context, changes []planned) (o ownership, err error) {
	var skus, externalIDs []string
	for _, change := range changes {
		skus = append(skus, skusOf(change.After)...)
		if change.After.ExternalID != "" {
			externalIDs = append(externalIDs, change.After.ExternalID)
		}
	}
	if o.skus, err = e.store.SKUOwners(ctx, skus); err != nil {
		return o, err
	}
	if o.externalIDs, err = e.store.ExternalIDOwners(ctx, externalIDs); err != nil {
		return o, err
	}
	for _, change := range changes {
		o.giveUp(change.Change)
	}
	return o, nil
}

func (o ownership) giveUp(c Change) {
	kept := map[string]bool{}
	for _, sku := range skusOf(c.After) {
		kept[sku] = true
	}
	for _, sku := range skusOf(c.Before) {
		if !kept[sku] {
			delete(o.skus, sku)
		}
	}
	if c.Before.ExternalID != c.After.ExternalID {
		delete(o.externalIDs, c.Before.ExternalID)
	}
}

func (o ownership) take(p catalog.Product) {
	for _, sku := range skusOf(p) {
		o.skus[sku] = p.ID
	}
	if p.ExternalID != "" {
		o.externalIDs[p.ExternalID] = p.ID
	}
}

// refuse answers nil when nothing of the product belongs to another.
func (o ownership) refuse(p catalog.Product) *fault.Error {
	if owner := o.externalIDs[p.ExternalID]; owner != "" && owner != p.ID {
		return catalog.ErrExternalIDTaken.With(fault.Field{Pointer: "/external_id", Code: catalog.ErrExternalIDTaken.Code})
	}
	taken := catalog.ErrSKUTaken
	for i, sku := range skusOf(p) {
		if owner := o.skus[sku]; owner != "" && owner != p.ID {
			taken = taken.With(skuField(i, sku))
		}
	}
	if len(taken.Fields) == 0 {
		return nil
	}
	return taken
}

func skusOf(p catalog.Product) []string {
	skus := make([]string, len(p.Variants))
	for i, v := range p.Variants {
		skus[i] = v.SKU
	}
	return skus
}
