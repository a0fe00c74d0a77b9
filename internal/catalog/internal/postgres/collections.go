package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type collectionRow struct {
	ID          string         `db:"id"`
	Handle      string         `db:"handle"`
	Name        string         `db:"name"`
	Description string         `db:"description"`
	ProductIDs  pq.StringArray `db:"product_ids"`
	Version     int            `db:"version"`
	CreatedAt   time.Time      `db:"created_at"`
	UpdatedAt   time.Time      `db:"updated_at"`
}

func (r collectionRow) collection() catalog.Collection {
	return catalog.Collection{
		ID: r.ID, Handle: r.Handle, Name: r.Name, Description: r.Description, ProductIDs: r.ProductIDs,
		Version: r.Version, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

func collectionsOf(rows []collectionRow) []catalog.Collection {
	collections := make([]catalog.Collection, len(rows))
	for i, row := range rows {
		collections[i] = row.collection()
	}
	return collections
}

// Collection implements arranging.Store.
func (s *Groups) Collection(ctx context.Context, id string) (catalog.Collection, error) {
	const query = `
		SELECT c.id, c.handle, c.name, c.description, c.version, c.created_at, c.updated_at, ARRAY (
			SELECT cp.product_id FROM catalog.collection_products cp WHERE cp.collection_id = c.id
			ORDER BY cp.position, cp.product_id) AS product_ids
		FROM catalog.collections c WHERE c.id = $1`
	var row collectionRow
	err := s.db.Get(ctx, &row, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return catalog.Collection{}, catalog.ErrNotFound
	}
	if err != nil {
		return catalog.Collection{}, fmt.Errorf("read collection %s: %w", id, err)
	}
	return row.collection(), nil
}

// AllCollections answers all collections by name, without their products.
func (s *Groups) AllCollections(ctx context.Context) ([]catalog.Collection, error) {
	const query = `
		SELECT id, handle, name, description, version, created_at, updated_at
		FROM catalog.collections ORDER BY name, id`
	var rows []collectionRow
	if err := s.db.Select(ctx, &rows, query); err != nil {
		return nil, fmt.Errorf("read collections: %w", err)
	}
	return collectionsOf(rows), nil
}

// CollectionPage answers up to limit collections older than the one of id before, newest first, with their products.
func (s *Groups) CollectionPage(ctx context.Context, before string, limit int) ([]catalog.Collection, error) {
	const query = `
		SELECT c.id, c.handle, c.name, c.description, c.version, c.created_at, c.updated_at, ARRAY (
			SELECT cp.product_id FROM catalog.collection_products cp WHERE cp.collection_id = c.id
			ORDER BY cp.position, cp.product_id) AS product_ids
		FROM catalog.collections c WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2`
	var rows []collectionRow
	if err := s.db.Select(ctx, &rows, query, orLast(before), limit); err != nil {
		return nil, fmt.Errorf("page collections: %w", err)
	}
	return collectionsOf(rows), nil
}

// CountCollections answers how many there are.
func (s *Groups) CountCollections(ctx context.Context) (int64, error) {
	const query = `SELECT count(*) FROM catalog.collections`
	var total int64
	err := s.db.Get(ctx, &total, query)
	return total, err
}

// CollectionHandlesLike implements arranging.Store.
func (s *Groups) CollectionHandlesLike(ctx context.Context, base string) ([]string, error) {
	const query = `
		SELECT handle FROM catalog.collections
		WHERE handle = $1 OR handle >= $1 || '-' AND handle < $1 || '.'`
	var handles []string
	err := s.db.Select(ctx, &handles, query, base)
	return handles, err
}

// InsertCollection implements arranging.Tx.
func (t *groupsTx) InsertCollection(ctx context.Context, c catalog.Collection) (catalog.Collection, error) {
	const query = `
		INSERT INTO catalog.collections (id, handle, name, description) VALUES ($1, $2, $3, $4)
		RETURNING id, handle, name, description, version, created_at, updated_at`
	var row collectionRow
	if err := t.q.Get(ctx, &row, query, c.ID, c.Handle, c.Name, c.Description); err != nil {
		return catalog.Collection{}, translate(fmt.Errorf("insert collection: %w", err))
	}
	return row.collection(), nil
}

// ChangeCollection implements arranging.Tx.
func (t *groupsTx) ChangeCollection(ctx context.Context, before, after catalog.Collection) (catalog.Collection, error) {
	const query = `
		UPDATE catalog.collections
		SET handle = $3, name = $4, description = $5, version = version + 1, updated_at = now()
		WHERE id = $1 AND version = $2
		RETURNING id, handle, name, description, version, created_at, updated_at`
	var row collectionRow
	err := t.q.Get(ctx, &row, query, before.ID, before.Version, after.Handle, after.Name, after.Description)
	if errors.Is(err, sqldb.ErrNoRows) {
		return catalog.Collection{}, catalog.ErrVersionMismatch
	}
	if err != nil {
		return catalog.Collection{}, translate(fmt.Errorf("update collection: %w", err))
	}
	return row.collection(), nil
}

// ReplaceProducts implements arranging.Tx.
func (t *groupsTx) ReplaceProducts(ctx context.Context, id string, productIDs []string) error {
	const remove = `DELETE FROM catalog.collection_products WHERE collection_id = $1`
	const insert = `
		INSERT INTO catalog.collection_products (collection_id, product_id, position)
		SELECT $1::uuid, p.id, p.position - 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS p (id, position)`
	if _, err := t.q.Exec(ctx, remove, id); err != nil {
		return fmt.Errorf("empty collection: %w", err)
	}
	if len(productIDs) == 0 {
		return nil
	}
	if _, err := t.q.Exec(ctx, insert, id, productIDs); err != nil {
		return fmt.Errorf("fill collection: %w", err)
	}
	return nil
}
