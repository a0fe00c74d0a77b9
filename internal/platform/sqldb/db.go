package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// defaultPoolWait is the longest wait for a connection, for a caller that has more time than that.
const defaultPoolWait = 5 * time.Second

// Queryer runs statements: a *DB, each on its own, or a *Tx. Parameters are $1, $2 and so on.
type Queryer interface {
	// Get reads one row into dest, a pointer to a struct with db tags or to a scalar. Further rows are
	// ignored. Errors: ErrNoRows, ErrUnavailable, the context's error.
	Get(ctx context.Context, dest any, query string, args ...any) error
	// Select reads all rows into dest, a pointer to a slice. No row is no error. Errors: ErrUnavailable,
	// the context's error.
	Select(ctx context.Context, dest any, query string, args ...any) error
	// Exec runs a command and returns how many rows it changed. Errors: ErrUnavailable, the context's
	// error.
	Exec(ctx context.Context, query string, args ...any) (rowsAffected int64, err error)
}

// DB is a pool of connections to one database. It is safe for use by many goroutines.
//
// A goroutine inside InTx holds a connection; when it asks the DB for another one, a busy pool can make it
// wait for itself for 5 seconds. Use the Tx there.
type DB struct {
	pool       *sqlx.DB
	statements statements
	slots      chan struct{}
	poolWait   time.Duration
	waits      atomic.Int64
	waited     atomic.Int64 // nanoseconds
}

func newDB(pool *sqlx.DB, c Config) *DB {
	size := c.MaxOpen
	if size == 0 {
		size = defaultMaxOpen
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(idleConnTime)
	pool.SetConnMaxLifetime(connLifetime)
	return &DB{
		pool:       pool,
		statements: statements{pool: pool, off: c.NoStatementCache},
		slots:      make(chan struct{}, size),
		poolWait:   defaultPoolWait,
	}
}

// Get implements Queryer.
func (db *DB) Get(ctx context.Context, dest any, query string, args ...any) error {
	return db.run(ctx, query, args, func(s statement) error {
		return s.GetContext(ctx, dest, args...)
	})
}

// Select implements Queryer.
func (db *DB) Select(ctx context.Context, dest any, query string, args ...any) error {
	return db.run(ctx, query, args, func(s statement) error {
		return s.SelectContext(ctx, dest, args...)
	})
}

// Exec implements Queryer.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (rowsAffected int64, err error) {
	err = db.run(ctx, query, args, func(s statement) error {
		rowsAffected, err = affected(s.ExecContext(ctx, args...))
		return err
	})
	return rowsAffected, err
}

// Ping reaches the database once. Errors: ErrUnavailable, the context's error.
func (db *DB) Ping(ctx context.Context) error {
	release, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return db.checked(ctx, db.pool.PingContext(ctx))
}

// Stats returns the state of the pool and how often, and for how long in all, callers waited for a
// connection.
func (db *DB) Stats() sql.DBStats {
	stats := db.pool.Stats()
	stats.WaitCount = db.waits.Load()
	stats.WaitDuration = time.Duration(db.waited.Load())
	return stats
}

// Close closes the connections once their statements have ended.
func (db *DB) Close() error {
	return db.pool.Close()
}

func (db *DB) run(ctx context.Context, query string, args []any, do func(statement) error) error {
	release, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()

	err = db.runOnce(ctx, query, args, do)
	if outdated(err) {
		db.statements.forget(query)
		err = db.runOnce(ctx, query, args, do)
	}
	if conflicted(err) {
		return ErrUnavailable.Wrap(err)
	}
	return db.checked(ctx, err)
}

func (db *DB) runOnce(ctx context.Context, query string, args []any, do func(statement) error) error {
	if !db.statements.cacheable(args) {
		return do(text{db.pool, query})
	}
	prepared, err := db.statements.prepare(ctx, query)
	if err != nil {
		return err
	}
	if prepared == nil {
		return do(text{db.pool, query})
	}
	return do(prepared)
}

// acquire takes one of the pool's places. The wait is bounded here and not in database/sql, where a
// caller that ran out of time in the queue cannot be told from one whose query was too slow.
func (db *DB) acquire(ctx context.Context) (release func(), err error) {
	release = func() { <-db.slots }
	select {
	case db.slots <- struct{}{}:
		return release, nil
	default:
	}

	started := time.Now()
	db.waits.Add(1)
	defer func() { db.waited.Add(int64(time.Since(started))) }()
	patience := time.NewTimer(db.poolWait)
	defer patience.Stop()
	select {
	case db.slots <- struct{}{}:
		return release, nil
	case <-patience.C:
		return nil, ErrUnavailable.Wrap(errPoolBusy)
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ErrUnavailable.Wrap(errPoolBusy)
		}
		return nil, ctx.Err()
	}
}

func (db *DB) checked(ctx context.Context, err error) error {
	db.distrustIdle(ctx, err)
	return translate(ctx, err)
}

// distrustIdle closes the idle connections when one was lost: they most likely died with it, and each
// would cost another request its answer.
func (db *DB) distrustIdle(ctx context.Context, err error) {
	if ctx.Err() == nil && lostConnection(err) {
		db.pool.SetMaxIdleConns(0)
		db.pool.SetMaxIdleConns(cap(db.slots))
	}
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
