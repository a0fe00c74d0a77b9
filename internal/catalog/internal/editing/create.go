package editing

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// NewVariant is a variant to be made. Ids, versions and times are given by the module.
type NewVariant struct {
	Variant catalog.Variant
	// Values are the option values by option name.
	Values map[string]string
	// Place is the variant's position; nil puts it behind those that are there.
	Place *int
}

// CreateProduct stores a new product with its variants, all or nothing. Without a handle it gets one made of its title.
// Categories and collections need ids only.
// Errors: ErrInvalidProduct, ErrHandleTaken, ErrSKUTaken, ErrExternalIDTaken, ErrUnknownReference.
func (e *Editor) CreateProduct(ctx context.Context, p catalog.Product, variants []NewVariant) (catalog.Product, error) {
	p, err := e.assemble(p, variants)
	if err != nil {
		return catalog.Product{}, err
	}
	if p.Handle != "" {
		return e.create(ctx, p)
	}
	var created catalog.Product
	err = e.repeat(func() error {
		if p.Handle, err = e.freeHandle(ctx, p.Title); err != nil {
			return err
		}
		created, err = e.create(ctx, p)
		return err
	})
	return created, err
}

func (e *Editor) assemble(p catalog.Product, variants []NewVariant) (catalog.Product, error) {
	p.ID = e.newID()
	p.Description = e.clean.Clean(p.Description)
	if p.Status == "" {
		p.Status = catalog.StatusDraft
	}
	for i := range p.Options {
		p.Options[i].ID = e.newID()
	}
	if err := product.CheckOptions(p.Options); err != nil {
		return catalog.Product{}, err
	}
	for i, v := range variants {
		if err := e.addVariant(&p, v, fmt.Sprintf("/variants/%d/option_values", i)); err != nil {
			return catalog.Product{}, err
		}
	}
	return product.Normalize(p), nil
}

// addVariant puts a new variant into p; at is where the request names its values.
func (e *Editor) addVariant(p *catalog.Product, wanted NewVariant, at string) error {
	v := wanted.Variant
	v.ID = e.newID()
	v.Position = product.NextPosition(*p)
	if wanted.Place != nil {
		v.Position = *wanted.Place
	}
	if err := product.Select(p, &v, wanted.Values, at); err != nil {
		return err
	}
	p.Variants = append(p.Variants, v)
	return nil
}

func (e *Editor) create(ctx context.Context, p catalog.Product) (created catalog.Product, err error) {
	if err := product.CheckNew(p); err != nil {
		return catalog.Product{}, err
	}
	err = e.store.InTx(ctx, func(tx Tx) error {
		if err := tx.InsertProduct(ctx, p); err != nil {
			return err
		}
		created, err = tx.Product(ctx, p.ID)
		return err
	})
	if err != nil {
		return catalog.Product{}, fmt.Errorf("create product %q: %w", p.Handle, e.nameTaken(ctx, err, p))
	}
	return created, nil
}

func (e *Editor) freeHandle(ctx context.Context, title string) (string, error) {
	base := product.HandleFrom(title, "product")
	taken, err := e.store.HandlesLike(ctx, base)
	if err != nil {
		return "", err
	}
	return product.FreeHandle(base, taken), nil
}
