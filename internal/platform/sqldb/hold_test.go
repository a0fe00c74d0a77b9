package sqldb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

var errPart = errors.New("a part went wrong")

func nothingFirst(context.Context, *sqldb.Tx) error { return nil }

func set(ctx context.Context, quantity int, result error) func(*sqldb.Tx) error {
	return func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, setQuantity, 1, quantity)
		return errors.Join(err, result)
	}
}

func TestAHeldTransactionIsDurableOnlyWhenItsHoldSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*sqldb.Hold) error
		want int
	}{
		"commit":   {func(h *sqldb.Hold) error { return h.Commit(t.Context()) }, 5},
		"rollback": {func(h *sqldb.Hold) error { h.Rollback(); return nil }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			database := newDatabase(t)
			db := open(t, sqldb.Config{DSN: database.DSN(), MaxOpen: 1})
			ctx, hold := sqldb.NewHold(t.Context(), nothingFirst)

			inner, cancelInner := context.WithCancel(ctx)
			must(t, db.InTx(inner, set(inner, 5, nil)))
			cancelInner()

			if got := quantity(t, database.Admin(), 1); got != 0 {
				t.Errorf("others see %d before the end", got)
			}
			var seen int
			must(t, db.Get(ctx, &seen, `SELECT quantity FROM shop.things WHERE id = $1`, 1))
			if seen != 5 {
				t.Errorf("the holder sees %d", seen)
			}
			must(t, c.end(hold))
			hold.Rollback()
			if got := quantity(t, db, 1); got != c.want {
				t.Errorf("quantity %d, want %d", got, c.want)
			}
		})
	}
}

func TestAPartThatFailsUndoesItselfOnly(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	ctx, hold := sqldb.NewHold(t.Context(), nothingFirst)
	defer hold.Rollback()

	if err := db.InTx(ctx, set(ctx, 1, errPart)); !errors.Is(err, errPart) || hold.Tx() != nil {
		t.Fatalf("got %v", err)
	}
	must(t, db.InTx(ctx, set(ctx, 2, nil)))
	if err := db.InTx(ctx, set(ctx, 3, errPart)); !errors.Is(err, errPart) {
		t.Fatalf("got %v", err)
	}
	must(t, db.Write(ctx, func(q sqldb.Queryer) error {
		_, err := q.Exec(ctx, `UPDATE shop.things SET quantity = quantity + 10 WHERE id = $1`, 1)
		return err
	}))
	must(t, hold.Commit(ctx))

	if got := quantity(t, db, 1); got != 12 {
		t.Errorf("quantity %d, want 12", got)
	}
}

func TestTheFirstStepOfAHeldTransactionCanRefuseIt(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	ctx, hold := sqldb.NewHold(t.Context(), func(context.Context, *sqldb.Tx) error { return errPart })
	defer hold.Rollback()

	err := db.InTx(ctx, func(*sqldb.Tx) error { t.Error("it ran"); return nil })

	if !errors.Is(err, errPart) {
		t.Errorf("got %v", err)
	}
	must(t, hold.Commit(ctx))
	if got := quantity(t, db, 1); got != 0 {
		t.Errorf("quantity %d", got)
	}
}

func TestNothingIsDoneUnderAHoldThatHasEnded(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	ctx, hold := sqldb.NewHold(t.Context(), nothingFirst)
	must(t, db.InTx(ctx, set(ctx, 2, nil)))
	hold.Rollback()

	if err := db.InTx(ctx, set(ctx, 3, nil)); err == nil {
		t.Error("a transaction began")
	}
	if err := hold.Commit(ctx); err == nil {
		t.Error("what was rolled back was committed")
	}
	if got := quantity(t, db, 1); got != 0 {
		t.Errorf("quantity %d", got)
	}
}

func TestWriteIsATransactionOfItsOwnWithoutAHold(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})

	must(t, db.Write(t.Context(), func(q sqldb.Queryer) error {
		_, err := q.Exec(t.Context(), setQuantity, 1, 4)
		return err
	}))

	if got := quantity(t, db, 1); got != 4 {
		t.Errorf("quantity %d", got)
	}
}
