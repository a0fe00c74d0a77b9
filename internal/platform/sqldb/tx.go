package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

const (
	// maxRetries is how often a transaction is run again after losing to another one.
	maxRetries = 3
	// retryPause lets the winner of a deadlock take the row it waits for. Without it the loser, running
	// again, often takes the row back first, and the two deadlock once more.
	retryPause = 10 * time.Millisecond
)

// Tx is a transaction in progress. It belongs to one goroutine and ends with the function it was given
// to.
type Tx struct {
	tx         *sqlx.Tx
	tracer     *tracing.Tracer
	statements *statements
	missed     []string
	conflicted bool
	readOnly   bool
}

// InTx runs fn in a READ COMMITTED transaction: committed when fn returns nil, rolled back when it returns
// an error or panics. When PostgreSQL gives the transaction up because of a deadlock or a serialization
// failure, all of fn runs again, up to 3 times, so fn must have no effect outside tx that it cannot
// repeat. fn must not keep tx, and must not call another module or a provider.
//
// Errors: those of fn; ErrUnavailable, also when the retries were used up; ErrOverloaded; the context's error.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	if h := holding(ctx); h != nil {
		return h.inTx(ctx, db, fn)
	}
	return db.inTx(ctx, readCommitted(), fn)
}

// Write runs fn, which changes something by a single statement on q. The statement is a transaction of its own, without the
// round trips of InTx, and a part of the transaction where one is held.
//
// Errors: those of fn and of InTx.
func (db *DB) Write(ctx context.Context, fn func(q Queryer) error) error {
	if h := holding(ctx); h != nil {
		return h.inTx(ctx, db, func(tx *Tx) error { return fn(tx) })
	}
	return fn(db)
}

// InReadTx is InTx with a REPEATABLE READ READ ONLY transaction: every statement of fn sees the same
// moment, and none can write.
func (db *DB) InReadTx(ctx context.Context, fn func(tx *Tx) error) error {
	if tx := held(ctx, db); tx != nil {
		return fn(tx)
	}
	return db.inTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
}

// Get implements Queryer.
func (tx *Tx) Get(ctx context.Context, dest any, query string, args ...any) error {
	return tx.do(ctx, query, args, func(s statement) error { return s.GetContext(ctx, dest, args...) })
}

// Select implements Queryer.
func (tx *Tx) Select(ctx context.Context, dest any, query string, args ...any) error {
	return tx.do(ctx, query, args, func(s statement) error { return s.SelectContext(ctx, dest, args...) })
}

// Exec implements Queryer.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (rowsAffected int64, err error) {
	err = tx.do(ctx, query, args, func(s statement) error {
		rowsAffected, err = affected(s.ExecContext(ctx, args...))
		return err
	})
	return rowsAffected, err
}

func (tx *Tx) do(ctx context.Context, query string, args []any, do func(statement) error) error {
	done := tx.tracer.Statement(ctx, query)
	err := tx.checked(ctx, query, do(tx.statement(ctx, query, args)))
	done(err)
	return err
}

func (db *DB) inTx(ctx context.Context, opts *sql.TxOptions, fn func(tx *Tx) error) error {
	release, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()

	return retried(ctx, func() (again bool, err error) { return db.attempt(ctx, opts, fn) })
}

func readCommitted() *sql.TxOptions { return &sql.TxOptions{Isolation: sql.LevelReadCommitted} }

// retried attempts again what lost to another transaction.
func retried(ctx context.Context, attempt func() (again bool, err error)) error {
	for retries := 0; ; retries++ {
		again, err := attempt()
		if !again {
			return err
		}
		if retries == maxRetries {
			return ErrUnavailable.Wrap(err)
		}
		if !periodic.Pause(ctx, retryPause<<retries) {
			return ctx.Err()
		}
	}
}

// attempt reports whether the transaction was given up by PostgreSQL. The flag is kept by the Tx, since
// fn may answer the driver's error with one of its own.
func (db *DB) attempt(ctx context.Context, opts *sql.TxOptions, fn func(tx *Tx) error) (again bool, err error) {
	begun, err := db.begin(ctx, opts)
	if err != nil {
		return false, err
	}
	tx := &Tx{tx: begun, tracer: db.tracer, statements: &db.statements, readOnly: opts.ReadOnly}
	defer func() { _ = begun.Rollback() }()

	if err := fn(tx); err != nil {
		db.heed(ctx, err)
		return tx.conflicted, err
	}
	return db.commit(ctx, tx)
}

func (db *DB) commit(ctx context.Context, tx *Tx) (again bool, err error) {
	if !tx.readOnly {
		if err := failpoint.Hit(ctx, "sqldb.committing"); err != nil {
			return false, err
		}
	}
	if err := tx.tx.Commit(); err != nil {
		return tx.conflicted || conflicted(err), db.checked(ctx, err)
	}
	db.keep(ctx, tx.missed)
	return false, nil
}

// begin tries twice: a connection that died in the pool is noticed here, before anything was done on it.
func (db *DB) begin(ctx context.Context, opts *sql.TxOptions) (*sqlx.Tx, error) {
	tx, err := db.pool.BeginTxx(ctx, opts)
	if lostConnection(err) && ctx.Err() == nil {
		db.heed(ctx, err)
		tx, err = db.pool.BeginTxx(ctx, opts)
	}
	return tx, db.checked(ctx, err)
}

// keep prepares what a committed transaction ran unprepared, for the next one. It waits for the end of
// the transaction because preparing for the whole pool may take a second connection. A statement that
// cannot be prepared stays unprepared.
func (db *DB) keep(ctx context.Context, queries []string) {
	for _, query := range queries {
		_, _ = db.statements.prepare(ctx, query) //nolint:sqlclosecheck // the cache keeps it open for the next caller
	}
}

func (tx *Tx) statement(ctx context.Context, query string, args []any) statement {
	if !tx.statements.cacheable(args) {
		return text{tx.tx, query}
	}
	prepared, ok := tx.statements.lookup(query)
	if !ok {
		tx.missed = append(tx.missed, query)
		return text{tx.tx, query}
	}
	return tx.tx.StmtxContext(ctx, prepared)
}

func (tx *Tx) checked(ctx context.Context, query string, err error) error {
	if outdated(err) {
		tx.statements.forget(query)
		tx.conflicted = true
	}
	tx.conflicted = tx.conflicted || conflicted(err)
	return translate(ctx, err)
}
