package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Server is what a database server says of itself and of the user who asks.
type Server struct {
	Number            int // as server_version_num counts: 150004
	Version           string
	Fsync             string
	SynchronousCommit string
	// ReadOnly says that it takes no writes, such as a replica.
	ReadOnly bool
	// MayCreate says whether the user may create schemas.
	MayCreate bool
	Now       time.Time
}

// Describe asks a server that OpenAdmin has connected.
func Describe(ctx context.Context, db *sql.DB) (Server, error) {
	const query = `
		SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('fsync'),
			current_setting('synchronous_commit'), current_setting('default_transaction_read_only')::bool OR pg_is_in_recovery(),
			has_database_privilege(current_database(), 'CREATE'), clock_timestamp()`
	var s Server
	err := db.QueryRowContext(ctx, query).Scan(&s.Number, &s.Version, &s.Fsync, &s.SynchronousCommit, &s.ReadOnly, &s.MayCreate, &s.Now)
	if err != nil {
		return s, fmt.Errorf("ask the database server about itself: %w", err)
	}
	return s, nil
}
