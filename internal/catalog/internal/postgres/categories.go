package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type categoryRow struct {
	ID          string    `db:"id"`
	Handle      string    `db:"handle"`
	Name        string    `db:"name"`
	Description string    `db:"description"`
	ParentID    string    `db:"parent_id"`
	Position    int       `db:"position"`
	Version     int       `db:"version"`
	CreatedAt   time.Time `db:"created_at"`
	UpdatedAt   time.Time `db:"updated_at"`
}

func (r categoryRow) category() catalog.Category {
	return catalog.Category{
		ID: r.ID, Handle: r.Handle, Name: r.Name, Description: r.Description, ParentID: r.ParentID, Position: r.Position,
		Version: r.Version, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

func categoriesOf(rows []categoryRow) []catalog.Category {
	categories := make([]catalog.Category, len(rows))
	for i, row := range rows {
		categories[i] = row.category()
	}
	return categories
}

// Category implements arranging.Store.
func (s *Groups) Category(ctx context.Context, id string) (catalog.Category, error) {
	const query = `
		SELECT id, handle, name, description, coalesce(parent_id::text, '') AS parent_id, position, version, created_at,
			updated_at
		FROM catalog.categories WHERE id = $1`
	var row categoryRow
	err := s.db.Get(ctx, &row, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return catalog.Category{}, catalog.ErrNotFound
	}
	if err != nil {
		return catalog.Category{}, fmt.Errorf("read category %s: %w", id, err)
	}
	return row.category(), nil
}

// CategoryTree answers all categories, parents before children and siblings by position and name.
func (s *Groups) CategoryTree(ctx context.Context) ([]catalog.Category, error) {
	const query = `
		WITH RECURSIVE tree AS (
			SELECT id, ARRAY[(position, name, id)] AS path FROM catalog.categories WHERE parent_id IS NULL
			UNION ALL
			SELECT c.id, tree.path || (c.position, c.name, c.id)
			FROM catalog.categories c JOIN tree ON c.parent_id = tree.id
		)
		SELECT c.id, c.handle, c.name, c.description, coalesce(c.parent_id::text, '') AS parent_id, c.position, c.version,
			c.created_at, c.updated_at
		FROM tree JOIN catalog.categories c ON c.id = tree.id
		ORDER BY tree.path`
	var rows []categoryRow
	if err := s.db.Select(ctx, &rows, query); err != nil {
		return nil, fmt.Errorf("read category tree: %w", err)
	}
	return categoriesOf(rows), nil
}

// CategoryPage answers up to limit categories older than the one of id before, newest first.
func (s *Groups) CategoryPage(ctx context.Context, before string, limit int) ([]catalog.Category, error) {
	const query = `
		SELECT id, handle, name, description, coalesce(parent_id::text, '') AS parent_id, position, version, created_at,
			updated_at
		FROM catalog.categories WHERE id < $1 ORDER BY id DESC LIMIT $2`
	var rows []categoryRow
	if err := s.db.Select(ctx, &rows, query, orLast(before), limit); err != nil {
		return nil, fmt.Errorf("page categories: %w", err)
	}
	return categoriesOf(rows), nil
}

// CountCategories answers how many there are.
func (s *Groups) CountCategories(ctx context.Context) (int64, error) {
	const query = `SELECT count(*) FROM catalog.categories`
	var total int64
	err := s.db.Get(ctx, &total, query)
	return total, err
}

// CategoryHandlesLike implements arranging.Store.
func (s *Groups) CategoryHandlesLike(ctx context.Context, base string) ([]string, error) {
	const query = `
		SELECT handle FROM catalog.categories
		WHERE handle = $1 OR handle >= $1 || '-' AND handle < $1 || '.'`
	var handles []string
	err := s.db.Select(ctx, &handles, query, base)
	return handles, err
}

// LockTree implements arranging.Tx. Products may still come into categories meanwhile.
func (t *groupsTx) LockTree(ctx context.Context) error {
	const query = `LOCK TABLE catalog.categories IN SHARE ROW EXCLUSIVE MODE`
	_, err := t.q.Exec(ctx, query)
	return err
}

// IsBelow implements arranging.Tx.
func (t *groupsTx) IsBelow(ctx context.Context, id, ancestor string) (bool, error) {
	const query = `
		WITH RECURSIVE up AS (
			SELECT id, parent_id FROM catalog.categories WHERE id = $1
			UNION
			SELECT c.id, c.parent_id FROM catalog.categories c JOIN up ON c.id = up.parent_id
		)
		SELECT EXISTS (SELECT 1 FROM up WHERE id = $2)`
	var below bool
	err := t.q.Get(ctx, &below, query, id, ancestor)
	return below, err
}

// InsertCategory implements arranging.Tx.
func (t *groupsTx) InsertCategory(ctx context.Context, c catalog.Category) (catalog.Category, error) {
	const query = `
		INSERT INTO catalog.categories (id, handle, name, description, parent_id, position)
		VALUES ($1, $2, $3, $4, nullif($5, '')::uuid, $6)
		RETURNING id, handle, name, description, coalesce(parent_id::text, '') AS parent_id, position, version, created_at,
			updated_at`
	var row categoryRow
	err := t.q.Get(ctx, &row, query, c.ID, c.Handle, c.Name, c.Description, c.ParentID, c.Position)
	if err != nil {
		return catalog.Category{}, translate(fmt.Errorf("insert category: %w", err))
	}
	return row.category(), nil
}

// ChangeCategory implements arranging.Tx.
func (t *groupsTx) ChangeCategory(ctx context.Context, before, after catalog.Category) (catalog.Category, error) {
	const query = `
		UPDATE catalog.categories
		SET handle = $3, name = $4, description = $5, parent_id = nullif($6, '')::uuid, position = $7,
			version = version + 1, updated_at = now()
		WHERE id = $1 AND version = $2
		RETURNING id, handle, name, description, coalesce(parent_id::text, '') AS parent_id, position, version, created_at,
			updated_at`
	var row categoryRow
	err := t.q.Get(ctx, &row, query, before.ID, before.Version, after.Handle, after.Name, after.Description, after.ParentID,
		after.Position)
	if errors.Is(err, sqldb.ErrNoRows) {
		return catalog.Category{}, catalog.ErrVersionMismatch
	}
	if err != nil {
		return catalog.Category{}, translate(fmt.Errorf("update category: %w", err))
	}
	return row.category(), nil
}

// AnnounceCategory implements arranging.Tx.
func (t *groupsTx) AnnounceCategory(ctx context.Context, id string) error {
	const query = `
		WITH RECURSIVE below AS (
			SELECT id FROM catalog.categories WHERE id = $1
			UNION
			SELECT c.id FROM catalog.categories c JOIN below ON c.parent_id = below.id
		)
		SELECT DISTINCT pc.product_id FROM catalog.product_categories pc JOIN below ON below.id = pc.category_id
		ORDER BY pc.product_id`
	var products []string
	if err := t.q.Select(ctx, &products, query, id); err != nil {
		return fmt.Errorf("find products below category %s: %w", id, err)
	}
	return t.AnnounceProducts(ctx, nil, products)
}
