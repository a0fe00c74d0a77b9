// Package invariant runs queries that must find nothing. What they find is a violation of a promise that the shop
// makes, such as "a counter equals the sum of its rows". It knows no module; modules bring their own queries.
package invariant

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Violation is one broken promise: the invariant's name, such as "INV-S2", and where it is broken.
type Violation struct {
	Invariant string
	Detail    string
}

// Query is a named query that must return no row; its single text column says where the promise is broken.
type Query struct {
	Name string
	SQL  string
}

// Check runs the queries and answers everything they find.
func Check(ctx context.Context, q sqldb.Queryer, queries ...Query) ([]Violation, error) {
	var found []Violation
	for _, query := range queries {
		var details []string
		if err := q.Select(ctx, &details, query.SQL); err != nil {
			return nil, fmt.Errorf("check %s: %w", query.Name, err)
		}
		for _, detail := range details {
			found = append(found, Violation{Invariant: query.Name, Detail: detail})
		}
	}
	return found, nil
}
