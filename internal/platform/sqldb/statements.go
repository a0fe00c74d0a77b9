package sqldb

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// maxStatements bounds what a query whose text varies can cost: every connection keeps every cached
// statement. Text beyond it runs unprepared.
const maxStatements = 1000

// statement is a command ready to run: prepared, or its text.
type statement interface {
	GetContext(ctx context.Context, dest any, args ...any) error
	SelectContext(ctx context.Context, dest any, args ...any) error
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
}

// text runs unprepared, in one round trip.
type text struct {
	on    sqlx.ExtContext
	query string
}

func (t text) GetContext(ctx context.Context, dest any, args ...any) error {
	return sqlx.GetContext(ctx, t.on, dest, t.query, args...)
}

func (t text) SelectContext(ctx context.Context, dest any, args ...any) error {
	return sqlx.SelectContext(ctx, t.on, dest, t.query, args...)
}

func (t text) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	return t.on.ExecContext(ctx, t.query, args...)
}

// statements keeps prepared statements by their text. database/sql prepares one again on each connection
// that meets it for the first time.
type statements struct {
	pool   *sqlx.DB
	off    bool
	byText sync.Map // string -> *sqlx.Stmt
	count  atomic.Int64
}

func (s *statements) cacheable(args []any) bool {
	return !s.off && len(args) > 0
}

func (s *statements) lookup(query string) (*sqlx.Stmt, bool) {
	found, ok := s.byText.Load(query)
	if !ok {
		return nil, false
	}
	return found.(*sqlx.Stmt), true //nolint:errcheck // nothing else is ever stored
}

// prepare returns the statement for query, nil when the cache is full.
func (s *statements) prepare(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if found, ok := s.lookup(query); ok {
		return found, nil
	}
	if s.count.Load() >= maxStatements {
		return nil, nil
	}
	prepared, err := s.pool.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if first, raced := s.byText.LoadOrStore(query, prepared); raced {
		return first.(*sqlx.Stmt), prepared.Close() //nolint:errcheck,sqlclosecheck // nothing else is ever stored; the loser of the race is closed at once
	}
	s.count.Add(1)
	return prepared, nil
}

// forget drops an outdated statement. It is not closed, since others may be running it; its connections
// close it at the end of their lives.
func (s *statements) forget(query string) {
	if _, had := s.byText.LoadAndDelete(query); had {
		s.count.Add(-1)
	}
}
