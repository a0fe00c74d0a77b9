package postgres

import (
	"context"
	"errors"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const aggregateType = "stock_item"

// Counts implements counting.Store.
func (s *Stock) Counts(ctx context.Context, skus []string) (map[string]stock.Count, error) {
	return s.counts.Get(ctx, skus)
}

// readCounts reads what the view sellable says. An array behind a SELECT and OFFSET 0 have PostgreSQL look up one SKU after the
// other by a plan that it keeps; of the view it makes a new plan for every array.
func (s *Stock) readCounts(ctx context.Context, skus []string) (map[string]stock.Count, error) {
	const query = `
		SELECT i.sku, i.mode, coalesce(l.shelf, 0) AS shelf, coalesce(l.backorder_limit, 0) AS backorder_limit, i.low_stock_threshold
		FROM unnest((SELECT $1::text[])) AS wanted (sku)
		CROSS JOIN LATERAL (
			SELECT sku, mode, low_stock_threshold FROM inventory.stock_items WHERE sku = wanted.sku OFFSET 0
		) i
		CROSS JOIN LATERAL (
			SELECT sum(l.on_hand - l.reserved - l.allocated)::bigint AS shelf, sum(l.backorder_limit)::bigint AS backorder_limit
			FROM inventory.stock_levels l
			JOIN inventory.locations p ON p.id = l.location_id AND p.active
			WHERE l.sku = i.sku
		) l`

	var rows []struct {
		SKU               string `db:"sku"`
		Mode              string `db:"mode"`
		Shelf             int64  `db:"shelf"`
		BackorderLimit    int64  `db:"backorder_limit"`
		LowStockThreshold int64  `db:"low_stock_threshold"`
	}
	if err := s.db.Select(ctx, &rows, query, skus); err != nil {
		return nil, wrap(err, "read counts")
	}
	counts := make(map[string]stock.Count, len(rows))
	for _, row := range rows {
		counts[row.SKU] = stock.Count{Mode: row.Mode, Shelf: row.Shelf, BackorderLimit: row.BackorderLimit,
			LowStockThreshold: row.LowStockThreshold}
	}
	return counts, nil
}

// Announce implements reserving.Tx and counting.Tx. The SKUs are locked, so what this statement sees is what is committed.
func (tx *Tx) Announce(ctx context.Context, skus []string) error {
	const query = `
		UPDATE inventory.stock_items i SET announced = n.availability, event_seq = i.event_seq + 1
		FROM (
			SELECT sku, inventory.availability(mode, shelf, backorder_limit, low_stock_threshold) AS availability
			FROM inventory.sellable
			WHERE sku = ANY($1)
		) n
		WHERE i.sku = n.sku AND i.announced <> n.availability
		RETURNING i.sku, i.announced, i.event_seq`

	if len(skus) == 0 {
		return nil
	}
	var rows []struct {
		SKU       string `db:"sku"`
		Announced string `db:"announced"`
		EventSeq  int64  `db:"event_seq"`
	}
	if err := tx.tx.Select(ctx, &rows, query, skus); err != nil {
		return wrap(err, "announce availability")
	}
	records := make([]outbox.Record, len(rows))
	for i, row := range rows {
		records[i] = outbox.Record{AggregateType: aggregateType, AggregateID: row.SKU, Seq: row.EventSeq,
			Event: inventory.AvailabilityChanged{SKU: row.SKU, Availability: row.Announced}}
	}
	return tx.outbox.Append(ctx, tx.tx, records...)
}

// CreateItems implements counting.Tx.
func (tx *Tx) CreateItems(ctx context.Context, items []inventory.StockItem) ([]string, error) {
	const query = `
		INSERT INTO inventory.stock_items (sku, variant_id, mode, low_stock_threshold)
		SELECT sku, nullif(variant_id, '')::uuid, coalesce(nullif(mode, ''), 'track'), greatest(low_stock_threshold, 0)
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS w (sku, variant_id, mode, low_stock_threshold)
		ORDER BY sku COLLATE "C"
		ON CONFLICT (sku) DO NOTHING
		RETURNING sku`

	w := wishes(items)
	var created []string
	err := tx.tx.Select(ctx, &created, query, w.skus, w.variantIDs, w.modes, w.thresholds)
	return created, wrap(err, "create stock items")
}

// LockItems implements counting.Tx. It locks the levels of the SKUs as well, so that the statements that follow see and
// change what nobody else changes.
func (tx *Tx) LockItems(ctx context.Context, skus []string) error {
	const query = `SELECT sku FROM inventory.stock_items WHERE sku = ANY($1) ORDER BY sku FOR NO KEY UPDATE`

	if _, err := tx.tx.Exec(ctx, query, skus); err != nil {
		return wrap(err, "lock stock items")
	}
	return tx.lockLevels(ctx, skus)
}

func (tx *Tx) lockLevels(ctx context.Context, skus []string) error {
	const query = `
		SELECT sku FROM inventory.stock_levels
		WHERE sku = ANY($1)
		ORDER BY sku, location_id
		FOR NO KEY UPDATE`

	_, err := tx.tx.Exec(ctx, query, skus)
	return wrap(err, "lock levels")
}

// LockItemsAt implements counting.Tx.
func (tx *Tx) LockItemsAt(ctx context.Context, locationID string) ([]string, error) {
	const query = `
		SELECT sku FROM inventory.stock_items
		WHERE sku IN (SELECT sku FROM inventory.stock_levels WHERE location_id = $1)
		ORDER BY sku
		FOR NO KEY UPDATE`

	var skus []string
	err := tx.tx.Select(ctx, &skus, query, locationID)
	return skus, wrap(err, "lock stock items at location")
}

// SetItems implements counting.Tx.
func (tx *Tx) SetItems(ctx context.Context, items []inventory.StockItem, created []string) error {
	const query = `
		UPDATE inventory.stock_items i SET mode = n.mode, low_stock_threshold = n.low_stock_threshold, variant_id = n.variant_id,
			version = i.version + 1, updated_at = now()
		FROM (
			SELECT w.sku, coalesce(nullif(w.low_stock_threshold, -1), k.low_stock_threshold) AS low_stock_threshold, w.backorder_limit, coalesce(nullif(w.mode, ''), k.mode) AS mode,
				coalesce(nullif(w.variant_id, '')::uuid, k.variant_id) AS variant_id,
				coalesce((SELECT sum(backorder_limit) FROM inventory.stock_levels l WHERE l.sku = w.sku), 0) AS limit_before
			FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
				AS w (sku, variant_id, mode, low_stock_threshold, backorder_limit)
			JOIN inventory.stock_items k ON k.sku = w.sku
		) n
		WHERE i.sku = n.sku AND NOT i.sku = ANY($6)
			AND (i.mode, i.low_stock_threshold, i.variant_id, n.limit_before)
				IS DISTINCT FROM (n.mode, n.low_stock_threshold, n.variant_id, n.backorder_limit)`

	w := wishes(items)
	_, err := tx.tx.Exec(ctx, query, w.skus, w.variantIDs, w.modes, w.thresholds, w.backorderLimits, sqldb.NotNull(created))
	return wrap(err, "set stock items")
}

// SetVariants implements counting.Tx.
func (tx *Tx) SetVariants(ctx context.Context, items []inventory.RegisterItem) error {
	const query = `
		UPDATE inventory.stock_items i SET variant_id = nullif(w.variant_id, '')::uuid, version = i.version + 1, updated_at = now()
		FROM unnest($1::text[], $2::text[]) AS w (sku, variant_id)
		WHERE i.sku = w.sku AND i.variant_id IS DISTINCT FROM nullif(w.variant_id, '')::uuid`

	skus, variantIDs := make([]string, len(items)), make([]string, len(items))
	for i, item := range items {
		skus[i], variantIDs[i] = item.SKU, item.VariantID
	}
	_, err := tx.tx.Exec(ctx, query, skus, variantIDs)
	return wrap(err, "set variants")
}

// Uncounted implements reserving.Tx.
func (tx *Tx) Uncounted(ctx context.Context, skus []string) ([]string, error) {
	const query = `SELECT sku FROM inventory.stock_items WHERE sku = ANY($1) AND mode = 'none'`

	var uncounted []string
	err := tx.tx.Select(ctx, &uncounted, query, skus)
	return uncounted, wrap(err, "read modes")
}

const selectItem = `
	SELECT i.sku, coalesce(i.variant_id::text, '') AS variant_id, i.mode, i.low_stock_threshold, i.version, i.updated_at,
		coalesce((SELECT sum(backorder_limit) FROM inventory.stock_levels l WHERE l.sku = i.sku), 0)::bigint AS backorder_limit
	FROM inventory.stock_items i
	WHERE i.sku = $1`

// Item implements counting.Tx.
func (tx *Tx) Item(ctx context.Context, sku string) (counting.Item, error) {
	return item(ctx, tx.tx, sku)
}

// Item answers a SKU. Errors: inventory.ErrNotFound.
func (s *Stock) Item(ctx context.Context, sku string) (counting.Item, error) {
	return item(ctx, s.db, sku)
}

func item(ctx context.Context, q sqldb.Queryer, sku string) (found counting.Item, err error) {
	err = q.Get(ctx, &found, selectItem, sku)
	if errors.Is(err, sqldb.ErrNoRows) {
		return counting.Item{}, inventory.ErrNotFound
	}
	return found, wrap(err, "read stock item")
}

type wishColumns struct {
	skus, variantIDs, modes             []string
	thresholds, backorderLimits, onHand []int64
	counted                             []bool
}

func wishes(items []inventory.StockItem) wishColumns {
	var w wishColumns
	for _, item := range items {
		w.skus = append(w.skus, item.SKU)
		w.variantIDs = append(w.variantIDs, item.VariantID)
		w.modes = append(w.modes, item.Mode)
		w.thresholds = append(w.thresholds, item.LowStockThreshold)
		w.backorderLimits = append(w.backorderLimits, item.BackorderLimit)
		w.counted = append(w.counted, item.OnHand != nil)
		w.onHand = append(w.onHand, orZero(item.OnHand))
	}
	return w
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
