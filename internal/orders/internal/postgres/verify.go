package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// Verify looks for broken promises in the whole schema.
func (s Store) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return invariant.Check(ctx, s.q,
		invariant.Query{Name: "INV-O1", SQL: `
			SELECT format('checkout %s has %s orders', reference, count(*)) FROM orders.orders GROUP BY reference HAVING count(*) > 1
			UNION ALL
			SELECT format('cart %s has %s orders', cart_id, count(*)) FROM orders.orders
			WHERE cart_id IS NOT NULL GROUP BY cart_id HAVING count(*) > 1`},
		invariant.Query{Name: "INV-O2", SQL: `
			SELECT format('checkout %s was decided otherwise than its order %s', o.reference, o.number)
			FROM orders.orders o JOIN orders.decided_references d ON d.reference = o.reference
			WHERE d.order_id IS DISTINCT FROM o.id
			UNION ALL
			SELECT format('order of checkout %s is missing', d.reference)
			FROM orders.decided_references d LEFT JOIN orders.orders o ON o.id = d.order_id
			WHERE d.order_id IS NOT NULL AND o.id IS NULL
			UNION ALL
			SELECT format('line %s has no order', l.id)
			FROM orders.order_lines l LEFT JOIN orders.orders o ON o.id = l.order_id
			WHERE o.id IS NULL`},
		invariant.Query{Name: "INV-M5", SQL: `
			SELECT format('order %s does not add up to its lines', o.number)
			FROM orders.orders o
			LEFT JOIN LATERAL (
				SELECT coalesce(sum(l.subtotal), 0) AS subtotal, coalesce(sum(l.discount), 0) AS discount,
					coalesce(sum(l.tax), 0) AS tax, coalesce(sum(l.total), 0) AS total
				FROM orders.order_lines l WHERE l.order_id = o.id
			) x ON true
			WHERE (o.subtotal, o.discount, o.tax) <> (x.subtotal, x.discount, x.tax + o.shipping_tax)
				OR o.total <> x.total + o.shipping + CASE WHEN o.tax_included THEN 0 ELSE o.shipping_tax END`},
		invariant.Query{Name: "INV-M3", SQL: `
			SELECT format('order %s gave back more than it took', number) FROM orders.orders
			WHERE refunded > captured OR captured > authorized`},
		invariant.Query{Name: "INV-C1 line counters", SQL: lineCounters},
		invariant.Query{Name: "INV-C2 statuses", SQL: statuses},
		invariant.Query{Name: "INV-E1", SQL: outbox.GapsSQL(outbox.Aggregate{Schema: "orders", Type: aggregate, Table: "orders", ID: "id", Name: "number"})},
	)
}

// lineCounters compares counters with the commands they come from.
const lineCounters = `
	SELECT format('line %s: counters differ from its commands', l.id)
	FROM orders.order_lines l
	JOIN orders.orders o ON o.id = l.order_id
	LEFT JOIN LATERAL (
		SELECT coalesce(sum((u->>'quantity')::bigint) FILTER (WHERE c.kind = 'fulfillment' AND c.done), 0) AS fulfilled,
			coalesce(sum((u->>'quantity')::bigint) FILTER (WHERE c.kind = 'fulfillment' AND NOT c.done), 0) AS fulfilling,
			coalesce(sum((u->>'quantity')::bigint) FILTER (WHERE c.kind = 'refund' AND u->>'valued' = 'true'), 0) AS refunded,
			coalesce(sum((u->>'worth')::bigint) FILTER (WHERE c.kind = 'refund' AND u->>'valued' = 'true'), 0) AS amount
		FROM orders.commands c, jsonb_array_elements(c.input->'lines') u
		WHERE c.order_id = l.order_id AND u->>'line_id' = l.id::text
	) x ON true
	WHERE (l.fulfilled, l.fulfilling, l.refunded, l.refunded_amount) <> (x.fulfilled, x.fulfilling, x.refunded, x.amount)
		OR l.canceled + l.fulfilling + l.fulfilled > l.ordered
		OR (o.canceled_at IS NOT NULL) <> (l.canceled > 0)`

// statuses derives them a second time, from counters and totals alone.
const statuses = `
	SELECT format('order %s is %s, %s, %s instead of %s, %s, %s', o.number, o.status, o.payment_status, o.fulfillment_status,
		d.status, d.payment_status, d.fulfillment_status)
	FROM orders.orders o
	CROSS JOIN LATERAL (
		SELECT CASE WHEN sum(l.fulfilled) = 0 THEN 'unfulfilled'
			WHEN sum(l.fulfilled) < sum(l.ordered - l.canceled) THEN 'partially_fulfilled' ELSE 'fulfilled' END AS fulfillment_status
		FROM orders.order_lines l WHERE l.order_id = o.id
	) f
	CROSS JOIN LATERAL (
		SELECT f.fulfillment_status,
			CASE WHEN o.captured - o.refunded > o.total THEN 'overpaid'
				WHEN o.refunded > 0 AND o.refunded = o.captured THEN 'refunded'
				WHEN o.refunded > 0 THEN 'partially_refunded'
				WHEN o.payment_voided THEN 'voided'
				WHEN o.captured >= o.total THEN 'paid'
				WHEN o.captured > 0 THEN 'partially_paid'
				WHEN o.authorized > 0 THEN 'authorized'
				ELSE 'unpaid' END AS payment_status,
			CASE WHEN o.canceled_at IS NOT NULL THEN 'canceled'
				WHEN f.fulfillment_status = 'fulfilled' AND o.captured >= o.total THEN 'completed'
				ELSE 'placed' END AS status
	) d
	WHERE (o.status, o.payment_status, o.fulfillment_status) <> (d.status, d.payment_status, d.fulfillment_status)`
