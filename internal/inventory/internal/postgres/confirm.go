package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Confirm implements reserving.Store.
func (h *Holds) Confirm(ctx context.Context, references []string) ([]string, error) {
	return confirm(ctx, h.db, confirmation{references: references, reviewID: h.config.NewID(), lazyCommit: h.config.LazyCommit})
}

// Confirm implements reserving.Tx.
func (tx *Tx) Confirm(ctx context.Context, references []string) ([]string, error) {
	return confirm(ctx, tx.tx, confirmation{references: references, reviewID: tx.newID()})
}

type confirmation struct {
	references []string
	reviewID   string
	lazyCommit bool
}

func confirm(ctx context.Context, q sqldb.Queryer, c confirmation) (ended []string, err error) {
	err = q.Select(ctx, &ended, confirmStatement, c.references, c.reviewID, c.lazyCommit)
	return ended, wrap(err, "confirm holds")
}

// confirmStatement takes the state of a hold from its lock; reservations and levels are changed by what is in the newest
// row, so a hold that was cut while this waited is confirmed as it is now. Those that had ended are left to staff, once
// each.
const confirmStatement = `
	WITH durability AS (
		SELECT set_config('synchronous_commit', CASE WHEN $3 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
	), holds AS MATERIALIZED (
		SELECT reference, state FROM inventory.holds
		WHERE reference = ANY($1)
		ORDER BY reference
		FOR NO KEY UPDATE
	), moved AS (
		UPDATE inventory.reservations r SET state = 'allocated', updated_at = now()
		FROM holds h
		WHERE h.reference = r.reference AND h.state = 'open' AND r.state = 'open'
		RETURNING r.sku, r.location_id, r.quantity
	), change AS MATERIALIZED (
		SELECT sku, location_id, sum(quantity)::bigint AS quantity FROM moved GROUP BY sku, location_id
	), levels AS MATERIALIZED (
		SELECT l.sku, l.location_id, c.quantity
		FROM change c
		JOIN inventory.stock_levels l ON l.sku = c.sku AND l.location_id = c.location_id
		ORDER BY l.sku, l.location_id
		FOR NO KEY UPDATE OF l
	), owed AS (
		UPDATE inventory.stock_levels l SET reserved = l.reserved - k.quantity, allocated = l.allocated + k.quantity
		FROM levels k
		WHERE l.sku = k.sku AND l.location_id = k.location_id
	), confirmed AS (
		UPDATE inventory.holds h SET state = 'confirmed', updated_at = now()
		FROM durability, holds k
		WHERE h.reference = k.reference AND k.state = 'open'
	), ended AS MATERIALIZED (
		SELECT a.reference, coalesce(h.state, 'unknown') AS hold
		FROM unnest($1::text[]) AS a (reference)
		LEFT JOIN holds h ON h.reference = a.reference
		WHERE coalesce(h.state, 'expired') IN ('expired', 'released')
	), reviews AS (
		INSERT INTO inventory.reviews (id, reference, reason, details)
		SELECT inventory.numbered($2::uuid, row_number() OVER (ORDER BY e.reference)), e.reference, 'hold_ended',
			jsonb_build_object('hold', e.hold, 'lines', coalesce(w.lines, '[]'))
		FROM durability, ended e
		LEFT JOIN LATERAL (
			SELECT jsonb_agg(jsonb_build_object('sku', s.sku, 'quantity', s.quantity) ORDER BY s.sku) AS lines
			FROM (
				SELECT sku, sum(quantity) AS quantity FROM inventory.reservations r
				WHERE r.reference = e.reference
				GROUP BY sku
			) s
		) w ON true
		ORDER BY e.reference
		ON CONFLICT (reference) DO NOTHING
	)
	SELECT reference FROM ended ORDER BY reference`
