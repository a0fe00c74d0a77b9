package sqldb_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const short = 50 * time.Millisecond

func TestAWaitForAConnectionEndsWithTheDeadline(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	err := db.InTx(t.Context(), func(*sqldb.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		return db.Ping(ctx)
	})
	if !errors.Is(err, sqldb.ErrOverloaded) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if stats := db.Stats(); stats.WaitCount != 1 || stats.WaitDuration < short || stats.MaxOpenConnections != 1 {
		t.Errorf("stats %+v", stats)
	}
}

func TestAWaitForAConnectionEndsByItself(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	db.SetPoolWait(short)
	err := db.InTx(t.Context(), func(*sqldb.Tx) error {
		_, err := db.Exec(context.WithoutCancel(t.Context()), setQuantity, 1, 1)
		return err
	})
	if !errors.Is(err, sqldb.ErrOverloaded) {
		t.Errorf("got %v", err)
	}
}

func TestWhoWasRefusedOnceIsNotMadeToWaitAgain(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	ctx := sqldb.RefuseOnce(t.Context())
	must(t, db.Ping(ctx))
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		for _, most := range []time.Duration{time.Second, short, short} {
			if err := took(t, most, func() error { return db.Ping(ctx) }); !errors.Is(err, sqldb.ErrOverloaded) {
				t.Errorf("got %v", err)
			}
		}
		return nil
	}))
	must(t, db.Ping(ctx))
}

// What a request has running beside it may be called off, and what comes last may come after its time.
func TestWhoDidNotWaitInVainMayWaitAgain(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	ctx := sqldb.RefuseOnce(t.Context())
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	late, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer cancel()
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		for range 20 {
			if err := errors.Join(db.Ping(canceled), db.Ping(late)); !errors.Is(err, context.Canceled) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		return nil
	}))
	if sqldb.WasRefused(ctx) {
		t.Error("counts as refused")
	}
}

func TestACallerThatLeavesWhileWaitingGetsItsOwnError(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	err := db.InTx(t.Context(), func(*sqldb.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return db.Ping(ctx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestASlowQueryEndsWithItsContext(t *testing.T) {
	eachMode(t, func(t *testing.T, db *sqldb.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		_, outside := db.Exec(ctx, `SELECT pg_sleep($1)`, 60)
		inside := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			ctx, cancel := context.WithTimeout(t.Context(), short)
			defer cancel()
			_, err := tx.Exec(ctx, `SELECT pg_sleep($1)`, 60)
			return err
		})

		if !errors.Is(outside, context.DeadlineExceeded) || !errors.Is(inside, context.DeadlineExceeded) {
			t.Errorf("outside a transaction %v, inside %v", outside, inside)
		}
		var running int
		must(t, db.Get(t.Context(), &running, `
			SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE '%sleep%' AND state = 'active' AND pid <> pg_backend_pid()`))
		if running != 0 {
			t.Errorf("%d queries are still running", running)
		}
	})
}

func TestTheDatabasesOwnLimitsMeanUnavailable(t *testing.T) {
	database := newDatabase(t)
	cases := map[string]string{"statement_timeout": `SELECT pg_sleep($1)`, "lock_timeout": `UPDATE shop.things SET quantity = $1`}
	must(t, database.Admin().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), setQuantity, 1, 1)
		must(t, err)
		for setting, query := range cases {
			db := open(t, sqldb.Config{DSN: database.DSN() + "&options=" + url.QueryEscape("-c "+setting+"=50ms")})
			if _, err := db.Exec(t.Context(), query, 60); !errors.Is(err, sqldb.ErrUnavailable) {
				t.Errorf("%s: %v", setting, err)
			}
		}
		return nil
	}))
}

func TestAnUnreachableDatabaseIsUnavailable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())

	_, err = sqldb.Open(t.Context(), sqldb.Config{DSN: "postgres://u@" + listener.Addr().String() + "/d"})

	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// guest answers the DSN of a role that may have so many connections.
func guest(t *testing.T, database *testdb.Database, connections string) string {
	t.Helper()
	const make = `
		DROP ROLE IF EXISTS rialto_test_guest; CREATE ROLE rialto_test_guest LOGIN CONNECTION LIMIT `
	const admit = `; GRANT CONNECT ON DATABASE %I TO rialto_test_guest`
	_, err := database.Admin().Exec(t.Context(), `DO $$ BEGIN EXECUTE format('`+make+connections+admit+`', current_database()); END $$`)
	must(t, err)
	t.Cleanup(func() {
		_, err := database.Admin().Exec(context.Background(), `DROP OWNED BY rialto_test_guest; DROP ROLE rialto_test_guest`)
		must(t, err)
	})
	asGuest, err := url.Parse(database.DSN())
	must(t, err)
	asGuest.User = url.User("rialto_test_guest")
	return asGuest.String()
}

