package arranging

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// CreateCollection stores a new collection with its products. Without a handle it gets one made of its name.
// Errors: ErrInvalidProduct, ErrHandleTaken, ErrUnknownReference.
func (a *Arranger) CreateCollection(ctx context.Context, c catalog.Collection) (catalog.Collection, error) {
	c.ID, c.Name = a.newID(), trim(c.Name)
	if c.Handle != "" {
		return a.insertCollection(ctx, c)
	}
	var created catalog.Collection
	err := untilFree(func() (err error) {
		if c.Handle, err = freeHandle(ctx, c.Name, "collection", a.store.CollectionHandlesLike); err != nil {
			return err
		}
		created, err = a.insertCollection(ctx, c)
		return err
	})
	return created, err
}

// ChangeCollection makes change on the collection if it has this version, and raises the version. Products that come or
// leave get another version; they, and all when the collection is renamed, are announced.
// Errors: ErrNotFound, ErrVersionMismatch, ErrInvalidProduct, ErrHandleTaken, ErrUnknownReference, and those
// of change.
func (a *Arranger) ChangeCollection(
	ctx context.Context, id string, version int, change func(*catalog.Collection) error,
) (catalog.Collection, error) {
	before, err := a.store.Collection(ctx, id)
	if err != nil {
		return catalog.Collection{}, err
	}
	if before.Version != version {
		return catalog.Collection{}, fmt.Errorf("change collection %s: %w", id, catalog.ErrVersionMismatch)
	}
	after := before
	if err := change(&after); err != nil {
		return catalog.Collection{}, err
	}
	after.Name = trim(after.Name)
	if err := product.CheckGroup(after.Handle, after.Name, "/title"); err != nil {
		return catalog.Collection{}, err
	}
	var saved catalog.Collection
	err = a.store.InTx(ctx, func(tx Tx) error {
		saved, err = changeCollection(ctx, tx, before, after)
		return err
	})
	if err != nil {
		return catalog.Collection{}, fmt.Errorf("change collection %s: %w", id, err)
	}
	return saved, nil
}

func (a *Arranger) insertCollection(ctx context.Context, c catalog.Collection) (created catalog.Collection, err error) {
	if err := product.CheckGroup(c.Handle, c.Name, "/title"); err != nil {
		return catalog.Collection{}, err
	}
	err = a.store.InTx(ctx, func(tx Tx) error {
		if created, err = tx.InsertCollection(ctx, c); err != nil {
			return err
		}
		created.ProductIDs = distinct(c.ProductIDs)
		if err := tx.AnnounceProducts(ctx, created.ProductIDs, nil); err != nil {
			return err
		}
		return tx.ReplaceProducts(ctx, created.ID, created.ProductIDs)
	})
	if err != nil {
		return catalog.Collection{}, fmt.Errorf("create collection %q: %w", c.Handle, err)
	}
	return created, nil
}

func changeCollection(ctx context.Context, tx Tx, before, after catalog.Collection) (catalog.Collection, error) {
	saved, err := tx.ChangeCollection(ctx, before, after)
	if err != nil {
		return catalog.Collection{}, err
	}
	var stayed []string
	wanted := distinct(after.ProductIDs)
	if before.Name != after.Name || before.Handle != after.Handle {
		stayed = common(before.ProductIDs, wanted)
	}
	if err := tx.AnnounceProducts(ctx, difference(before.ProductIDs, wanted), stayed); err != nil {
		return catalog.Collection{}, err
	}
	if !slices.Equal(before.ProductIDs, wanted) {
		err = tx.ReplaceProducts(ctx, saved.ID, wanted)
	}
	saved.ProductIDs = wanted
	return saved, err
}

// distinct keeps the first of each.
func distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	kept := make([]string, 0, len(list))
	for _, id := range list {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// difference answers what is in one of two lists only; common what is in both. Both lists have each item once.
func difference(a, b []string) []string { return inLists(1, a, b) }
func common(a, b []string) []string     { return inLists(2, a, b) }

func inLists(n int, a, b []string) []string {
	times := make(map[string]int, len(a)+len(b))
	for _, id := range slices.Concat(a, b) {
		times[id]++
	}
	maps.DeleteFunc(times, func(_ string, in int) bool { return in != n })
	return slices.Sorted(maps.Keys(times))
}
