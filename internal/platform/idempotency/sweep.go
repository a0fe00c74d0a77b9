package idempotency

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// sweepBatch is how many keys are dropped at once.
const sweepBatch = 1000

// Sweep drops the expired keys of a schema, in batches. Any number of processes may do so at the same time.
//
// Errors: sqldb.ErrUnavailable, the context's error.
func Sweep(ctx context.Context, db *sqldb.DB, schema string) error {
	const query = `
		DELETE FROM {schema}.idempotency_keys WHERE id = ANY (ARRAY(
			SELECT id FROM {schema}.idempotency_keys
			WHERE expires_at < now() AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
			ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`
	for {
		dropped, err := db.Exec(ctx, in(checked(schema), query), sweepBatch)
		if err != nil {
			return fmt.Errorf("drop expired idempotency keys of %s: %w", schema, err)
		}
		if dropped < sweepBatch {
			return nil
		}
	}
}
