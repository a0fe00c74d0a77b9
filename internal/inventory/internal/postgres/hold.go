package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/reserving"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Hold implements reserving.Store: the common case, decided and committed in one round trip.
func (h *Holds) Hold(ctx context.Context, wish reserving.Hold) (reserving.Attempt, error) {
	return hold(ctx, h.db, wish, holdMode{lazyCommit: h.config.LazyCommit})
}

// Hold implements reserving.Tx.
func (tx *Tx) Hold(ctx context.Context, wish reserving.Hold) (reserving.Attempt, error) {
	return hold(ctx, tx.tx, wish, holdMode{mayAnnounce: true})
}

type holdMode struct{ mayAnnounce, lazyCommit bool }

func hold(ctx context.Context, q sqldb.Queryer, wish reserving.Hold, mode holdMode) (reserving.Attempt, error) {
	quantities := make([]int64, len(wish.Demand))
	for i, demand := range wish.Demand {
		quantities[i] = demand.Quantity
	}
	var attempt reserving.Attempt
	row := holdRow{Reservations: sqldb.JSON{V: &attempt.Reservations}, Short: sqldb.JSON{V: &attempt.Short}}
	err := q.Get(ctx, &row, holdStatement, wish.Reference, wish.SKUs(), quantities, wish.Until, wish.ID, mode.mayAnnounce,
		mode.lazyCommit)
	if err != nil {
		return reserving.Attempt{}, wrap(err, "hold")
	}
	attempt.Outcome = reserving.Outcome(row.Outcome)
	for i := range attempt.Reservations {
		r := &attempt.Reservations[i]
		r.Reference, r.State, r.HoldUntil = wish.Reference, inventory.ReservationOpen, wish.Until
	}
	return attempt, nil
}

type holdRow struct {
	Outcome      string     `db:"outcome"`
	Reservations sqldb.JSON `db:"reservations"`
	Short        sqldb.JSON `db:"short"`
}

// holdStatement decides and holds at once. It first looks without locking: a reference that was used before and a demand
// that cannot be met end there. Then it locks SKUs and levels in order.
//
// All that follows is computed from what the locking parts return, because those rows alone are as new as the locks; every
// other read shows the moment at which the statement began. A row that others changed meanwhile may therefore turn the
// decision, but never into a hold of what is not there. When it turns against the hold, nothing is written and the answer
// is Undecided, so that "not enough" is only ever said of one moment at which it was true.
//
// The update sets all that the table's checks look at from the locked row. PostgreSQL checks the row it is about to write
// before it notices that a newer version exists and starts over from that; a sum with an outdated row would be refused
// although the newest one has room.
//
// Stock on the shelf is taken first, by position of the location, and backorders after that.
const holdStatement = `
	WITH known AS MATERIALIZED (
		SELECT FROM inventory.holds WHERE reference = $1
	), demand AS MATERIALIZED (
		SELECT d.sku, d.quantity
		FROM unnest($2::text[], $3::bigint[]) AS d (sku, quantity)
		WHERE coalesce((SELECT i.mode FROM inventory.stock_items i WHERE i.sku = d.sku), 'track') = 'track'
	), short AS MATERIALIZED (
		SELECT d.sku, coalesce(sum(l.on_hand + l.backorder_limit - l.reserved - l.allocated), 0)::bigint AS available
		FROM demand d
		LEFT JOIN (inventory.stock_levels l JOIN inventory.locations p ON p.id = l.location_id AND p.active) ON l.sku = d.sku
		GROUP BY d.sku, d.quantity
		HAVING coalesce(sum(l.on_hand + l.backorder_limit - l.reserved - l.allocated), 0) < d.quantity
	), items AS MATERIALIZED (
		SELECT i.sku, i.low_stock_threshold, i.announced, d.quantity
		FROM demand d
		JOIN inventory.stock_items i ON i.sku = d.sku
		WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM short)
		ORDER BY i.sku
		FOR NO KEY UPDATE OF i
	), levels AS MATERIALIZED (
		SELECT l.sku, l.location_id, p.position, p.created_at, l.on_hand, l.backorder_limit, l.reserved, l.allocated,
			l.on_hand - l.reserved - l.allocated AS shelf
		FROM items i
		JOIN inventory.stock_levels l ON l.sku = i.sku
		JOIN inventory.locations p ON p.id = l.location_id AND p.active
		ORDER BY l.sku, l.location_id
		FOR NO KEY UPDATE OF l
	), slots AS (
		SELECT l.sku, l.location_id, s.amount,
			sum(s.amount) OVER (PARTITION BY l.sku ORDER BY s.late, l.position, l.created_at, l.location_id) - s.amount AS before
		FROM levels l
		CROSS JOIN LATERAL (VALUES (false, greatest(l.shelf, 0)), (true, least(l.shelf, 0) + l.backorder_limit)) AS s (late, amount)
	), takes AS MATERIALIZED (
		SELECT s.sku, s.location_id, sum(least(s.amount, i.quantity - s.before))::bigint AS quantity
		FROM slots s
		JOIN items i ON i.sku = s.sku
		WHERE s.amount > 0 AND s.before < i.quantity
		GROUP BY s.sku, s.location_id
	), news AS MATERIALIZED (
		SELECT FROM items i
		JOIN levels l ON l.sku = i.sku
		GROUP BY i.sku, i.low_stock_threshold, i.announced, i.quantity
		HAVING i.announced <> inventory.availability('track', (sum(l.shelf) - i.quantity)::bigint,
			sum(l.backorder_limit)::bigint, i.low_stock_threshold)
	), durability AS (
		SELECT set_config('synchronous_commit', CASE WHEN $7 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
	), claim AS (
		INSERT INTO inventory.holds (reference, hold_until, uncounted)
		SELECT $1, $4, array(SELECT unnest($2::text[]) EXCEPT SELECT sku FROM demand)
		FROM durability
		WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM short)
			AND (SELECT coalesce(sum(quantity), 0) FROM takes) = (SELECT coalesce(sum(quantity), 0) FROM demand)
			AND ($6 OR NOT EXISTS (SELECT FROM news))
		ON CONFLICT (reference) DO NOTHING
		RETURNING reference
	), held AS (
		UPDATE inventory.stock_levels l SET reserved = k.reserved + t.quantity,
			on_hand = k.on_hand, backorder_limit = k.backorder_limit, allocated = k.allocated
		FROM claim, takes t, levels k
		WHERE k.sku = t.sku AND k.location_id = t.location_id AND l.sku = t.sku AND l.location_id = t.location_id
		RETURNING l.sku, l.location_id, t.quantity
	), made AS (
		INSERT INTO inventory.reservations (id, reference, sku, location_id, quantity)
		SELECT inventory.numbered($5::uuid, row_number() OVER (ORDER BY sku, location_id)), $1, sku, location_id, quantity
		FROM held
		RETURNING id, sku, location_id, quantity
	)
	SELECT CASE
			WHEN EXISTS (SELECT FROM claim) THEN 'held'
			WHEN EXISTS (SELECT FROM known) THEN 'known'
			WHEN EXISTS (SELECT FROM short) THEN 'short'
			ELSE 'undecided'
		END AS outcome,
		(SELECT json_agg(made ORDER BY sku, location_id) FROM made) AS reservations,
		(SELECT json_agg(short ORDER BY sku) FROM short) AS short`
