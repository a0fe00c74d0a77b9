package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Verify looks for products whose events have a gap, variants that do not name one value of every option, and
// categories that no root leads to.
func Verify(ctx context.Context, q sqldb.Queryer) ([]invariant.Violation, error) {
	const options = `
		SELECT format('variant %s of product %s: %s', v.id, v.product_id, v.option_values)
		FROM catalog.variants v
		WHERE cardinality(v.option_values) <> (SELECT count(*) FROM catalog.options o WHERE o.product_id = v.product_id)
			OR EXISTS (
				SELECT 1 FROM catalog.options o
				WHERE o.product_id = v.product_id AND v.option_values[o.position + 1] <> ALL (o.value_list))`
	const tree = `
		WITH RECURSIVE rooted AS (
			SELECT id FROM catalog.categories WHERE parent_id IS NULL
			UNION ALL
			SELECT c.id FROM catalog.categories c JOIN rooted ON c.parent_id = rooted.id
		)
		SELECT format('category %s', c.id) FROM catalog.categories c
		WHERE NOT EXISTS (SELECT 1 FROM rooted WHERE rooted.id = c.id)`
	return invariant.Check(ctx, q,
		invariant.Query{Name: "INV-E1", SQL: outbox.GapsSQL(outbox.Aggregate{Schema: "catalog", Type: aggregate, Table: "products", ID: "id"})},
		invariant.Query{Name: "catalog-option-values", SQL: options},
		invariant.Query{Name: "catalog-category-tree", SQL: tree},
	)
}
