package sqldb_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const setQuantity = `UPDATE shop.things SET quantity = $2 WHERE id = $1`

func TestATransactionEndsWithItsFunction(t *testing.T) {
	errStop := errors.New("stop")
	cases := map[string]struct {
		end  func() error
		want int
	}{
		"nil commits":            {end: func() error { return nil }, want: 5},
		"an error rolls back":    {end: func() error { return errStop }, want: 0},
		"F08 a panic rolls back": {end: func() error { panic(errStop) }, want: 0},
		"a statement was wrong":  {end: nil, want: 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})

			func() {
				defer func() { _ = recover() }()
				_ = db.InTx(t.Context(), func(tx *sqldb.Tx) error {
					_, err := tx.Exec(t.Context(), setQuantity, 1, 5)
					must(t, err)
					if c.end == nil {
						_, err := tx.Exec(t.Context(), `SELECT nonsense`)
						return err
					}
					return c.end()
				})
			}()

			if got := quantity(t, db, 1); got != c.want {
				t.Errorf("quantity %d, want %d", got, c.want)
			}
		})
	}
}

func TestTheErrorOfTheFunctionIsReturned(t *testing.T) {
	errStop := errors.New("stop")
	err := newDatabase(t).Admin().InTx(t.Context(), func(*sqldb.Tx) error { return errStop })
	if !errors.Is(err, errStop) {
		t.Errorf("got %v", err)
	}
}

func TestTransactionsThatDeadlockBothSucceed(t *testing.T) {
	db := newDatabase(t).Admin()
	var bothLocked, done sync.WaitGroup
	bothLocked.Add(2)
	errs := make([]error, 2)
	attempts := make([]int, 2)

	for i, order := range [][2]int{{1, 2}, {2, 1}} {
		done.Go(func() {
			errs[i] = db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				attempts[i]++
				if _, err := tx.Exec(t.Context(), `UPDATE shop.things SET quantity = quantity + 1 WHERE id = $1`, order[0]); err != nil {
					return err
				}
				if attempts[i] == 1 {
					bothLocked.Done()
					bothLocked.Wait()
				}
				_, err := tx.Exec(t.Context(), `UPDATE shop.things SET quantity = quantity + 1 WHERE id = $1`, order[1])
				return err
			})
		})
	}
	done.Wait()

	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if first, second := quantity(t, db, 1), quantity(t, db, 2); first != 2 || second != 2 {
		t.Errorf("quantities %d and %d, want 2 and 2", first, second)
	}
	if attempts[0]+attempts[1] < 3 {
		t.Errorf("attempts %v: there was no deadlock", attempts)
	}
}

func TestATransactionThatKeepsLosingIsUnavailableAfterThreeRetries(t *testing.T) {
	db := newDatabase(t).Admin()
	errOwn := errors.New("an error that hides the driver's")
	const lose = `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$`
	for name, answer := range map[string]func(error) error{
		"returned":  func(err error) error { return err },
		"replaced":  func(error) error { return errOwn },
		"swallowed": func(error) error { return nil },
	} {
		attempts := 0
		err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			attempts++
			_, err := tx.Exec(t.Context(), lose)
			return answer(err)
		})
		if !errors.Is(err, sqldb.ErrUnavailable) || attempts != 4 {
			t.Errorf("%s: %d attempts, %v", name, attempts, err)
		}
	}
}

func TestOtherErrorsAreNotRetried(t *testing.T) {
	attempts := 0
	err := newDatabase(t).Admin().InTx(t.Context(), func(tx *sqldb.Tx) error {
		attempts++
		_, err := tx.Exec(t.Context(), `INSERT INTO shop.things (id) VALUES ($1)`, 1)
		return err
	})
	if !sqldb.Violates(err, "things_pkey") || attempts != 1 {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}

func TestAReadTransactionSeesOneMoment(t *testing.T) {
	db := newDatabase(t).Admin()

	var before, after int
	must(t, db.InReadTx(t.Context(), func(tx *sqldb.Tx) error {
		before = quantity(t, tx, 1)
		_, err := db.Exec(t.Context(), setQuantity, 1, 7)
		must(t, err)
		after = quantity(t, tx, 1)
		return nil
	}))

	if before != 0 || after != 0 {
		t.Errorf("quantity was %d, then %d", before, after)
	}
	if got := quantity(t, db, 1); got != 7 {
		t.Errorf("quantity %d afterwards", got)
	}
}

func TestAReadTransactionCannotWrite(t *testing.T) {
	db := newDatabase(t).Admin()
	err := db.InReadTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), setQuantity, 1, 7)
		return err
	})
	if err == nil || quantity(t, db, 1) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestATransactionWhoseCallerLeftIsRolledBack(t *testing.T) {
	db := newDatabase(t).Admin()
	ctx, leave := context.WithCancel(t.Context())

	err := db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, setQuantity, 1, 7)
		must(t, err)
		leave()
		return nil
	})

	if !errors.Is(err, context.Canceled) || quantity(t, db, 1) != 0 {
		t.Errorf("quantity %d, error %v", quantity(t, db, 1), err)
	}
}