func TestAServerWithoutFreeConnectionsIsUnavailable(t *testing.T) {
	_, err := sqldb.Open(t.Context(), sqldb.Config{DSN: guest(t, newDatabase(t), "0")})
	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// F10: others took the connections. Those that this pool has still work.
func TestAPoolThatCannotGrowKeepsWhatItHas(t *testing.T) {
	db := open(t, sqldb.Config{DSN: guest(t, newDatabase(t), "2"), MaxOpen: 3})
	var before, after []int
	pids := func(into *[]int) error {
		return db.InTx(t.Context(), func(one *sqldb.Tx) error {
			return db.InTx(t.Context(), func(other *sqldb.Tx) error {
				for _, tx := range []*sqldb.Tx{one, other} {
					var pid int
					must(t, tx.Get(t.Context(), &pid, `SELECT pg_backend_pid()`))
					*into = append(*into, pid)
				}
				return nil
			})
		})
	}
	must(t, pids(&before))
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*short)
		defer cancel()
		third := make(chan error, 1)
		err := db.InTx(ctx, func(*sqldb.Tx) error {
			third <- db.Ping(ctx)
			return nil
		})
		if err := <-third; !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		return err
	}))

	must(t, pids(&after))

	slices.Sort(before)
	slices.Sort(after)
	if !slices.Equal(before, after) {
		t.Errorf("it gave up connections it had: %v, then %v", before, after)
	}
}

func TestAReadOnlyServerIsUnavailable(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN() + "&options=" + url.QueryEscape("-c default_transaction_read_only=on")})
	if _, err := db.Exec(t.Context(), setQuantity, 1, 1); !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), setQuantity, 1, 1)
		return err
	})
	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("in a transaction: %v", err)
	}
}

func TestATerminatedIdleConnectionGoesUnnoticed(t *testing.T) {
	database := newDatabase(t)
	db := open(t, sqldb.Config{DSN: database.DSN(), MaxOpen: 1})
	quantity(t, db, 1)

	terminate(t, database.Admin(), db)

	quantity(t, db, 1)
}

func TestATransactionWhoseConnectionIsTerminatedIsUnavailable(t *testing.T) {
	database := newDatabase(t)
	db := open(t, sqldb.Config{DSN: database.DSN(), MaxOpen: 2})
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), setQuantity, 1, 1)
		must(t, err)
		terminate(t, database.Admin(), tx)
		_, err = tx.Exec(t.Context(), setQuantity, 1, 2)
		return err
	})
	if !errors.Is(err, sqldb.ErrUnavailable) || quantity(t, db, 1) != 0 {
		t.Errorf("quantity %d, error %v", quantity(t, db, 1), err)
	}
}

func TestAStatementWhoseAnswerIsLostIsNotSentTwice(t *testing.T) {
	database := newDatabase(t)
	line := testdb.NewLine(t, database.DSN())
	for name, off := range map[string]bool{"prepared": false, "unprepared": true} {
		t.Run(name, func(t *testing.T) {
			before := quantity(t, database.Admin(), 1)
			db := open(t, sqldb.Config{DSN: line.DSN(), MaxOpen: 1, NoStatementCache: off})
			const increase = `UPDATE shop.things SET quantity = quantity + $1 WHERE id = 1`
			_, err := db.Exec(t.Context(), increase, 0)
			must(t, err)

			line.LoseAnswer()
			_, err = db.Exec(t.Context(), increase, 1)

			if !errors.Is(err, sqldb.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if got := quantity(t, database.Admin(), 1) - before; got != 1 {
				t.Errorf("the statement had its effect %d times", got)
			}
		})
	}
}

func TestATransactionOutlivesADeadPool(t *testing.T) {
	line := testdb.NewLine(t, newDatabase(t).DSN())
	db := open(t, sqldb.Config{DSN: line.DSN(), MaxOpen: 3})
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		return db.InTx(t.Context(), func(*sqldb.Tx) error { return db.Ping(t.Context()) })
	}))

	line.LoseAnswer()
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), setQuantity, 1, 1)
		return err
	})

	must(t, err)
	if idle := db.Stats().Idle; idle != 1 {
		t.Errorf("%d idle connections: those that died with the first were kept", idle)
	}
}

// terminate ends the session of q, and returns when it is gone.
func terminate(t *testing.T, admin, q sqldb.Queryer) {
	t.Helper()
	var pid int
	must(t, q.Get(t.Context(), &pid, `SELECT pg_backend_pid()`))
	var gone bool
	must(t, admin.Get(t.Context(), &gone, `SELECT pg_terminate_backend($1, 5000)`, pid))
	if !gone {
		t.Fatal("the session would not end")
	}
}

// A statement that stands alone is not run again: it may have filled its destination in part. Its caller may repeat it.
func TestADeadlockOfASingleStatementIsAskedToBeRepeated(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN()})
	for _, code := range []string{"40P01", "40001"} {
		_, err := db.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'given up' USING ERRCODE = '`+code+`'; END $$`)

		if !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
