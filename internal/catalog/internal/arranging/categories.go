package arranging

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// CreateCategory stores a new category. Without a handle it gets one made of its name.
// Errors: ErrInvalidProduct, ErrHandleTaken, ErrUnknownReference.
func (a *Arranger) CreateCategory(ctx context.Context, c catalog.Category) (catalog.Category, error) {
	c.ID, c.Name = a.newID(), trim(c.Name)
	if c.Handle != "" {
		return a.insertCategory(ctx, c)
	}
	var created catalog.Category
	err := untilFree(func() (err error) {
		if c.Handle, err = freeHandle(ctx, c.Name, "category", a.store.CategoryHandlesLike); err != nil {
			return err
		}
		created, err = a.insertCategory(ctx, c)
		return err
	})
	return created, err
}

// ChangeCategory makes change on the category if it has this version, and raises the version. Products of the category
// and of those below it are announced where they see a difference.
// Errors: ErrNotFound, ErrVersionMismatch, ErrInvalidProduct, ErrHandleTaken, ErrUnknownReference, ErrCategoryCycle,
// and those of change.
func (a *Arranger) ChangeCategory(
	ctx context.Context, id string, version int, change func(*catalog.Category) error,
) (catalog.Category, error) {
	before, err := a.store.Category(ctx, id)
	if err != nil {
		return catalog.Category{}, err
	}
	if before.Version != version {
		return catalog.Category{}, fmt.Errorf("change category %s: %w", id, catalog.ErrVersionMismatch)
	}
	after := before
	if err := change(&after); err != nil {
		return catalog.Category{}, err
	}
	after.Name = trim(after.Name)
	if err := product.CheckGroup(after.Handle, after.Name, "/name"); err != nil {
		return catalog.Category{}, err
	}
	var saved catalog.Category
	err = a.store.InTx(ctx, func(tx Tx) error {
		saved, err = changeCategory(ctx, tx, before, after)
		return err
	})
	if err != nil {
		return catalog.Category{}, fmt.Errorf("change category %s: %w", id, err)
	}
	return saved, nil
}

func (a *Arranger) insertCategory(ctx context.Context, c catalog.Category) (created catalog.Category, err error) {
	if err := product.CheckGroup(c.Handle, c.Name, "/name"); err != nil {
		return catalog.Category{}, err
	}
	err = a.store.InTx(ctx, func(tx Tx) error {
		created, err = tx.InsertCategory(ctx, c)
		return err
	})
	if err != nil {
		return catalog.Category{}, fmt.Errorf("create category %q: %w", c.Handle, err)
	}
	return created, nil
}

func changeCategory(ctx context.Context, tx Tx, before, after catalog.Category) (catalog.Category, error) {
	if after.ParentID != "" && after.ParentID != before.ParentID {
		if err := refuseCycle(ctx, tx, after); err != nil {
			return catalog.Category{}, err
		}
	}
	saved, err := tx.ChangeCategory(ctx, before, after)
	if err != nil {
		return catalog.Category{}, err
	}
	if before.Name == after.Name && before.Handle == after.Handle && before.ParentID == after.ParentID {
		return saved, nil
	}
	return saved, tx.AnnounceCategory(ctx, saved.ID)
}

// refuseCycle looks under a lock of the tree: two moves, each right by itself, could make a cycle together.
func refuseCycle(ctx context.Context, tx Tx, c catalog.Category) error {
	if err := tx.LockTree(ctx); err != nil {
		return err
	}
	below, err := tx.IsBelow(ctx, c.ParentID, c.ID)
	if err != nil {
		return err
	}
	if below {
		return catalog.ErrCategoryCycle.With(fault.Field{Pointer: "/parent_id", Code: catalog.ErrCategoryCycle.Code})
	}
	return nil
}
