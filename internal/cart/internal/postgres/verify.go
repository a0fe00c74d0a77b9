package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Verify looks for carts that break a promise of the module.
func (s *Carts) Verify(ctx context.Context) ([]invariant.Violation, error) {
	const linesAddUp = `
		SELECT format('cart %s: stored %s, lines and shipping come to %s', c.id,
		              concat_ws('/', c.subtotal, c.discount, c.tax, c.total),
		              concat_ws('/', l.subtotal, l.discount, l.tax + c.shipping_tax,
		                        l.total + c.shipping + CASE WHEN c.tax_included THEN 0 ELSE c.shipping_tax END))
		FROM cart.carts c
		CROSS JOIN LATERAL (
		    SELECT coalesce(sum(subtotal), 0) AS subtotal, coalesce(sum(discount), 0) AS discount,
		           coalesce(sum(tax), 0) AS tax, coalesce(sum(total), 0) AS total
		    FROM cart.cart_lines WHERE cart_id = c.id
		) l
		WHERE c.subtotal <> l.subtotal OR c.discount <> l.discount OR c.tax <> l.tax + c.shipping_tax
		   OR c.total <> l.total + c.shipping + CASE WHEN c.tax_included THEN 0 ELSE c.shipping_tax END`
	const lineIsPriceTimesQuantity = `
		SELECT format('line %s of cart %s: %s x %s is not %s', id, cart_id, quantity, unit_price, subtotal)
		FROM cart.cart_lines
		WHERE subtotal::numeric <> quantity::numeric * unit_price`
	const nothingWithoutCart = `
		SELECT format('%s of cart %s, which does not exist', part, cart_id)
		FROM (SELECT 'line ' || id AS part, cart_id FROM cart.cart_lines
		      UNION ALL
		      SELECT 'freeze ' || reference, cart_id FROM cart.freezes WHERE cart_id IS NOT NULL) parts
		WHERE NOT EXISTS (SELECT FROM cart.carts c WHERE c.id = parts.cart_id)`
	const oneActiveFreeze = `
		SELECT format('cart %s is held by %s', cart_id, string_agg(reference, ', '))
		FROM cart.freezes
		WHERE state = 'active'
		GROUP BY cart_id
		HAVING count(*) > 1`
	const heldCartsAreCheckingOut = `
		SELECT format('cart %s is %s and has %s active freezes', c.id, c.status, count(f.reference))
		FROM cart.carts c
		LEFT JOIN cart.freezes f ON f.cart_id = c.id AND f.state = 'active'
		GROUP BY c.id, c.status
		HAVING (c.status = 'checking_out') <> (count(f.reference) > 0)`

	var found []invariant.Violation
	err := s.db.InReadTx(ctx, func(tx *sqldb.Tx) error {
		var err error
		found, err = invariant.Check(ctx, tx,
			invariant.Query{Name: "cart.totals_equal_lines", SQL: linesAddUp},
			invariant.Query{Name: "cart.line_is_price_times_quantity", SQL: lineIsPriceTimesQuantity},
			invariant.Query{Name: "cart.nothing_without_cart", SQL: nothingWithoutCart},
			invariant.Query{Name: "cart.one_active_freeze", SQL: oneActiveFreeze},
			invariant.Query{Name: "cart.held_is_checking_out", SQL: heldCartsAreCheckingOut},
		)
		return err
	})
	return found, wrap(err, "verify carts")
}
