package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// PageSize is how many references of a module are best compared at once, at most.
const PageSize = 2000

// source is what rules read of a module. Columns are those of its query, with their types.
type source struct {
	module, query, columns string
	// key is the column that pages are cut by; that of carts is matched with the orders of the page.
	key string
}

func sources() map[string]source {
	return map[string]source{
		"checkouts": {"checkout", `SELECT reference, status, order_id, total, currency, updated_at FROM checkout.attempts`,
			`reference text, status text, order_id uuid, total bigint, currency text, updated_at timestamptz`, "reference"},
		"orders": {"orders", `SELECT id, number, reference, cart_id, status, total, currency, authorized, captured, refunded, placed_at, updated_at,
	EXISTS (SELECT FROM orders.commands c WHERE c.order_id = o.id AND NOT c.done) AS unfinished FROM orders.orders o`,
			`id uuid, number text, reference text, cart_id uuid, status text, total bigint, currency text, authorized bigint, captured bigint, refunded bigint, placed_at timestamptz, updated_at timestamptz, unfinished boolean`, "reference"},
		"lines": {"orders", `SELECT o.reference, l.sku, l.ordered, l.canceled FROM orders.order_lines l JOIN orders.orders o ON o.id = l.order_id`,
			`reference text, sku text, ordered bigint, canceled bigint`, "reference"},
		"holds": {"inventory", `SELECT reference, uncounted FROM inventory.holds`, `reference text, uncounted text[]`, "reference"},
		"reservations": {"inventory", `SELECT id, reference, sku, quantity, state, updated_at FROM inventory.reservations`,
			`id uuid, reference text, sku text, quantity bigint, state text, updated_at timestamptz`, "reference"},
		"payments": {"payments", `SELECT reference, status, given_up_at, captured, refunded, currency, updated_at FROM payments.attempts`,
			`reference text, status text, given_up_at timestamptz, captured bigint, refunded bigint, currency text, updated_at timestamptz`, "reference"},
		"carts": {"cart", `SELECT id, order_id FROM cart.carts`, `id uuid, order_id uuid`, "id"},
	}
}

// readingOrder has what must be there last before what needs it: an order is there before its checkout is completed, and
// its hold before the order. So nothing is missed that was there in time.
func readingOrder() []string {
	return []string{"checkouts", "orders", "lines", "holds", "reservations", "payments", "carts"}
}

// page is the JSON of each source, for the references of a page.
type page map[string]json.RawMessage

// inPages compares the modules for some references after the others. References of checkouts are of one length, letters and
// digits, so that every collation puts them into the same order.
func inPages(ctx context.Context, databases Databases, rules []rule, wait, size int) ([]invariant.Violation, error) {
	var found []invariant.Violation
	for after, last := "", false; !last; {
		upTo, err := databases.pageEnd(ctx, after, size)
		if err != nil {
			return nil, err
		}
		read, err := databases.readPage(ctx, after, upTo)
		if err != nil {
			return nil, err
		}
		broken, err := read.check(ctx, databases, rules, wait)
		if err != nil {
			return nil, err
		}
		found = append(found, broken...)
		after, last = upTo, upTo == ""
	}
	return found, nil
}

// pageEnd is the reference that a page ends with: no module has more than size of them until there. It is empty for the
// last page.
func (d Databases) pageEnd(ctx context.Context, after string, size int) (string, error) {
	end := ""
	for module, table := range map[string]string{"checkout": "checkout.attempts", "orders": "orders.orders", "inventory": "inventory.holds", "payments": "payments.attempts"} {
		if d[module] == nil {
			continue
		}
		var last string
		err := d[module].Get(ctx, &last, `SELECT reference FROM `+table+` WHERE reference > $1 ORDER BY reference OFFSET $2 LIMIT 1`, after, size-1)
		switch {
		case errors.Is(err, sqldb.ErrNoRows):
		case err != nil:
			return "", fmt.Errorf("read references of %s: %w", module, err)
		case end == "" || last < end:
			end = last
		}
	}
	return end, nil
}

func (d Databases) readPage(ctx context.Context, after, upTo string) (page, error) {
	read := page{}
	for _, name := range readingOrder() {
		s := sources()[name]
		if d[s.module] == nil {
			continue
		}
		var rows string
		var err error
		if s.key == "id" {
			err = d[s.module].Get(ctx, &rows, `WITH s AS NOT MATERIALIZED (`+s.query+`) SELECT coalesce(jsonb_agg(s), '[]') FROM s
				WHERE id = ANY (SELECT cart_id FROM jsonb_to_recordset($1::jsonb) AS o(cart_id uuid))`, string(read["orders"]))
		} else {
			err = d[s.module].Get(ctx, &rows, `WITH s AS NOT MATERIALIZED (`+s.query+`) SELECT coalesce(jsonb_agg(s), '[]') FROM s
				WHERE reference > $1 AND ($2 = '' OR reference <= $2)`, after, upTo)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		read[name] = json.RawMessage(rows)
	}
	return read, nil
}

// check asks the rules of a page, in whichever database: they read nothing there.
func (p page) check(ctx context.Context, databases Databases, rules []rule, wait int) ([]invariant.Violation, error) {
	var found []invariant.Violation
	err := databases[sources()[rules[0].sources[0]].module].InReadTx(ctx, func(tx *sqldb.Tx) error {
		found = nil
		// Nobody knows how many rows are in a parameter, and each row beside each other would be too many.
		if _, err := tx.Exec(ctx, `SET LOCAL enable_nestloop = off`); err != nil {
			return err
		}
		for _, r := range rules {
			var given []string
			var args []any
			for _, name := range r.sources {
				args = append(args, string(p[name]))
				given = append(given, name+" AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($"+strconv.Itoa(len(args))+"::jsonb) AS s("+sources()[name].columns+"))")
			}
			broken, err := r.check(ctx, tx, given, args, wait)
			if err != nil {
				return err
			}
			found = append(found, broken...)
		}
		return nil
	})
	return found, err
}
