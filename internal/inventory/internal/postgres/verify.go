package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Verify looks for stock that breaks a promise of the module.
func (s *Stock) Verify(ctx context.Context) (found []invariant.Violation, err error) {
	err = s.db.InReadTx(ctx, func(tx *sqldb.Tx) error {
		found, err = invariant.Check(ctx, tx, append(stockInvariants(), holdInvariants()...)...)
		return err
	})
	return found, wrap(err, "verify inventory")
}

func stockInvariants() []invariant.Query {
	const nothingNegative = `
		SELECT format('%s at %s: on hand %s, backorder limit %s, reserved %s, allocated %s', sku, location_id, on_hand,
			backorder_limit, reserved, allocated)
		FROM inventory.stock_levels
		WHERE on_hand < 0 OR reserved < 0 OR allocated < 0 OR on_hand + backorder_limit - reserved - allocated < 0`
	const countersEqualRows = `
		SELECT format('%s at %s: reserved %s, rows %s; allocated %s, rows %s', sku, location_id, l.reserved, r.open, l.allocated, r.allocated)
		FROM inventory.stock_levels l
		FULL JOIN (
			SELECT sku, location_id, coalesce(sum(quantity) FILTER (WHERE state = 'open'), 0) AS open,
				coalesce(sum(quantity) FILTER (WHERE state = 'allocated'), 0) AS allocated
			FROM inventory.reservations
			GROUP BY sku, location_id
		) r USING (sku, location_id)
		WHERE coalesce(l.reserved, -1) <> coalesce(r.open, 0) OR coalesce(l.allocated, -1) <> coalesce(r.allocated, 0)`
	const onHandEqualsLedger = `
		SELECT format('%s at %s: on hand %s, movements %s', sku, location_id, l.on_hand, m.delta)
		FROM inventory.stock_levels l
		FULL JOIN (
			SELECT sku, location_id, sum(delta) AS delta FROM inventory.stock_movements GROUP BY sku, location_id
		) m USING (sku, location_id)
		WHERE coalesce(l.on_hand, -1) <> coalesce(m.delta, 0)`
	const announcedIsTrue = `
		SELECT format('%s: announced %s, is %s', i.sku, i.announced,
			inventory.availability(s.mode, s.shelf, s.backorder_limit, s.low_stock_threshold))
		FROM inventory.stock_items i
		JOIN inventory.sellable s ON s.sku = i.sku
		WHERE i.announced <> inventory.availability(s.mode, s.shelf, s.backorder_limit, s.low_stock_threshold)`

	return []invariant.Query{
		{Name: "INV-S1", SQL: nothingNegative},
		{Name: "INV-S2", SQL: countersEqualRows},
		{Name: "INV-S3", SQL: onHandEqualsLedger},
		{Name: "INV-E1", SQL: outbox.GapsSQL(outbox.Aggregate{Schema: "inventory", Type: aggregateType, Table: "stock_items", ID: "sku"})},
		{Name: "inventory.announced_is_true", SQL: announcedIsTrue},
	}
}

func holdInvariants() []invariant.Query {
	// Twice reserving.SweepEvery.
	const noneOutlivesItsEnd = `
		SELECT format('%s: open, ended %s', reference, hold_until)
		FROM inventory.holds
		WHERE state = 'open' AND hold_until < now() - interval '30 seconds'`
	const endedHoldsNothing = `
		SELECT format('%s: %s, but %s of %s are %s', reference, coalesce(h.state, 'unknown'), r.quantity, r.sku, r.state)
		FROM inventory.reservations r
		LEFT JOIN inventory.holds h USING (reference)
		WHERE (r.state = 'open' AND h.state IS DISTINCT FROM 'open')
			OR (r.state = 'allocated' AND h.state IS DISTINCT FROM 'confirmed')`
	const givenBackOnce = `
		SELECT format('%s: %s given back, %s held in all', d.reference, d.units, r.units)
		FROM (SELECT reference, sum(units) AS units FROM inventory.deallocations GROUP BY reference) d
		LEFT JOIN (
			SELECT reference, coalesce(sum(quantity) FILTER (WHERE state = 'released'), 0) AS units
			FROM inventory.reservations
			GROUP BY reference
		) r USING (reference)
		WHERE d.units > coalesce(r.units, 0)`

	return []invariant.Query{
		{Name: "INV-S6", SQL: noneOutlivesItsEnd},
		{Name: "INV-S7", SQL: endedHoldsNothing},
		{Name: "INV-S7", SQL: givenBackOnce},
	}
}
