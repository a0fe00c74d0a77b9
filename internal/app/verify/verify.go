// Package verify checks what several modules promise together: that every order has its completed checkout and no
// other, that what was sold is owed or sent, that orders and payments tell of the same money. It is the one package
// that may read every schema, and only reads them: at one moment while all of them are in one database, else page by page,
// so that it needs the same memory for any shop.
package verify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// settle is how long, in seconds, rows must be unchanged before modules must agree on them; events travel meanwhile.
const settle = 10

// rested, in a query, is for how many seconds rows must have rested: 0 in a quiet shop.
const rested = "$rested"

// rule is a promise between modules. Its query answers from the named sources where it is broken, as one text column.
type rule struct {
	name    string
	sources []string
	query   string
}

func rules() []rule {
	return []rule{
		{"INV-O2 order without completed checkout", []string{"checkouts", "orders"}, `
SELECT 'order ' || o.number FROM orders o LEFT JOIN checkouts a ON a.reference = o.reference
WHERE a.status IS DISTINCT FROM 'completed' AND o.placed_at < now() - make_interval(secs => $rested)`},
		{"INV-O2 completed checkout without order", []string{"checkouts", "orders"}, `
SELECT 'checkout ' || a.reference FROM checkouts a LEFT JOIN orders o ON o.reference = a.reference
WHERE a.status = 'completed' AND o.id IS DISTINCT FROM a.order_id`},
		{"INV-O3 order and checkout differ", []string{"checkouts", "orders"}, `
SELECT 'order ' || o.number FROM orders o JOIN checkouts a ON a.reference = o.reference
WHERE a.status = 'completed' AND (o.total <> a.total OR o.currency <> a.currency)`},
		{"INV-S5 sold and not owed", []string{"orders", "lines", "holds", "reservations"}, `
SELECT 'order ' || o.number || ', SKU ' || l.sku FROM orders o
JOIN (SELECT reference, sku, sum(ordered - canceled) AS quantity FROM lines GROUP BY reference, sku) l ON l.reference = o.reference
JOIN holds h ON h.reference = o.reference AND NOT l.sku = ANY (h.uncounted)
LEFT JOIN (SELECT reference, sku, sum(quantity) AS quantity FROM reservations WHERE state IN ('allocated', 'shipped') GROUP BY reference, sku) r
	ON r.reference = o.reference AND r.sku = l.sku
WHERE o.status <> 'canceled' AND NOT o.unfinished AND o.updated_at < now() - make_interval(secs => $rested) AND l.quantity <> coalesce(r.quantity, 0)`},
		{"INV-S5 order without a hold", []string{"orders", "holds"}, `
SELECT 'order ' || o.number FROM orders o LEFT JOIN holds h ON h.reference = o.reference WHERE h.reference IS NULL`},
		{"INV-S5 owed and not sold", []string{"orders", "reservations"}, `
SELECT DISTINCT 'checkout ' || r.reference FROM reservations r LEFT JOIN orders o ON o.reference = r.reference
WHERE r.state = 'allocated' AND o.id IS NULL AND r.updated_at < now() - make_interval(secs => $rested)`},
		{"INV-S7 canceled and still held", []string{"checkouts", "orders", "reservations"}, `
SELECT 'reservation ' || r.id FROM reservations r
LEFT JOIN checkouts a ON a.reference = r.reference LEFT JOIN orders o ON o.reference = r.reference
WHERE r.state IN ('open', 'allocated') AND (a.status = 'canceled' OR o.status = 'canceled')
	AND NOT coalesce(o.unfinished, false) AND coalesce(o.updated_at, a.updated_at) < now() - make_interval(secs => $rested)`},
		{"INV-M9 canceled and still authorized", []string{"checkouts", "payments"}, `
SELECT 'payment ' || p.reference FROM payments p JOIN checkouts a ON a.reference = p.reference
WHERE a.status = 'canceled' AND p.status = 'authorized' AND p.given_up_at IS NULL AND greatest(a.updated_at, p.updated_at) < now() - make_interval(secs => $rested)`},
		{"INV-M2 order and payment differ", []string{"orders", "payments"}, `
SELECT 'order ' || o.number FROM orders o JOIN payments p ON p.reference = o.reference
WHERE (o.captured <> p.captured OR o.refunded <> p.refunded OR o.currency <> p.currency)
	AND NOT o.unfinished AND greatest(o.updated_at, p.updated_at) < now() - make_interval(secs => $rested)`},
		{"INV-M2 order without its payment", []string{"orders", "payments"}, `
SELECT 'order ' || o.number FROM orders o LEFT JOIN payments p ON p.reference = o.reference
WHERE o.authorized > 0 AND p.reference IS NULL`},
		{"INV-M9 money without an order", []string{"orders", "payments"}, `
SELECT 'payment ' || p.reference FROM payments p LEFT JOIN orders o ON o.reference = p.reference
WHERE p.captured > p.refunded AND o.id IS NULL AND p.updated_at < now() - make_interval(secs => $rested)`},
		{"INV-O1 cart and order differ", []string{"orders", "carts"}, `
SELECT 'order ' || o.number FROM orders o JOIN carts c ON c.id = o.cart_id
WHERE c.order_id IS DISTINCT FROM o.id AND o.updated_at < now() - make_interval(secs => $rested)`},
	}
}

