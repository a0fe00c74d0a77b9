package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// productsTx implements editing.Tx.
type productsTx struct {
	q      sqldb.Queryer
	outbox *outbox.Outbox
}

// Product implements editing.Tx.
func (t *productsTx) Product(ctx context.Context, id string) (catalog.Product, error) {
	return one(loadProducts(ctx, t.q, selection{ids: []string{id}, variants: true}))
}

// LockProduct implements editing.Tx.
func (t *productsTx) LockProduct(ctx context.Context, id string) error {
	const query = `SELECT id FROM catalog.products WHERE id = $1 FOR NO KEY UPDATE`
	var found string
	err := t.q.Get(ctx, &found, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return catalog.ErrNotFound
	}
	return err
}

// InsertProduct implements editing.Tx.
func (t *productsTx) InsertProduct(ctx context.Context, p catalog.Product) error {
	const query = `
		INSERT INTO catalog.products (id, handle, title, description, vendor, product_type, status, tags, attributes,
			seo_title, seo_description, tax_class, external_id, metadata, event_seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)`
	if err := t.joinGroups(ctx, catalog.Product{}, p); err != nil {
		return err
	}
	_, err := t.q.Exec(ctx, query, p.ID, p.Handle, p.Title, p.Description, p.Vendor, p.ProductType, p.Status,
		pq.StringArray(p.Tags), stringMap(p.Attributes), p.SEO.Title, p.SEO.Description, p.TaxClass, p.ExternalID,
		stringMap(p.Metadata))
	if err != nil {
		return translate(fmt.Errorf("insert product: %w", err))
	}
	if err := t.writeParts(ctx, catalog.Product{ID: p.ID}, p); err != nil {
		return translate(err)
	}
	return t.announce(ctx, p, 1)
}

// ChangeProduct implements editing.Tx. The version is compared by the UPDATE itself: of several transactions that read
// the same version, the row lock lets one through and the others find another version.
func (t *productsTx) ChangeProduct(ctx context.Context, before, after catalog.Product) error {
	const query = `
		UPDATE catalog.products
		SET handle = $3, title = $4, description = $5, vendor = $6, product_type = $7, status = $8, tags = $9,
			attributes = $10, seo_title = $11, seo_description = $12, tax_class = $13, external_id = $14, metadata = $15,
			version = version + 1, event_seq = event_seq + 1, updated_at = now()
		WHERE id = $1 AND version = $2
		RETURNING event_seq`
	if err := t.joinGroups(ctx, before, after); err != nil {
		return err
	}
	var seq int64
	err := t.q.Get(ctx, &seq, query, before.ID, before.Version, after.Handle, after.Title, after.Description, after.Vendor,
		after.ProductType, after.Status, pq.StringArray(after.Tags), stringMap(after.Attributes), after.SEO.Title,
		after.SEO.Description, after.TaxClass, after.ExternalID, stringMap(after.Metadata))
	if errors.Is(err, sqldb.ErrNoRows) {
		return catalog.ErrVersionMismatch
	}
	if err != nil {
		return translate(fmt.Errorf("update product: %w", err))
	}
	if err := t.writeParts(ctx, before, after); err != nil {
		return translate(err)
	}
	return t.announce(ctx, after, seq)
}

func (t *productsTx) announce(ctx context.Context, p catalog.Product, seq int64) error {
	return t.outbox.Append(ctx, t.q, changed(eventOf(p), seq))
}

func eventOf(p catalog.Product) catalog.ProductChanged {
	refs := make([]catalog.VariantRef, len(p.Variants))
	for i, v := range p.Variants {
		refs[i] = catalog.VariantRef{ID: v.ID, SKU: v.SKU}
	}
	return catalog.ProductChanged{ProductID: p.ID, Handle: p.Handle, Status: p.Status, Variants: refs}
}

func changed(event catalog.ProductChanged, seq int64) outbox.Record {
	return outbox.Record{AggregateType: aggregate, AggregateID: event.ProductID, Seq: seq, Event: event}
}
