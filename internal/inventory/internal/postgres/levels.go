package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	onHandNotNegative = "stock_levels_on_hand_not_negative"
	notOversold       = "stock_levels_not_oversold"
)

// changeLevels adds to counters of levels that are locked. Errors: inventory.ErrNegativeStock.
func (tx *Tx) changeLevels(ctx context.Context, changes []stock.Change) error {
	const query = `
		UPDATE inventory.stock_levels l SET on_hand = l.on_hand + c.on_hand,
			reserved = l.reserved + c.reserved, allocated = l.allocated + c.allocated
		FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
			AS c (sku, location_id, on_hand, reserved, allocated)
		WHERE l.sku = c.sku AND l.location_id = c.location_id`

	c := columns(changes)
	_, err := tx.tx.Exec(ctx, query, c.skus, c.locationIDs, c.onHand, c.reserved, c.allocated)
	if sqldb.Violates(err, onHandNotNegative) || sqldb.Violates(err, notOversold) {
		return inventory.ErrNegativeStock.Wrap(err)
	}
	return wrap(err, "change levels")
}

type changeColumns struct {
	skus, locationIDs           []string
	onHand, reserved, allocated []int64
}

func columns(changes []stock.Change) changeColumns {
	var c changeColumns
	for _, change := range changes {
		c.skus = append(c.skus, change.SKU)
		c.locationIDs = append(c.locationIDs, change.LocationID)
		c.onHand = append(c.onHand, change.OnHand)
		c.reserved = append(c.reserved, change.Reserved)
		c.allocated = append(c.allocated, change.Allocated)
	}
	return c
}

// CreateLevels implements counting.Tx.
func (tx *Tx) CreateLevels(ctx context.Context, locationID string, skus []string) error {
	const query = `
		INSERT INTO inventory.stock_levels (sku, location_id)
		SELECT sku, $1::uuid FROM unnest($2::text[]) AS s (sku)
		ORDER BY sku COLLATE "C"
		ON CONFLICT (sku, location_id) DO NOTHING`

	if len(skus) == 0 {
		return nil
	}
	_, err := tx.tx.Exec(ctx, query, locationID, skus)
	return wrap(err, "create levels")
}

type levelRow struct {
	SKU        string `db:"sku"`
	VariantID  string `db:"variant_id"`
	LocationID string `db:"location_id"`
	OnHand     int64  `db:"on_hand"`
	Reserved   int64  `db:"reserved"`
	Allocated  int64  `db:"allocated"`
	Incoming   int64  `db:"incoming"`
	Available  int64  `db:"available"`
}

// Adjust implements counting.Tx.
func (tx *Tx) Adjust(ctx context.Context, id string, req inventory.AdjustRequest) (inventory.AdjustAnswer, error) {
	const query = `
		WITH level AS (
			UPDATE inventory.stock_levels SET on_hand = on_hand + $3
			WHERE sku = $1 AND location_id = $2 AND on_hand + $3 >= 0
				AND on_hand + $3 + backorder_limit - reserved - allocated >= 0
			RETURNING sku, location_id, on_hand, reserved, allocated, incoming,
				on_hand + backorder_limit - reserved - allocated AS available
		), movement AS (
			INSERT INTO inventory.stock_movements (id, sku, location_id, reason, delta, note)
			SELECT $4::uuid, sku, location_id, $5, $3, $6 FROM level
			RETURNING created_at
		)
		SELECT l.sku, coalesce(i.variant_id::text, '') AS variant_id, l.location_id, l.on_hand, l.reserved, l.allocated,
			l.incoming, l.available, m.created_at
		FROM level l
		CROSS JOIN movement m
		JOIN inventory.stock_items i ON i.sku = l.sku`

	var row struct {
		levelRow
		CreatedAt time.Time `db:"created_at"`
	}
	err := tx.tx.Get(ctx, &row, query, req.SKU, req.LocationID, req.Delta, id, req.Reason, req.Note)
	if errors.Is(err, sqldb.ErrNoRows) {
		return inventory.AdjustAnswer{}, inventory.ErrNegativeStock
	}
	if err != nil {
		return inventory.AdjustAnswer{}, wrap(err, "adjust level")
	}
	return inventory.AdjustAnswer{MovementID: id, Level: inventory.Level(row.levelRow), CreatedAt: row.CreatedAt}, nil
}

// SetLevels implements counting.Tx. The backorder limit of a SKU sits on one level: the one that has it already, else the
// first active one.
func (tx *Tx) SetLevels(ctx context.Context, locationID string, items []inventory.StockItem) (changed int, err error) {
	const query = `
		WITH wanted AS (
			SELECT sku, backorder_limit, counted, on_hand
			FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::bigint[]) AS w (sku, backorder_limit, counted, on_hand)
		), plan AS MATERIALIZED (
			SELECT l.sku, l.location_id, l.reserved + l.allocated AS promised, l.on_hand AS on_hand_before, l.backorder_limit AS backorder_limit_before,
				CASE WHEN w.counted AND l.location_id::text = $5 THEN w.on_hand ELSE l.on_hand END AS on_hand,
				CASE row_number() OVER (PARTITION BY l.sku
						ORDER BY l.backorder_limit > 0 DESC, p.active DESC, p.position, p.created_at, p.id)
					WHEN 1 THEN w.backorder_limit ELSE 0 END AS backorder_limit
			FROM inventory.stock_levels l
			JOIN wanted w ON w.sku = l.sku
			JOIN inventory.locations p ON p.id = l.location_id
		), refused AS MATERIALIZED (
			SELECT DISTINCT sku FROM plan WHERE on_hand < 0 OR on_hand + backorder_limit < promised
		), done AS (
			UPDATE inventory.stock_levels l SET on_hand = p.on_hand, backorder_limit = p.backorder_limit
			FROM plan p
			WHERE l.sku = p.sku AND l.location_id = p.location_id AND NOT EXISTS (SELECT FROM refused)
				AND (p.on_hand, p.backorder_limit) <> (p.on_hand_before, p.backorder_limit_before)
			RETURNING l.sku, l.location_id, p.on_hand - p.on_hand_before AS delta
		), counted AS (
			INSERT INTO inventory.stock_movements (id, sku, location_id, reason, delta)
			SELECT inventory.numbered($6::uuid, row_number() OVER (ORDER BY sku)), sku, location_id, 'count', delta
			FROM done
			WHERE delta <> 0
			RETURNING sku
		)
		SELECT (SELECT count(*) FROM counted) AS changed, (SELECT json_agg(sku ORDER BY sku) FROM refused) AS refused`

	var refused []string
	row := setRow{Refused: sqldb.JSON{V: &refused}}
	w := wishes(items)
	err = tx.tx.Get(ctx, &row, query, w.skus, w.backorderLimits, w.counted, w.onHand, locationID, tx.newID())
	if err != nil {
		return 0, wrap(err, "set levels")
	}
	if len(refused) > 0 {
		return 0, tooLittle(refused)
	}
	return row.Changed, nil
}

type setRow struct {
	Changed int        `db:"changed"`
	Refused sqldb.JSON `db:"refused"`
}

func tooLittle(skus []string) error {
	fields := make([]fault.Field, len(skus))
	for i, sku := range skus {
		fields[i] = fault.Field{Code: inventory.ErrNegativeStock.Code, Detail: "more of " + sku + " is promised",
			Members: map[string]any{"sku": sku}}
	}
	return inventory.ErrNegativeStock.With(fields...)
}
