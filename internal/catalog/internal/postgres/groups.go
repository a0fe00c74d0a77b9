package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/arranging"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// announceAtOnce bounds how many products one statement announces.
const announceAtOnce = 500

// Groups stores categories and collections.
type Groups struct {
	db     *sqldb.DB
	outbox *outbox.Outbox
}

// NewGroups returns the store of categories and collections.
func NewGroups(db *sqldb.DB, box *outbox.Outbox) *Groups {
	return &Groups{db: db, outbox: box}
}

// InTx implements arranging.Store.
func (s *Groups) InTx(ctx context.Context, fn func(tx arranging.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return fn(&groupsTx{q: tx, outbox: s.outbox})
	})
}

// groupsTx implements arranging.Tx.
type groupsTx struct {
	q      sqldb.Queryer
	outbox *outbox.Outbox
}

// AnnounceProducts implements arranging.Tx. Rows are locked in the order of ids, as whoever changes several products
// does.
func (t *groupsTx) AnnounceProducts(ctx context.Context, moved, stayed []string) error {
	const query = `
		UPDATE catalog.products p
		SET event_seq = event_seq + 1, version = version + (p.id = ANY ($2::uuid[]))::integer,
			updated_at = CASE WHEN p.id = ANY ($2::uuid[]) THEN now() ELSE updated_at END
		FROM (SELECT id FROM catalog.products WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) AS locked
		WHERE p.id = locked.id
		RETURNING p.id, p.handle, p.status, p.event_seq, json_build_object('variants', (
			SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku) ORDER BY v.position, v.id)
			FROM catalog.variants v WHERE v.product_id = p.id)) AS parts`
	ids := slices.Sorted(slices.Values(slices.Concat(moved, stayed)))
	for some := range slices.Chunk(ids, announceAtOnce) {
		var rows []announcedRow
		if err := t.q.Select(ctx, &rows, query, some, orEmpty(moved)); err != nil {
			return fmt.Errorf("raise event numbers of products: %w", err)
		}
		if len(rows) < len(some) {
			return at(catalog.ErrUnknownReference, "/product_ids")
		}
		if err := t.outbox.Append(ctx, t.q, records(rows)...); err != nil {
			return err
		}
	}
	return nil
}

type announcedRow struct {
	ID       string `db:"id"`
	Handle   string `db:"handle"`
	Status   string `db:"status"`
	EventSeq int64  `db:"event_seq"`
	Parts    parts  `db:"parts"`
}

func records(rows []announcedRow) []outbox.Record {
	all := make([]outbox.Record, len(rows))
	for i, row := range rows {
		refs := make([]catalog.VariantRef, len(row.Parts.Variants))
		for j, v := range row.Parts.Variants {
			refs[j] = catalog.VariantRef{ID: v.ID, SKU: v.SKU}
		}
		all[i] = changed(catalog.ProductChanged{
			ProductID: row.ID, Handle: row.Handle, Status: row.Status, Variants: refs}, row.EventSeq)
	}
	return all
}
