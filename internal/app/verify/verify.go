// Package verify checks what several modules promise together: that every order has its completed checkout and no
// other, that what was sold is owed or sent, that orders and payments tell of the same money. It is the one package
// that may read every schema, only read them, and only while all of them are in one database.
package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// settle is how long, in seconds, rows must be unchanged before modules must agree on them; events travel meanwhile.
const settle = 10

// rule is a promise over schemas. Its query answers where it is broken, as one text column. A rule that modules agree on
// only once events have traveled asks as $1 for how many seconds rows must have rested.
type rule struct {
	name   string
	rested bool
	query  string
}

func rules() []rule {
	return []rule{
		{"INV-O2 order without completed checkout", true, `
SELECT 'order ' || o.number FROM orders.orders o LEFT JOIN checkout.attempts a ON a.reference = o.reference
WHERE a.status IS DISTINCT FROM 'completed' AND o.placed_at < now() - make_interval(secs => $1)`},
		{"INV-O2 completed checkout without order", false, `
SELECT 'checkout ' || a.reference FROM checkout.attempts a LEFT JOIN orders.orders o ON o.reference = a.reference
WHERE a.status = 'completed' AND o.id IS DISTINCT FROM a.order_id`},
		{"INV-O3 order and checkout differ", false, `
SELECT 'order ' || o.number FROM orders.orders o JOIN checkout.attempts a ON a.reference = o.reference
WHERE a.status = 'completed' AND (o.total <> a.total OR o.currency <> a.currency)`},
		{"INV-S5 sold and not owed", true, `
SELECT 'order ' || o.number || ', SKU ' || l.sku FROM orders.orders o
JOIN (SELECT order_id, sku, sum(ordered - canceled) AS quantity FROM orders.order_lines GROUP BY order_id, sku) l ON l.order_id = o.id
JOIN inventory.holds h ON h.reference = o.reference AND NOT l.sku = ANY (h.uncounted)
WHERE o.status <> 'canceled' AND o.updated_at < now() - make_interval(secs => $1)
	AND l.quantity <> (SELECT coalesce(sum(r.quantity), 0) FROM inventory.reservations r
		WHERE r.reference = o.reference AND r.sku = l.sku AND r.state IN ('allocated', 'shipped'))`},
		{"INV-S5 order without a hold", false, `
SELECT 'order ' || o.number FROM orders.orders o LEFT JOIN inventory.holds h ON h.reference = o.reference WHERE h.reference IS NULL`},
		{"INV-S7 canceled and still held", true, `
SELECT 'reservation ' || r.id FROM inventory.reservations r
LEFT JOIN checkout.attempts a ON a.reference = r.reference LEFT JOIN orders.orders o ON o.reference = r.reference
WHERE r.state IN ('open', 'allocated') AND (a.status = 'canceled' OR o.status = 'canceled')
	AND coalesce(o.updated_at, a.updated_at) < now() - make_interval(secs => $1)`},
		{"INV-M9 canceled and still authorized", true, `
SELECT 'payment ' || p.reference FROM payments.attempts p JOIN checkout.attempts a ON a.reference = p.reference
WHERE a.status = 'canceled' AND p.status = 'authorized' AND p.given_up_at IS NULL AND greatest(a.updated_at, p.updated_at) < now() - make_interval(secs => $1)`},
		{"INV-M2 order and payment differ", true, `
SELECT 'order ' || o.number FROM orders.orders o JOIN payments.attempts p ON p.reference = o.reference
WHERE (o.captured <> p.captured OR o.refunded <> p.refunded OR o.currency <> p.currency)
	AND greatest(o.updated_at, p.updated_at) < now() - make_interval(secs => $1)`},
		{"INV-M9 money without an order", true, `
SELECT 'payment ' || p.reference FROM payments.attempts p LEFT JOIN orders.orders o ON o.reference = p.reference
WHERE p.captured > p.refunded AND o.id IS NULL AND p.updated_at < now() - make_interval(secs => $1)`},
		{"INV-O1 cart and order differ", true, `
SELECT 'order ' || o.number FROM orders.orders o JOIN cart.carts c ON c.id = o.cart_id
WHERE c.order_id IS DISTINCT FROM o.id AND o.updated_at < now() - make_interval(secs => $1)`},
	}
}

// Run checks every rule at one moment in time. While events travel or a checkout runs, what changed lately is left out.
func Run(ctx context.Context, db *sqldb.DB) ([]invariant.Violation, error) {
	var found []invariant.Violation
	err := db.InReadTx(ctx, func(tx *sqldb.Tx) error {
		found = nil
		rested, err := restedSeconds(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rules() {
			var details []string
			var args []any
			if r.rested {
				args = append(args, rested)
			}
			if err := tx.Select(ctx, &details, r.query, args...); err != nil {
				return fmt.Errorf("check %s: %w", r.name, err)
			}
			for _, detail := range details {
				found = append(found, invariant.Violation{Invariant: r.name, Detail: detail})
			}
		}
		return nil
	})
	return found, err
}

// restedSeconds is 0, so that nothing is left out, when the shop is quiet: no checkout runs and no event waits.
func restedSeconds(ctx context.Context, tx *sqldb.Tx) (int, error) {
	const query = `SELECT 1 WHERE EXISTS (SELECT FROM checkout.attempts WHERE status NOT IN ('completed', 'canceled', 'review'))
	OR EXISTS (SELECT FROM orders.outbox_deliveries WHERE dead_at IS NULL)
	OR EXISTS (SELECT FROM payments.outbox_deliveries WHERE dead_at IS NULL)
	OR EXISTS (SELECT FROM inventory.outbox_deliveries WHERE dead_at IS NULL)`
	var busy int
	err := tx.Get(ctx, &busy, query)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("ask whether the shop is quiet: %w", err)
	}
	return settle, nil
}
