package sqldb_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const short = 50 * time.Millisecond

func TestAWaitForAConnectionEndsWithTheDeadline(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	err := db.InTx(t.Context(), func(*sqldb.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), short)
		defer cancel()
		return db.Ping(ctx)
	})
	if !errors.Is(err, sqldb.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
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
	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
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

func TestAServerWithoutFreeConnectionsIsUnavailable(t *testing.T) {
	database := newDatabase(t)
	const guest = `
		DROP ROLE IF EXISTS rialto_test_guest; CREATE ROLE rialto_test_guest LOGIN CONNECTION LIMIT 0;
		GRANT CONNECT ON DATABASE %I TO rialto_test_guest`
	_, err := database.Admin().Exec(t.Context(), `DO $$ BEGIN EXECUTE format('`+guest+`', current_database()); END $$`)
	must(t, err)
	t.Cleanup(func() {
		_, err := database.Admin().Exec(context.Background(), `DROP OWNED BY rialto_test_guest; DROP ROLE rialto_test_guest`)
		must(t, err)
	})
	asGuest, err := url.Parse(database.DSN())
	must(t, err)
	asGuest.User = url.User("rialto_test_guest")

	_, err = sqldb.Open(t.Context(), sqldb.Config{DSN: asGuest.String()})

	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestAReadOnlyServerIsUnavailable(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN() + "&options=" + url.QueryEscape("-c default_transaction_read_only=on")})
	if _, err := db.Exec(t.Context(), setQuantity, 1, 1); !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
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
	line := newLine(t, database.DSN())
	for name, off := range map[string]bool{"prepared": false, "unprepared": true} {
		t.Run(name, func(t *testing.T) {
			before := quantity(t, database.Admin(), 1)
			db := open(t, sqldb.Config{DSN: line.dsn, MaxOpen: 1, NoStatementCache: off})
			const increase = `UPDATE shop.things SET quantity = quantity + $1 WHERE id = 1`
			_, err := db.Exec(t.Context(), increase, 0)
			must(t, err)

			line.loseAnswer.Store(true)
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
	line := newLine(t, newDatabase(t).DSN())
	db := open(t, sqldb.Config{DSN: line.dsn, MaxOpen: 3})
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		return db.InTx(t.Context(), func(*sqldb.Tx) error { return db.Ping(t.Context()) })
	}))

	line.loseAnswer.Store(true)
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

// line stands between a pool and PostgreSQL and can break.
type line struct {
	dsn        string
	loseAnswer atomic.Bool // cut the connection that the next answer would come through
}

func newLine(t *testing.T, dsn string) *line {
	t.Helper()
	target, err := url.Parse(dsn)
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	through := *target
	through.Host = listener.Addr().String()
	through.RawQuery = "sslmode=disable"

	l := &line{dsn: through.String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(client, target)
		}
	}()
	return l
}

func (l *line) carry(client net.Conn, target *url.URL) {
	defer func() { _ = client.Close() }()
	network, address := "tcp", target.Host
	if dir := target.Query().Get("host"); dir != "" {
		network, address = "unix", filepath.Join(dir, ".s.PGSQL."+target.Query().Get("port"))
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() { _, _ = io.Copy(server, client) }()

	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil || l.loseAnswer.CompareAndSwap(true, false) {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
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
