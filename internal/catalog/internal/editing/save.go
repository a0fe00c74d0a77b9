package editing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// SaveProduct implements catalog.Service. A product that is already as wanted costs one query.
func (e *Editor) SaveProduct(ctx context.Context, req catalog.SaveProductRequest) (catalog.SaveProductAnswer, error) {
	var answer catalog.SaveProductAnswer
	err := e.repeat(func() (err error) {
		answer, err = e.save(ctx, req)
		return err
	})
	if err != nil {
		return catalog.SaveProductAnswer{}, fmt.Errorf("save product %q: %w", req.Handle, err)
	}
	return answer, nil
}

func (e *Editor) save(ctx context.Context, req catalog.SaveProductRequest) (catalog.SaveProductAnswer, error) {
	outcome := catalog.OutcomeUpdated
	before, err := e.store.ProductByHandle(ctx, req.Handle)
	if errors.Is(err, catalog.ErrNotFound) {
		before, err, outcome = catalog.Product{ID: e.newID()}, nil, catalog.OutcomeCreated
	}
	if err != nil {
		return catalog.SaveProductAnswer{}, err
	}
	after, err := product.Apply(before, req, e.clean, e.newID)
	if err != nil {
		return catalog.SaveProductAnswer{}, err
	}
	if product.Same(before, after) {
		return catalog.SaveProductAnswer{Product: before, Outcome: catalog.OutcomeUnchanged}, nil
	}
	saved, err := e.put(ctx, before, after)
	if err != nil {
		return catalog.SaveProductAnswer{}, err
	}
	return catalog.SaveProductAnswer{Product: saved, Outcome: outcome}, nil
}

// put creates or changes a product, with the categories and collections it names and that do not exist yet.
func (e *Editor) put(ctx context.Context, before, after catalog.Product) (saved catalog.Product, err error) {
	err = e.store.InTx(ctx, func(tx Tx) error {
		next := product.Clone(after)
		if err := e.nameGroups(ctx, tx, &next); err != nil {
			return err
		}
		if err := insertOrChange(ctx, tx, before, next); err != nil {
			return err
		}
		saved, err = tx.Product(ctx, next.ID)
		return err
	})
	return saved, e.nameTaken(ctx, err, after)
}

func insertOrChange(ctx context.Context, tx Tx, before, after catalog.Product) error {
	if before.Version == 0 {
		return tx.InsertProduct(ctx, after)
	}
	return tx.ChangeProduct(ctx, before, after)
}

// nameGroups finds or makes the categories and collections that so far have a handle only. They come in the order of
// their handles, so that two imports wait for each other instead of deadlocking.
func (e *Editor) nameGroups(ctx context.Context, tx Tx, p *catalog.Product) (err error) {
	for i, category := range p.Categories {
		if category.ID != "" {
			continue
		}
		category.ID = e.newID()
		if p.Categories[i].ID, err = tx.CategoryID(ctx, category); err != nil {
			return err
		}
	}
	for i, collection := range p.Collections {
		if collection.ID != "" {
			continue
		}
		collection.ID = e.newID()
		if p.Collections[i].ID, err = tx.CollectionID(ctx, collection); err != nil {
			return err
		}
	}
	return nil
}
