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
	WITH demand AS MATERIALIZED (
		SELECT d.sku, d.quantity, (
			SELECT coalesce(sum(l.on_hand + l.backorder_limit - l.reserved - l.allocated), 0)::bigint
			FROM inventory.stock_levels l
			JOIN inventory.locations p ON p.id = l.location_id AND p.active
			WHERE l.sku = d.sku
		) AS available
		FROM unnest($2::text[], $3::bigint[]) AS d (sku, quantity)
		WHERE coalesce((SELECT i.mode FROM inventory.stock_items i WHERE i.sku = d.sku), 'track') = 'track'
	), asked AS MATERIALIZED (
		SELECT coalesce(sum(quantity), 0) AS quantity, coalesce(bool_or(available < quantity), false) AS short FROM demand
	), items AS MATERIALIZED (
		SELECT i.sku, i.low_stock_threshold, i.announced, d.quantity
		FROM demand d
		JOIN inventory.stock_items i ON i.sku = d.sku
		WHERE NOT (SELECT short FROM asked) AND NOT EXISTS (SELECT FROM inventory.holds WHERE reference = $1)
		ORDER BY i.sku
		FOR NO KEY UPDATE OF i
	), levels AS MATERIALIZED (
		SELECT l.sku, l.location_id, l.on_hand, l.backorder_limit, l.reserved, l.allocated, p.position, p.created_at,
			i.quantity, i.low_stock_threshold, i.announced, l.on_hand - l.reserved - l.allocated AS shelf
		FROM items i
		JOIN inventory.stock_levels l ON l.sku = i.sku
		JOIN inventory.locations p ON p.id = l.location_id AND p.active
		ORDER BY l.sku, l.location_id
		FOR NO KEY UPDATE OF l
	), sums AS (
		SELECT *, row_number() OVER () AS number, greatest(shelf, 0) AS now, least(shelf, 0) + backorder_limit AS late,
			sum(greatest(shelf, 0)) OVER line AS now_so_far, sum(least(shelf, 0) + backorder_limit) OVER line AS late_so_far,
			sum(greatest(shelf, 0)) OVER sku AS now_in_all, sum(shelf) OVER sku AS shelves, sum(backorder_limit) OVER sku AS backorders
		FROM levels
		WINDOW sku AS (PARTITION BY sku), line AS (PARTITION BY sku ORDER BY position, created_at, location_id)
	), takes AS MATERIALIZED (
		SELECT sku, location_id, on_hand, backorder_limit, reserved, allocated, number,
			(greatest(least(now, quantity - (now_so_far - now)), 0)
				+ greatest(least(late, quantity - now_in_all - (late_so_far - late)), 0))::bigint AS taken,
			announced <> inventory.availability('track', (shelves - quantity)::bigint, backorders::bigint, low_stock_threshold) AS is_news
		FROM sums
	), durability AS (
		SELECT set_config('synchronous_commit', CASE WHEN $7 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
	), claim AS (
		INSERT INTO inventory.holds (reference, hold_until, uncounted)
		SELECT $1, $4, array(SELECT s FROM unnest($2::text[]) AS s WHERE s NOT IN (SELECT sku FROM demand))
		FROM durability, asked, (SELECT coalesce(sum(taken), 0) AS taken, coalesce(bool_or(is_news), false) AS is_news FROM takes) AS t
		WHERE t.taken = asked.quantity AND ($6 OR NOT t.is_news)
		ON CONFLICT (reference) DO NOTHING
		RETURNING reference
	), held AS (
		UPDATE inventory.stock_levels l SET reserved = t.reserved + t.taken,
			on_hand = t.on_hand, backorder_limit = t.backorder_limit, allocated = t.allocated
		FROM claim, takes t
		WHERE t.taken > 0 AND l.sku = t.sku AND l.location_id = t.location_id
		RETURNING l.sku, l.location_id, t.taken, t.number
	), made AS (
		INSERT INTO inventory.reservations (id, reference, sku, location_id, quantity)
		SELECT inventory.numbered($5::uuid, number), $1, sku, location_id, taken FROM held
		RETURNING id, sku, location_id, quantity
	)
	SELECT CASE
			WHEN EXISTS (SELECT FROM claim) THEN 'held'
			WHEN EXISTS (SELECT FROM inventory.holds WHERE reference = $1) THEN 'known'
			WHEN (SELECT short FROM asked) THEN 'short'
			ELSE 'undecided'
		END AS outcome,
		(SELECT json_agg(json_build_object('id', id, 'sku', sku, 'location_id', location_id, 'quantity', quantity)
			ORDER BY sku, location_id) FROM made) AS reservations,
		(SELECT json_agg(json_build_object('sku', sku, 'available', available) ORDER BY sku)
			FROM demand WHERE available < quantity) AS short`
