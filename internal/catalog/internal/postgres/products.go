package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/platform/cache"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

const beforeAllIDs = "00000000-0000-0000-0000-000000000000"

// Products stores products with all their parts.
type Products struct {
	db     *sqldb.DB
	outbox *outbox.Outbox
	watch  *cache.Watch
	// Variants are sold one by one, by whole crowds at once.
	byID, bySKU         *together.Reader[string, catalog.SellableVariant]
	keptByID, keptBySKU *cache.Cache[string, catalog.SellableVariant]
}

// NewProducts returns the store of products. What is sold is kept in memory, as fresh as watch can tell.
func NewProducts(db *sqldb.DB, box *outbox.Outbox, watch *cache.Watch) *Products {
	s := &Products{db: db, outbox: box, watch: watch, keptByID: cache.New[string, catalog.SellableVariant](watch),
		keptBySKU: cache.New[string, catalog.SellableVariant](watch)}
	s.byID, s.bySKU = together.NewReader(db, s.sellableByID), together.NewReader(db, s.sellableBySKU)
	return s
}

// InTx implements editing.Store.
func (s *Products) InTx(ctx context.Context, fn func(tx editing.Tx) error) error {
	defer s.watch.Changed(ctx)
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return fn(&productsTx{q: tx, outbox: s.outbox})
	})
}

// Product implements editing.Store.
func (s *Products) Product(ctx context.Context, id string) (catalog.Product, error) {
	return one(loadProducts(ctx, s.db, selection{ids: uuids([]string{id}), variants: true}))
}

// ProductByHandle implements editing.Store.
func (s *Products) ProductByHandle(ctx context.Context, handle string) (catalog.Product, error) {
	return one(loadProducts(ctx, s.db, selection{handles: storable([]string{handle}), variants: true}))
}

// Products answers the products of these ids with their variants, in the order asked; ids that do not exist are left out.
func (s *Products) Products(ctx context.Context, wanted []string) ([]catalog.Product, error) {
	return loadProducts(ctx, s.db, selection{ids: uuids(wanted), variants: true})
}

// ProductsByHandle implements editing.Store.
func (s *Products) ProductsByHandle(ctx context.Context, handles []string) (map[string]catalog.Product, error) {
	found, err := loadProducts(ctx, s.db, selection{handles: storable(handles), variants: true})
	if err != nil {
		return nil, err
	}
	products := make(map[string]catalog.Product, len(found))
	for _, p := range found {
		products[p.Handle] = p
	}
	return products, nil
}

// SKUOwners implements editing.Store.
func (s *Products) SKUOwners(ctx context.Context, skus []string) (map[string]string, error) {
	const query = `SELECT sku AS name, product_id FROM catalog.variants WHERE sku = ANY ($1::text[])`
	return s.owners(ctx, query, skus)
}

// ExternalIDOwners implements editing.Store.
func (s *Products) ExternalIDOwners(ctx context.Context, externalIDs []string) (map[string]string, error) {
	const query = `
		SELECT external_id AS name, id AS product_id FROM catalog.products
		WHERE external_id <> '' AND external_id = ANY ($1::text[])`
	return s.owners(ctx, query, externalIDs)
}

func (s *Products) owners(ctx context.Context, query string, names []string) (map[string]string, error) {
	var rows []struct {
		Name      string `db:"name"`
		ProductID string `db:"product_id"`
	}
	if err := s.db.Select(ctx, &rows, query, sqldb.NotNull(names)); err != nil {
		return nil, fmt.Errorf("find who has %d names: %w", len(names), err)
	}
	owners := make(map[string]string, len(rows))
	for _, row := range rows {
		owners[row.Name] = row.ProductID
	}
	return owners, nil
}

// HandlesLike implements editing.Store.
func (s *Products) HandlesLike(ctx context.Context, base string) ([]string, error) {
	const query = `
		SELECT handle FROM catalog.products
		WHERE handle = $1 OR handle >= $1 || '-' AND handle < $1 || '.'`
	var handles []string
	if err := s.db.Select(ctx, &handles, query, base); err != nil {
		return nil, fmt.Errorf("find handles like %q: %w", base, err)
	}
	return handles, nil
}

// SKUsOfOthers implements editing.Store.
func (s *Products) SKUsOfOthers(ctx context.Context, productID string, skus []string) ([]string, error) {
	const query = `SELECT sku FROM catalog.variants WHERE sku = ANY ($2::text[]) AND product_id <> $1`
	var taken []string
	if err := s.db.Select(ctx, &taken, query, productID, skus); err != nil {
		return nil, fmt.Errorf("find SKUs that are taken: %w", err)
	}
	return taken, nil
}

// ProductIDs answers up to limit ids of products after an id, in id order; "" stands before all.
func (s *Products) ProductIDs(ctx context.Context, after string, limit int) ([]string, error) {
	const query = `SELECT id FROM catalog.products WHERE id > $1::uuid ORDER BY id LIMIT $2`
	if after == "" {
		after = beforeAllIDs
	}
	found := []string{}
	if err := s.db.Select(ctx, &found, query, after, limit); err != nil {
		return nil, fmt.Errorf("page product ids after %q: %w", after, err)
	}
	return found, nil
}

