package editing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// VariantRef names a variant of a product and the version it must have.
type VariantRef struct {
	ProductID string
	VariantID string
	Version   int
}

// AddVariant gives a product another variant.
// Errors: ErrNotFound, ErrInvalidProduct, ErrSKUTaken, ErrVariantExists.
func (e *Editor) AddVariant(ctx context.Context, productID string, wanted NewVariant) (catalog.Variant, error) {
	var id string
	saved, err := e.editVariants(ctx, productID, func(p *catalog.Product) error {
		if err := e.addVariant(p, wanted, "/option_values"); err != nil {
			return err
		}
		added := p.Variants[len(p.Variants)-1]
		id = added.ID
		return product.CheckVariant(p.Options, added)
	})
	if err != nil {
		return catalog.Variant{}, err
	}
	return find(saved, id)
}

// ChangeVariant makes change on the variant if it has this version. Values, where not nil, replace its option values.
// Like ChangeProduct it raises the version in any case.
// Errors: ErrNotFound, ErrVersionMismatch, ErrInvalidProduct, ErrSKUTaken, ErrVariantExists.
func (e *Editor) ChangeVariant(
	ctx context.Context, ref VariantRef, change func(*catalog.Variant), values map[string]string,
) (catalog.Variant, error) {
	saved, err := e.editVariants(ctx, ref.ProductID, func(p *catalog.Product) error {
		i, err := product.VariantIndex(*p, ref.VariantID)
		if err != nil {
			return err
		}
		v := p.Variants[i]
		if v.Version != ref.Version {
			return catalog.ErrVersionMismatch
		}
		v.Version++
		change(&v)
		if values != nil {
			if err := product.Select(p, &v, values, "/option_values"); err != nil {
				return err
			}
		}
		p.Variants[i] = v
		return product.CheckVariant(p.Options, v)
	})
	if err != nil {
		return catalog.Variant{}, err
	}
	return find(saved, ref.VariantID)
}

// RemoveVariant takes a variant out of its product.
// Errors: ErrNotFound.
func (e *Editor) RemoveVariant(ctx context.Context, productID, variantID string) error {
	_, err := e.editVariants(ctx, productID, func(p *catalog.Product) error {
		i, err := product.VariantIndex(*p, variantID)
		if err != nil {
			return err
		}
		p.Variants = slices.Delete(p.Variants, i, i+1)
		return nil
	})
	return err
}

// editVariants changes a product under its lock, because callers name versions of variants and not of the product: two
// of them may change different variants at the same time, and both succeed.
func (e *Editor) editVariants(
	ctx context.Context, productID string, edit func(*catalog.Product) error,
) (saved catalog.Product, err error) {
	err = e.store.InTx(ctx, func(tx Tx) error {
		if err := tx.LockProduct(ctx, productID); err != nil {
			return err
		}
		before, err := tx.Product(ctx, productID)
		if err != nil {
			return err
		}
		after := product.Clone(before)
		if err := edit(&after); err != nil {
			return err
		}
		after = product.Normalize(after)
		if err := product.Check(after); err != nil {
			return err
		}
		if err := tx.ChangeProduct(ctx, before, after); err != nil {
			return err
		}
		saved, err = tx.Product(ctx, productID)
		return err
	})
	if err != nil {
		return catalog.Product{}, fmt.Errorf("change variants of product %s: %w", productID, place(err))
	}
	return saved, nil
}

// place adds where a request about one variant has what is taken.
func place(err error) error {
	switch {
	case errors.Is(err, catalog.ErrSKUTaken):
		return catalog.ErrSKUTaken.With(fault.Field{Pointer: "/sku", Code: catalog.ErrSKUTaken.Code})
	case errors.Is(err, catalog.ErrVariantExists):
		return catalog.ErrVariantExists.With(fault.Field{Pointer: "/option_values", Code: catalog.ErrVariantExists.Code})
	}
	return err
}

func find(p catalog.Product, variantID string) (catalog.Variant, error) {
	i, err := product.VariantIndex(p, variantID)
	if err != nil {
		return catalog.Variant{}, err
	}
	return p.Variants[i], nil
}
