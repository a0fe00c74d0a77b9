package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	// lockKey is the advisory lock of everyone who changes schemas in a database. The number means nothing.
	lockKey  int64 = 7_245_918_003_316_004_211
	lockPoll       = 50 * time.Millisecond
)

// exclusively runs do while no other process changes schemas in the database. It asks for the lock again
// and again instead of waiting for it in PostgreSQL: a waiting session holds a snapshot, and CREATE INDEX
// CONCURRENTLY of the process that has the lock would wait for that snapshot, which is a deadlock.
func exclusively(ctx context.Context, dsn string, do func(db *sql.DB) error) (err error) {
	db, err := sqldb.OpenAdmin(dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to lock migrations: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := lock(ctx, conn); err != nil {
		return err
	}
	return errors.Join(do(db), unlock(ctx, conn))
}

func lock(ctx context.Context, conn *sql.Conn) error {
	const query = `SELECT pg_try_advisory_lock($1)`

	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		var locked bool
		if err := conn.QueryRowContext(ctx, query, lockKey).Scan(&locked); err != nil {
			return fmt.Errorf("lock migrations: %w", err)
		}
		if locked {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for another process to finish its migrations: %w", ctx.Err())
		}
	}
}

// unlock outlives the caller's context: the connection goes back to a pool, and would keep the lock.
func unlock(ctx context.Context, conn *sql.Conn) error {
	const query = `SELECT pg_advisory_unlock($1)`

	if _, err := conn.ExecContext(context.WithoutCancel(ctx), query, lockKey); err != nil {
		return fmt.Errorf("unlock migrations: %w", err)
	}
	return nil
}