// selection names the products to load, by id or by handle.
type selection struct {
	ids, handles []string
	variants     bool
}

type productRow struct {
	ID             string         `db:"id"`
	Handle         string         `db:"handle"`
	Title          string         `db:"title"`
	Description    string         `db:"description"`
	Vendor         string         `db:"vendor"`
	ProductType    string         `db:"product_type"`
	Status         string         `db:"status"`
	Tags           pq.StringArray `db:"tags"`
	Attributes     stringMap      `db:"attributes"`
	SEOTitle       string         `db:"seo_title"`
	SEODescription string         `db:"seo_description"`
	TaxClass       string         `db:"tax_class"`
	ExternalID     string         `db:"external_id"`
	Metadata       stringMap      `db:"metadata"`
	Version        int            `db:"version"`
	CreatedAt      time.Time      `db:"created_at"`
	UpdatedAt      time.Time      `db:"updated_at"`
	Parts          parts          `db:"parts"`
}

// loadProducts reads products with their parts in one statement, so that what it answers is one state.
func loadProducts(ctx context.Context, q sqldb.Queryer, which selection) ([]catalog.Product, error) {
	const query = `
		SELECT p.id, p.handle, p.title, p.description, p.vendor, p.product_type, p.status, p.tags, p.attributes,
			p.seo_title, p.seo_description, p.tax_class, p.external_id, p.metadata, p.version, p.created_at, p.updated_at,
			json_build_object(
				'options', (
					SELECT json_agg(json_build_object('id', o.id, 'name', o.name, 'values', o.value_list) ORDER BY o.position)
					FROM catalog.options o WHERE o.product_id = p.id),
				'media', (
					SELECT json_agg(json_build_object('url', m.url, 'alt', m.alt, 'width', m.width, 'height', m.height)
						ORDER BY m.position)
					FROM catalog.media m WHERE m.product_id = p.id),
				'categories', (
					SELECT json_agg(json_build_object('id', c.id, 'handle', c.handle, 'name', c.name,
						'description', c.description, 'parent_id', coalesce(c.parent_id::text, ''), 'position', c.position,
						'version', c.version, 'created_at', c.created_at, 'updated_at', c.updated_at) ORDER BY c.handle)
					FROM catalog.product_categories pc JOIN catalog.categories c ON c.id = pc.category_id
					WHERE pc.product_id = p.id),
				'collections', (
					SELECT json_agg(json_build_object('id', c.id, 'handle', c.handle, 'name', c.name,
						'description', c.description, 'version', c.version, 'created_at', c.created_at,
						'updated_at', c.updated_at) ORDER BY c.handle)
					FROM catalog.collection_products cp JOIN catalog.collections c ON c.id = cp.collection_id
					WHERE cp.product_id = p.id),
				'variants', CASE WHEN $3 THEN (
					SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'title', v.title,
						'option_values', v.option_values, 'barcode', v.barcode, 'weight_grams', v.weight_grams,
						'requires_shipping', v.requires_shipping, 'taxable', v.taxable, 'position', v.position,
						'external_id', v.external_id, 'metadata', v.metadata, 'version', v.version,
						'created_at', v.created_at, 'updated_at', v.updated_at) ORDER BY v.position, v.id)
					FROM catalog.variants v WHERE v.product_id = p.id) END
			) AS parts
		FROM catalog.products p
		WHERE p.id = ANY ($1::uuid[]) OR p.handle = ANY ($2::text[])
		ORDER BY array_position($1::uuid[], p.id), p.handle`
	var rows []productRow
	if err := q.Select(ctx, &rows, query, which.ids, which.handles, which.variants); err != nil {
		return nil, fmt.Errorf("load products: %w", err)
	}
	products := make([]catalog.Product, len(rows))
	for i, row := range rows {
		products[i] = row.product()
	}
	return products, nil
}

func (r productRow) product() catalog.Product {
	p := catalog.Product{
		ID: r.ID, Handle: r.Handle, Title: r.Title, Description: r.Description, Vendor: r.Vendor,
		ProductType: r.ProductType, Status: r.Status, Tags: r.Tags, Attributes: r.Attributes,
		SEO: catalog.SEO{Title: r.SEOTitle, Description: r.SEODescription}, TaxClass: r.TaxClass,
		ExternalID: r.ExternalID, Metadata: r.Metadata, Version: r.Version,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	r.Parts.into(&p)
	return p
}

func one(found []catalog.Product, err error) (catalog.Product, error) {
	if err != nil {
		return catalog.Product{}, err
	}
	if len(found) == 0 {
		return catalog.Product{}, catalog.ErrNotFound
	}
	return found[0], nil
}

// uuids drops what is no id of this module, which PostgreSQL would refuse as a whole.
func uuids(wanted []string) []string {
	valid := make([]string, 0, len(wanted))
	for _, id := range wanted {
		if ids.Valid(id) {
			valid = append(valid, id)
		}
	}
	return valid
}

// storable drops texts that PostgreSQL would refuse as a whole, and that nothing can therefore be named.
func storable(wanted []string) []string {
	valid := make([]string, 0, len(wanted))
	for _, text := range wanted {
		if utf8.ValidString(text) && !strings.ContainsRune(text, 0) {
			valid = append(valid, text)
		}
	}
	return valid
}
