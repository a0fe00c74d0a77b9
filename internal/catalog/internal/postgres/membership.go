package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// joinGroups is the first thing of a write: it locks the categories and collections that the product comes into or
// leaves, before the product itself and in the order of ids, as changes of collections do. A collection that gains or
// loses a product has another version.
func (t *productsTx) joinGroups(ctx context.Context, before, after catalog.Product) error {
	const categories = `SELECT id FROM catalog.categories WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE`
	const collections = `
		UPDATE catalog.collections c SET version = version + 1, updated_at = now()
		FROM (SELECT id FROM catalog.collections WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) AS locked
		WHERE c.id = locked.id
		RETURNING c.id`
	joined := missing(after.Categories, before.Categories, categoryID)
	if err := t.lock(ctx, categories, joined); err != nil {
		return referenced(err, "/category_ids")
	}
	joined = missing(after.Collections, before.Collections, collectionID)
	left := missing(before.Collections, after.Collections, collectionID)
	if err := t.lock(ctx, collections, slices.Concat(joined, left)); err != nil {
		return referenced(err, "/collection_ids")
	}
	return nil
}

// lock runs a query that locks rows by id. Errors: ErrUnknownReference when some are not there.
func (t *productsTx) lock(ctx context.Context, query string, wanted []string) error {
	if len(wanted) == 0 {
		return nil
	}
	var found []string
	if err := t.q.Select(ctx, &found, query, wanted); err != nil {
		return fmt.Errorf("lock groups: %w", err)
	}
	if len(found) < len(wanted) {
		return catalog.ErrUnknownReference
	}
	return nil
}

// referenced names the place of an unknown reference.
func referenced(err error, pointer string) error {
	if !errors.Is(err, catalog.ErrUnknownReference) {
		return err
	}
	return catalog.ErrUnknownReference.With(fault.Field{Pointer: pointer, Code: catalog.ErrUnknownReference.Code})
}

func (t *productsTx) moveBetweenGroups(ctx context.Context, before, after catalog.Product) error {
	const leaveCategories = `DELETE FROM catalog.product_categories WHERE product_id = $1 AND category_id = ANY ($2::uuid[])`
	const joinCategories = `INSERT INTO catalog.product_categories (product_id, category_id) SELECT $1::uuid, unnest($2::uuid[])`
	const leaveCollections = `DELETE FROM catalog.collection_products WHERE product_id = $1 AND collection_id = ANY ($2::uuid[])`
	const joinCollections = `
		INSERT INTO catalog.collection_products (product_id, collection_id, position)
		SELECT $1::uuid, c.id, (
			SELECT coalesce(max(cp.position) + 1, 0) FROM catalog.collection_products cp WHERE cp.collection_id = c.id)
		FROM unnest($2::uuid[]) AS c (id)`
	moves := []struct {
		query string
		ids   []string
	}{
		{leaveCategories, missing(before.Categories, after.Categories, categoryID)},
		{joinCategories, missing(after.Categories, before.Categories, categoryID)},
		{leaveCollections, missing(before.Collections, after.Collections, collectionID)},
		{joinCollections, missing(after.Collections, before.Collections, collectionID)},
	}
	for _, move := range moves {
		if len(move.ids) == 0 {
			continue
		}
		if _, err := t.q.Exec(ctx, move.query, after.ID, move.ids); err != nil {
			return fmt.Errorf("move product between categories and collections: %w", err)
		}
	}
	return nil
}

// CategoryID implements editing.Tx.
func (t *productsTx) CategoryID(ctx context.Context, c catalog.Category) (string, error) {
	const find = `SELECT id FROM catalog.categories WHERE handle = $1`
	const create = `
		INSERT INTO catalog.categories (id, handle, name, description, position) VALUES ($1, $2, $3, '', 0)
		ON CONFLICT (handle) DO NOTHING`
	return t.findOrCreate(ctx, groupQueries{find, create}, []any{c.ID, c.Handle, c.Name})
}

// CollectionID implements editing.Tx.
func (t *productsTx) CollectionID(ctx context.Context, c catalog.Collection) (string, error) {
	const find = `SELECT id FROM catalog.collections WHERE handle = $1`
	const create = `
		INSERT INTO catalog.collections (id, handle, name, description) VALUES ($1, $2, $3, '')
		ON CONFLICT (handle) DO NOTHING`
	return t.findOrCreate(ctx, groupQueries{find, create}, []any{c.ID, c.Handle, c.Name})
}

type groupQueries struct{ find, create string }

// findOrCreate looks first, because nearly always it is there. Inserting waits for another transaction that is creating
// the same, so looking again finds it.
func (t *productsTx) findOrCreate(ctx context.Context, sql groupQueries, row []any) (id string, err error) {
	handle := row[1]
	err = t.q.Get(ctx, &id, sql.find, handle)
	if !errors.Is(err, sqldb.ErrNoRows) {
		return id, err
	}
	if _, err := t.q.Exec(ctx, sql.create, row...); err != nil {
		return "", fmt.Errorf("create %v: %w", handle, err)
	}
	if err := t.q.Get(ctx, &id, sql.find, handle); err != nil {
		return "", fmt.Errorf("find %v again: %w", handle, err)
	}
	return id, nil
}
