package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Verify looks for broken promises in the module's own schema.
func (s *Store) Verify(ctx context.Context) (found []invariant.Violation, err error) {
	err = s.db.InReadTx(ctx, func(tx *sqldb.Tx) error {
		found, err = invariant.Check(ctx, tx, promises()...)
		return err
	})
	return found, wrap("verify checkouts", err)
}

// promises are mostly constraints as well; here they hold for a database whose constraints somebody dropped, too.
func promises() []invariant.Query {
	return []invariant.Query{
		{Name: "INV-O1", SQL: `
SELECT 'cart ' || cart_id || ' has several checkouts' FROM checkout.attempts
WHERE status <> 'canceled' AND cart_id IS NOT NULL GROUP BY cart_id HAVING count(*) > 1`},
		{Name: "INV-O1", SQL: `
SELECT 'order ' || order_id || ' has several checkouts' FROM checkout.attempts
WHERE order_id IS NOT NULL GROUP BY order_id HAVING count(*) > 1`},
		{Name: "INV-O2", SQL: `
SELECT reference || ' is ' || status || ', its order is ' || coalesce(order_id::text, 'none') FROM checkout.attempts
WHERE (status = 'completed') <> (order_id IS NOT NULL)`},
		{Name: "INV-O5", SQL: `
SELECT reference || ' is still ' || status FROM checkout.attempts
WHERE status NOT IN ('completed', 'canceled', 'review') AND coalesce(ends_at, deadline) < now() - interval '2 minutes'`},
		{Name: "INV-I2", SQL: `
SELECT 'a key of ' || scope || ' made several checkouts' FROM checkout.attempts
WHERE idempotency_key IS NOT NULL GROUP BY scope, idempotency_key HAVING count(*) > 1`},
		{Name: "checkout.ended_keeps_no_secret", SQL: `
SELECT reference FROM checkout.attempts
WHERE (status IN ('completed', 'canceled', 'review') AND (payment_token IS NOT NULL OR action IS NOT NULL))
	OR (status IN ('completed', 'canceled') AND snapshot IS NOT NULL)`},
		{Name: "checkout.action_is_awaited", SQL: `
SELECT reference FROM checkout.attempts WHERE status = 'action_required' AND action IS NULL`},
	}
}
