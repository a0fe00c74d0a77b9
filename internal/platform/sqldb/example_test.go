package sqldb_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// A transaction decides in SQL and reads the answer from the number of rows.
func ExampleDB_InTx() {
	errNotEnough := errors.New("not enough stock")
	take := func(ctx context.Context, db *sqldb.DB, sku string, quantity int64) error {
		const query = `
			UPDATE inventory.levels SET on_hand = on_hand - $2
			WHERE sku = $1 AND on_hand >= $2`

		return db.InTx(ctx, func(tx *sqldb.Tx) error {
			changed, err := tx.Exec(ctx, query, sku, quantity)
			if err != nil {
				return fmt.Errorf("take %d of %s: %w", quantity, sku, err)
			}
			if changed == 0 {
				return errNotEnough
			}
			return nil
		})
	}
	_ = take
}

func ExampleViolates() {
	errHandleTaken := errors.New("handle taken")
	translate := func(err error) error {
		if sqldb.Violates(err, "products_handle_taken") {
			return errHandleTaken
		}
		return err
	}

	fmt.Println(translate(&pq.Error{Code: "23505", Constraint: "products_handle_taken"}))
	// Output: handle taken
}

func ExampleJSON() {
	value, err := sqldb.JSON{V: map[string]int{"small": 1}}.Value()
	fmt.Println(value, err)

	var sizes map[string]int
	err = (&sqldb.JSON{V: &sizes}).Scan([]byte(`{"large": 3}`))
	fmt.Println(sizes, err)
	// Output:
	// {"small":1} <nil>
	// map[large:3] <nil>
}
