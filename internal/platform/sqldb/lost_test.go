package sqldb_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// timeout makes the statement timeout of a DSN.
func timeout(dsn, d string) string {
	return dsn + "&options=" + url.QueryEscape("-c statement_timeout="+d)
}

// took runs do and fails the test when it takes longer than most.
func took(t *testing.T, most time.Duration, do func() error) error {
	t.Helper()
	started := time.Now()
	err := do()
	if d := time.Since(started); d > most {
		t.Errorf("took %v, more than %v", d, most)
	}
	return err
}

// F04: the server is gone without a word, and nobody else sets a limit.
func TestAStatementInABlackHoleEndsAfterItsTimeoutAndTwoSeconds(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, newDatabase(t).DSN())
	db := open(t, sqldb.Config{DSN: timeout(line.DSN(), "100ms"), MaxOpen: 3})
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		return db.InTx(t.Context(), func(*sqldb.Tx) error { quantity(t, db, 1); return nil })
	}))
	quantity(t, db, 1)

	line.Blackhole()
	err := took(t, 3*time.Second, func() error {
		_, err := db.Exec(t.Context(), setQuantity, 1, 1)
		return err
	})

	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	line.Heal()
	if err := took(t, time.Second, func() error { quantity(t, db, 1); return nil }); err != nil {
		t.Error(err)
	}
}

func TestInABlackHoleNobodyWaitsLongerThanItsContext(t *testing.T) {
	t.Parallel()
	leaving := map[string]func() (context.Context, context.CancelFunc){
		"deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 4*short)
		},
		"canceled": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(4*short, cancel)
			return ctx, cancel
		},
	}
	doing := map[string]func(ctx context.Context, db *sqldb.DB) error{
		"prepared":   func(ctx context.Context, db *sqldb.DB) error { _, err := db.Exec(ctx, setQuantity, 1, 1); return err },
		"unprepared": func(ctx context.Context, db *sqldb.DB) error { _, err := db.Exec(ctx, `SELECT 1`); return err },
		"transaction": func(ctx context.Context, db *sqldb.DB) error {
			return db.InTx(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, setQuantity, 1, 1); return err })
		},
		"ping": func(ctx context.Context, db *sqldb.DB) error { return db.Ping(ctx) },
	}
	line := testdb.NewLine(t, newDatabase(t).DSN())
	for how, leave := range leaving {
		for what, do := range doing {
			t.Run(what+" "+how, func(t *testing.T) {
				db := open(t, sqldb.Config{DSN: line.DSN(), MaxOpen: 1})
				must(t, do(t.Context(), db))
				line.Blackhole()
				defer line.Heal()
				ctx, cancel := leave()
				defer cancel()

				err := took(t, time.Second, func() error { return do(ctx, db) })

				if !errors.Is(err, ctx.Err()) || ctx.Err() == nil {
					t.Errorf("got %v, the context ended with %v", err, ctx.Err())
				}
			})
		}
	}
}

func TestConnectingThroughABlackHoleEndsWithTheContext(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, newDatabase(t).DSN())
	line.Blackhole()
	ctx, cancel := context.WithTimeout(t.Context(), 4*short)
	defer cancel()

	err := took(t, time.Second, func() error {
		_, err := sqldb.Open(ctx, sqldb.Config{DSN: line.DSN()})
		return err
	})

	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// A statement that takes its time is not one whose server is gone.
func TestASlowStatementWithoutATimeoutIsWaitedFor(t *testing.T) {
	t.Parallel()
	db := open(t, sqldb.Config{DSN: timeout(newDatabase(t).DSN(), "0")})
	if _, err := db.Exec(t.Context(), `SELECT pg_sleep($1)`, 2.3); err != nil {
		t.Error(err)
	}
}

func TestAPoolRecoversByItself(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, newDatabase(t).DSN())
	db := open(t, sqldb.Config{DSN: line.DSN(), MaxOpen: 3})
	quantity(t, db, 1)

	line.Down()
	for range 10 {
		err := took(t, time.Second, func() error { return db.InTx(t.Context(), func(*sqldb.Tx) error { return nil }) })
		if !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	line.Up()

	if err := took(t, time.Second, func() error { quantity(t, db, 1); return nil }); err != nil {
		t.Error(err)
	}
}

