package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

const (
	// defaultPoolWait is the longest wait for a connection. Who waits longer is better told to come back: the
	// answer is due within a second.
	defaultPoolWait = 800 * time.Millisecond
	// doubtPause is the shortest time between two renewals of the whole pool. Every refused write of a read-only
	// server asks for one.
	doubtPause = time.Second
)

// Queryer runs statements: a *DB, each on its own, or a *Tx. Parameters are $1, $2 and so on.
type Queryer interface {
	// Get reads one row into dest, a pointer to a struct with db tags or to a scalar. Further rows are
	// ignored. Errors: ErrNoRows, ErrUnavailable, ErrOverloaded, the context's error.
	Get(ctx context.Context, dest any, query string, args ...any) error
	// Select reads all rows into dest, a pointer to a slice. No row is no error. Errors: ErrUnavailable,
	// ErrOverloaded, the context's error.
	Select(ctx context.Context, dest any, query string, args ...any) error
	// Exec runs a command and returns how many rows it changed. Errors: ErrUnavailable, ErrOverloaded, the
	// context's error.
	Exec(ctx context.Context, query string, args ...any) (rowsAffected int64, err error)
}

// DB is a pool of connections to one database. It is safe for use by many goroutines.
//
// A goroutine inside InTx holds a connection; when it asks the DB for another one, a busy pool can make it
// wait for itself for 0.8 seconds. Use the Tx there.
type DB struct {
	pool       *sqlx.DB
	sessions   *connector
	tracer     *tracing.Tracer
	statements statements
	slots      chan struct{}
	poolWait   time.Duration
	waits      atomic.Int64
	waited     atomic.Int64 // nanoseconds
	doubted    atomic.Int64 // when the whole pool was last renewed, in nanoseconds since 1970
	lost       atomic.Bool  // the last that was heard of the database is that it does not answer
}

func newDB(sessions *connector, c Config) *DB {
	pool := sqlx.NewDb(sql.OpenDB(sessions), "postgres")
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
		sessions:   sessions,
		tracer:     c.Tracer,
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

// Ping reaches the database once. Errors: ErrUnavailable, ErrOverloaded, the context's error.
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
	if tx := held(ctx, db); tx != nil {
		return tx.run(ctx, query, args, do)
	}
	release, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()

	done := db.tracer.Statement(ctx, query)
	defer func() { done(err) }()
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

type refusedKey struct{}

// RefuseOnce returns a context under which no statement waits for a connection any more once one has waited in vain.
// What a refused request does to clean up would otherwise have its client wait again.
func RefuseOnce(ctx context.Context) context.Context {
	return context.WithValue(ctx, refusedKey{}, new(atomic.Bool))
}

// Refused says under ctx what became of work that was done elsewhere for it too: when that waited for a connection in vain,
// RefuseOnce counts it as if ctx had waited itself.
func Refused(ctx context.Context, err error) {
	if refused := refusals(ctx); refused != nil && errors.Is(err, errPoolBusy) {
		refused.Store(true)
	}
}

// WasRefused reports whether RefuseOnce lets nothing of ctx wait for a connection any more.
func WasRefused(ctx context.Context) bool {
	refused := refusals(ctx)
	return refused != nil && refused.Load()
}

func refusals(ctx context.Context) *atomic.Bool {
	refused, _ := ctx.Value(refusedKey{}).(*atomic.Bool)
	return refused
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
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if WasRefused(ctx) {
		return nil, db.busy()
	}
	err = db.await(ctx)
	Refused(ctx, err)
	return release, err
}

func (db *DB) await(ctx context.Context) error {
	started := time.Now()
	db.waits.Add(1)
	defer func() { db.waited.Add(int64(time.Since(started))) }()
	patience := time.NewTimer(db.poolWait)
	defer patience.Stop()
	select {
	case db.slots <- struct{}{}:
		return nil
	case <-patience.C:
		return db.busy()
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return db.busy()
		}
		return ctx.Err()
	}
}

// busy says why no connection became free: because the shop has too much to do, or because those who hold the
// connections wait for a database that is gone.
func (db *DB) busy() error {
	if db.lost.Load() {
		return ErrUnavailable.Wrap(errPoolBusy)
	}
	return ErrOverloaded.Wrap(errPoolBusy)
}

func (db *DB) checked(ctx context.Context, err error) error {
	db.heed(ctx, err)
	return translate(ctx, err)
}

// heed draws from what became of a statement what it says about the other connections.
func (db *DB) heed(ctx context.Context, err error) {
	switch {
	case unreachable(ctx, err):
		db.lost.Store(true)
		if pq.As(err) == nil { // a server that says why it takes no more connections may well answer on those it took
			db.dropIdle()
		}
		return
	case db.lost.Load() && answered(err):
		db.lost.Store(false)
	}
	if pq.As(err, pqerror.ReadOnlySQLTransaction) != nil {
		db.renew()
	}
}

// dropIdle closes the idle connections when one was lost: they most likely died with it, and each would cost
// another request its answer.
func (db *DB) dropIdle() {
	db.sessions.abandonIdle()
	db.pool.SetMaxIdleConns(0)
	db.pool.SetMaxIdleConns(cap(db.slots))
}

// renew replaces every connection, those in use when they come back. They lead to a server that takes no writes,
// which after a fail-over is the old primary, while the address may lead to the new one.
func (db *DB) renew() {
	now, last := time.Now().UnixNano(), db.doubted.Load()
	if now-last < int64(doubtPause) || !db.doubted.CompareAndSwap(last, now) {
		return
	}
	db.sessions.doubt()
	db.dropIdle()
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
