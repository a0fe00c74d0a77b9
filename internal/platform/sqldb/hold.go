package sqldb

import (
	"context"
	"errors"
	"sync/atomic"
)

var errHoldEnded = errors.New("the held transaction has failed or ended")

// Hold keeps open the transaction of an InTx that was given its context, so that what becomes known only later, such as
// the answer to a request, is written in it and commits with it or not at all. From that InTx on, everything that is done
// on the same DB under the context is done in the same transaction; other databases are not held. As InTx has answered
// before anything is durable, nobody may be told of it before Commit.
//
// A Hold belongs to one goroutine.
type Hold struct {
	// begin has the context that the Hold was made with: the transaction must not end with one that a use case cancels.
	begin func(db *DB) (*Tx, error)
	first func(ctx context.Context, tx *Tx) error

	db      *DB
	tx      *Tx
	release func()
	ended   bool
	after   []func()
}

type holdKey struct{}

// NewHold returns a context under which the first InTx is held, and the Hold to end it with. first runs at the beginning
// of that transaction; its error is answered by InTx. End the Hold in every case, by Commit or Rollback.
func NewHold(ctx context.Context, first func(ctx context.Context, tx *Tx) error) (context.Context, *Hold) {
	h := &Hold{first: first}
	h.begin = func(db *DB) (*Tx, error) {
		begun, err := db.begin(ctx, readCommitted())
		return &Tx{tx: begun, tracer: db.tracer, statements: &db.statements}, err
	}
	return context.WithValue(ctx, holdKey{}, h), h
}

// Tx returns the transaction that is held, nil while there is none.
func (h *Hold) Tx() *Tx { return h.tx }

// Commit makes durable what was done. Without a transaction there is nothing to do.
//
// Errors: ErrUnavailable, after which it is not known whether the transaction was committed; the context's error; an error
// when a part of it has failed before.
func (h *Hold) Commit(ctx context.Context) error {
	if h.ended {
		return errHoldEnded
	}
	if h.tx == nil {
		return nil
	}
	defer h.Rollback()
	again, err := h.db.commit(ctx, h.tx)
	if again {
		return ErrUnavailable.Wrap(err)
	}
	return err
}

// Rollback undoes what was not committed; after Commit it does nothing.
func (h *Hold) Rollback() {
	if h.tx == nil || h.ended {
		return
	}
	h.ended = true
	_ = h.tx.tx.Rollback()
	h.release()
	for _, do := range h.after {
		do()
	}
}

// AfterEnd runs do when what was done under ctx has been committed or undone: at once, unless a transaction is held.
func AfterEnd(ctx context.Context, do func()) {
	if h := holding(ctx); h != nil && h.tx != nil && !h.ended {
		h.after = append(h.after, do)
		return
	}
	do()
}

func holding(ctx context.Context) *Hold {
	h, _ := ctx.Value(holdKey{}).(*Hold)
	return h
}

// held returns the transaction that statements on db belong to, if one is held.
func held(ctx context.Context, db *DB) *Tx {
	if h := holding(ctx); h != nil && h.db == db && !h.ended {
		return h.tx
	}
	return nil
}

// Holds reports whether statements of ctx on db belong to a transaction that ctx holds.
func (db *DB) Holds(ctx context.Context) bool { return held(ctx, db) != nil }

// HoldsWrites reports whether a Write of ctx on db is a part of a transaction that ctx holds, would be its beginning, or comes
// too late for it.
func (db *DB) HoldsWrites(ctx context.Context) bool {
	h := holding(ctx)
	return h != nil && (h.ended || h.tx == nil || h.db == db)
}

// Outside returns a context with everything of ctx except its Hold, its RefuseOnce and its end, for work that others wait
// for as well.
func Outside(ctx context.Context) context.Context {
	ctx = context.WithValue(context.WithoutCancel(ctx), holdKey{}, (*Hold)(nil))
	return context.WithValue(ctx, refusedKey{}, (*atomic.Bool)(nil))
}

// run is DB.run in the transaction that is held, which cannot be run again any more.
func (tx *Tx) run(ctx context.Context, query string, args []any, do func(statement) error) error {
	err := tx.do(ctx, query, args, do)
	if err != nil && tx.conflicted {
		return ErrUnavailable.Wrap(err)
	}
	return err
}

func (h *Hold) inTx(ctx context.Context, db *DB, fn func(tx *Tx) error) error {
	switch {
	case h.ended:
		return errHoldEnded
	case h.tx == nil:
		return h.open(ctx, db, fn)
	case h.db != db:
		return db.inTx(ctx, readCommitted(), fn)
	default:
		return h.join(ctx, fn)
	}
}

func (h *Hold) open(ctx context.Context, db *DB, fn func(tx *Tx) error) error {
	release, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if h.tx == nil {
			release()
		}
	}()
	h.release = release
	return retried(ctx, func() (again bool, err error) { return h.attempt(ctx, db, fn) })
}

// attempt is DB.attempt without the end.
func (h *Hold) attempt(ctx context.Context, db *DB, fn func(tx *Tx) error) (again bool, err error) {
	tx, err := h.begin(db)
	if err != nil {
		return false, err
	}
	defer func() {
		if h.tx == nil {
			_ = tx.tx.Rollback()
		}
	}()
	if err = h.first(ctx, tx); err == nil {
		err = fn(tx)
	}
	if err != nil {
		db.heed(ctx, err)
		return tx.conflicted, err
	}
	h.db, h.tx = db, tx
	return false, nil
}

// join runs fn as a further part of the transaction. A part that fails undoes itself only: the use case takes what it did
// before for done.
func (h *Hold) join(ctx context.Context, fn func(tx *Tx) error) error {
	return retried(ctx, func() (again bool, err error) {
		if _, err := h.tx.Exec(ctx, `SAVEPOINT part`); err != nil {
			return false, err
		}
		done := false
		defer func() {
			if !done {
				h.undo(ctx)
			}
		}()
		h.tx.conflicted = false
		if err := fn(h.tx); err != nil {
			return h.tx.conflicted, err
		}
		_, err = h.tx.Exec(ctx, `RELEASE SAVEPOINT part`)
		done = err == nil
		return false, err
	})
}

func (h *Hold) undo(ctx context.Context) {
	if _, err := h.tx.Exec(ctx, `ROLLBACK TO SAVEPOINT part`); err != nil {
		h.Rollback()
	}
}