// F02: what the server closed in the meantime costs nobody an answer.
func TestConnectionsThatDiedInThePoolAreNotUsed(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, newDatabase(t).DSN())
	db := open(t, sqldb.Config{DSN: line.DSN(), MaxOpen: 3})
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		return db.InTx(t.Context(), func(*sqldb.Tx) error { quantity(t, db, 1); return nil })
	}))
	_, err := db.Exec(t.Context(), setQuantity, 1, 0)
	must(t, err)

	line.Down()
	line.Up()

	_, err = db.Exec(t.Context(), setQuantity, 1, 1)
	must(t, err)
}

// F07 and F04: who finds no connection is told why. A lock that others wait for is not an outage.
func TestABusyPoolIsOverloadedAndOneThatWaitsForALostDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, newDatabase(t).DSN())
	db := open(t, sqldb.Config{DSN: timeout(line.DSN(), "100ms"), MaxOpen: 1})
	refused := func() error { return took(t, 900*time.Millisecond, func() error { return db.Ping(t.Context()) }) }
	must(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		if err := refused(); !errors.Is(err, sqldb.ErrOverloaded) {
			t.Errorf("busy: %v", err)
		}
		return nil
	}))
	line.Blackhole()
	_, err := db.Exec(t.Context(), setQuantity, 1, 1)
	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("black hole: %v", err)
	}

	var holding sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	holding.Go(func() { _, _ = db.Exec(ctx, setQuantity, 1, 1) })
	for db.Stats().OpenConnections == 0 { // it dials, so it has the pool's one place
		time.Sleep(time.Millisecond)
	}
	err = refused()
	cancel()
	holding.Wait()

	if !errors.Is(err, sqldb.ErrUnavailable) {
		t.Errorf("busy in a black hole: %v", err)
	}
}

// F11: after a fail-over the connections still lead to the old primary, which takes no writes.
func TestAReadOnlyServerCostsThePoolItsConnections(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	readOnly := func(on string) {
		_, err := database.Admin().Exec(t.Context(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = `+on+`', current_database()); END $$`)
		must(t, err)
	}
	readOnly("on")
	db := open(t, sqldb.Config{DSN: database.DSN(), MaxOpen: 2})
	must(t, db.InReadTx(t.Context(), func(*sqldb.Tx) error {
		quantity(t, db, 1)
		readOnly("off")
		_, err := db.Exec(t.Context(), setQuantity, 1, 1)
		if !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("on the old primary: %v", err)
		}
		return nil
	}))

	_, err := db.Exec(t.Context(), setQuantity, 1, 1)
	must(t, err)
}

func TestADatabaseThatIsNotThereOrTakesNobodyIsUnavailable(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	missing, err := url.Parse(database.DSN())
	must(t, err)
	closed := *missing
	missing.Path = "/test_that_nobody_made"
	maintenance := *missing
	maintenance.Path = "/postgres"
	admin, err := sqldb.OpenAdmin(maintenance.String())
	must(t, err)
	defer func() { _ = admin.Close() }()
	_, err = admin.ExecContext(t.Context(), `ALTER DATABASE `+strings.TrimPrefix(closed.Path, "/")+` ALLOW_CONNECTIONS false`)
	must(t, err)

	for name, dsn := range map[string]string{"missing": missing.String(), "closed": closed.String()} {
		if _, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn}); !errors.Is(err, sqldb.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// F25: a full disk has its own code only where the system reports it as one.
func TestAFullDiskIsUnavailableAndAnotherInternalErrorIsNot(t *testing.T) {
	t.Parallel()
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN()})
	for message, want := range map[string]bool{
		`53100 could not extend file "base/1/2": No space left on device`: true,
		`XX000 could not extend file "base/1/2": File too large`:          true,
		`XX000 could not write to file "x": No space left on device`:      true,
		`XX000 cache lookup failed for relation 17`:                       false,
		`55000 currval is not yet defined in this session`:                false,
	} {
		_, err := db.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION '`+message[6:]+`' USING ERRCODE = '`+message[:5]+`'; END $$`)
		if err == nil || errors.Is(err, sqldb.ErrUnavailable) != want {
			t.Errorf("%s: %v", message, err)
		}
		if sqldb.Unavailable(err) != want {
			t.Errorf("%s: Unavailable says %v", message, !want)
		}
	}
}