// Databases are those that hold the schemas of modules; a module that is not there cannot be read.
type Databases map[string]*sqldb.DB

// Run checks every rule that the databases allow, and answers which they do not. While events travel or a checkout runs, what
// changed lately is left out; what a command on an order has still to do is none of them.
func Run(ctx context.Context, databases Databases, pageSize int) (found []invariant.Violation, left []string, err error) {
	possible := slices.DeleteFunc(rules(), func(r rule) bool {
		unknown := slices.ContainsFunc(r.sources, func(name string) bool { return databases[sources()[name].module] == nil })
		if unknown {
			left = append(left, r.name)
		}
		return unknown
	})
	if len(possible) == 0 {
		return nil, left, nil
	}
	wait, err := databases.restedSeconds(ctx)
	if err != nil {
		return nil, nil, err
	}
	if shared := databases.shared(); shared != nil {
		found, err = atOnce(ctx, shared, possible, wait)
		return found, left, err
	}
	found, err = inPages(ctx, databases, possible, wait, pageSize)
	return found, left, err
}

// shared is the database that all modules that are known are in, if there is one.
func (d Databases) shared() *sqldb.DB {
	var shared *sqldb.DB
	for _, db := range d {
		if shared != nil && db != shared {
			return nil
		}
		shared = db
	}
	return shared
}

// restedSeconds is 0, so that nothing is left out, when the shop is quiet: no checkout runs and no event waits.
func (d Databases) restedSeconds(ctx context.Context) (int, error) {
	for module, busy := range map[string]string{
		"checkout":  `EXISTS (SELECT FROM checkout.attempts WHERE status NOT IN ('completed', 'canceled', 'review'))`,
		"orders":    `EXISTS (SELECT FROM orders.outbox_deliveries WHERE dead_at IS NULL)`,
		"payments":  `EXISTS (SELECT FROM payments.outbox_deliveries WHERE dead_at IS NULL)`,
		"inventory": `EXISTS (SELECT FROM inventory.outbox_deliveries WHERE dead_at IS NULL)`,
	} {
		if d[module] == nil {
			return settle, nil
		}
		var isBusy bool
		if err := d[module].Get(ctx, &isBusy, `SELECT `+busy); err != nil {
			return 0, fmt.Errorf("ask whether %s is quiet: %w", module, err)
		}
		if isBusy {
			return settle, nil
		}
	}
	return 0, nil
}

// atOnce checks rules at one moment in time.
func atOnce(ctx context.Context, db *sqldb.DB, rules []rule, wait int) ([]invariant.Violation, error) {
	var found []invariant.Violation
	err := db.InReadTx(ctx, func(tx *sqldb.Tx) error {
		found = nil
		for _, r := range rules {
			var given []string
			for _, name := range r.sources {
				given = append(given, name+" AS NOT MATERIALIZED ("+sources()[name].query+")")
			}
			broken, err := r.check(ctx, tx, given, nil, wait)
			if err != nil {
				return err
			}
			found = append(found, broken...)
		}
		return nil
	})
	return found, err
}

// check asks a rule of what is given: its sources as parts of WITH, which take args.
func (r rule) check(ctx context.Context, tx *sqldb.Tx, given []string, args []any, wait int) ([]invariant.Violation, error) {
	query := "WITH " + strings.Join(given, ", ") + r.query
	if strings.Contains(query, rested) {
		args = append(args, wait)
		query = strings.ReplaceAll(query, rested, "$"+strconv.Itoa(len(args)))
	}
	var details []string
	if err := tx.Select(ctx, &details, query, args...); err != nil {
		return nil, fmt.Errorf("check %s: %w", r.name, err)
	}
	var found []invariant.Violation
	for _, detail := range details {
		found = append(found, invariant.Violation{Invariant: r.name, Detail: detail})
	}
	return found, nil
}
