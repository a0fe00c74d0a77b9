package schema_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const (
	ships  = `CREATE TABLE harbor.ships (id bigserial, name text); CREATE TABLE harbor.berths (id integer)`
	depth  = `ALTER TABLE harbor.berths ADD COLUMN depth integer`
	broken = `CREATE TABLE harbor.cranes (id integer); ALTER TABLE harbor.nothing ADD COLUMN x integer`
	stalls = `CREATE TABLE market.stalls (id integer)`
)

func empty(t *testing.T) *testdb.Database {
	t.Helper()
	return testdb.New(t, testdb.WithMigrations(nil))
}

// module has one file per text, numbered from 1.
func module(name string, texts ...string) schema.Module {
	files := fstest.MapFS{}
	for i, text := range texts {
		files[fmt.Sprintf("%06d_step.up.sql", i+1)] = &fstest.MapFile{Data: []byte(text), Mode: fs.ModePerm}
	}
	return schema.Module{Name: name, FS: files}
}

func up(t *testing.T, db *testdb.Database, modules ...schema.Module) error {
	t.Helper()
	return schema.Up(t.Context(), db.DSN(), modules)
}

func version(t *testing.T, db *testdb.Database, module string) (v int) {
	t.Helper()
	must(t, db.Admin().Get(t.Context(), &v, `SELECT version FROM `+pq.QuoteIdentifier(module)+`.schema_migrations`))
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryModuleGetsItsSchemaAndItsOwnVersion(t *testing.T) {
	db := empty(t)

	must(t, up(t, db, module("harbor", ships, depth), module("market", stalls)))

	if h, m := version(t, db, "harbor"), version(t, db, "market"); h != 2 || m != 1 {
		t.Errorf("versions %d and %d, want 2 and 1", h, m)
	}
}

func TestARunStartsWhereTheLastOneEnded(t *testing.T) {
	db := empty(t)

	must(t, up(t, db, module("harbor", ships)))
	must(t, up(t, db, module("harbor", ships)))
	must(t, up(t, db, module("harbor", ships, depth)))

	if got := version(t, db, "harbor"); got != 2 {
		t.Errorf("version %d, want 2", got)
	}
}

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	db := empty(t)
	concurrent := `CREATE INDEX CONCURRENTLY ships_by_name ON harbor.ships (name)`
	modules := []schema.Module{module("harbor", ships, concurrent), module("market", stalls)}

	errs := make([]error, 6)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = schema.Up(t.Context(), db.DSN(), modules) })
	}
	all.Wait()

	must(t, errors.Join(errs...))
	if h, m := version(t, db, "harbor"), version(t, db, "market"); h != 2 || m != 1 {
		t.Errorf("versions %d and %d, want 2 and 1", h, m)
	}
}

func TestADatabaseAheadOfTheFilesIsLeftAlone(t *testing.T) {
	db := empty(t)
	must(t, up(t, db, module("harbor", ships, depth)))

	must(t, up(t, db, module("harbor", ships)))

	if got := version(t, db, "harbor"); got != 2 {
		t.Errorf("version %d, want 2", got)
	}
}

func TestAFailedFileChangesNothingAndItsErrorNamesTheWayOut(t *testing.T) {
	db := empty(t)
	first := up(t, db, module("harbor", ships, broken))
	again := up(t, db, module("harbor", ships, depth))

	for name, err := range map[string]error{"first": first, "again": again} {
		if err == nil || !strings.Contains(err.Error(), "server migrate force harbor 1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if pq.As(first, pqerror.UndefinedTable) == nil || strings.Contains(first.Error(), "cranes") {
		t.Errorf("the cause should be there, and not the whole file: %v", first)
	}
	var cranes bool
	must(t, db.Admin().Get(t.Context(), &cranes, `SELECT to_regclass('harbor.cranes') IS NOT NULL`))
	if cranes {
		t.Error("half of the file has been applied")
	}
}

func TestForceIsTheWayOutOfADirtyVersion(t *testing.T) {
	for name, c := range map[string]struct {
		failing, repaired schema.Module
		version           int
	}{
		"second file": {module("harbor", ships, broken), module("harbor", ships, depth), 1},
		"first file":  {module("harbor", broken), module("harbor", ships, depth), 0},
	} {
		t.Run(name, func(t *testing.T) {
			db := empty(t)
			err := up(t, db, c.failing)
			if err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf("server migrate force harbor %d", c.version)) {
				t.Fatalf("got %v", err)
			}

			must(t, schema.Force(t.Context(), db.DSN(), "harbor", c.version))

			must(t, up(t, db, c.repaired))
			if got := version(t, db, "harbor"); got != 2 {
				t.Errorf("version %d, want 2", got)
			}
		})
	}
}

func TestForcingAnUnknownModuleFails(t *testing.T) {
	if err := schema.Force(t.Context(), empty(t).DSN(), "marina", 1); err == nil {
		t.Error("no error")
	}
}

func TestWaitingForAnotherProcessEndsWithTheContext(t *testing.T) {
	db := empty(t)
	slow := module("harbor", `SELECT pg_advisory_lock(42)`)
	var first sync.WaitGroup
	var firstErr error
	must(t, db.Admin().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(42)`)
		must(t, err)
		first.Go(func() { firstErr = schema.Up(t.Context(), db.DSN(), []schema.Module{slow}) })
		awaitBlocked(t, db.Admin())

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err = schema.Up(ctx, db.DSN(), []schema.Module{slow})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		return nil
	}))
	first.Wait()
	must(t, firstErr)
}

// awaitBlocked returns when a session waits for an advisory lock.
func awaitBlocked(t *testing.T, db *sqldb.DB) {
	t.Helper()
	const query = `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)`
	for blocked := false; !blocked; {
		must(t, db.Get(t.Context(), &blocked, query))
	}
}

func TestARoleReachesItsOwnSchemaOnly(t *testing.T) {
	db := empty(t)
	modules := []schema.Module{module("harbor", ships), module("market", stalls)}
	must(t, up(t, db, modules...))
	must(t, schema.Roles(t.Context(), db.DSN(), modules))
	must(t, up(t, db, module("harbor", ships, `CREATE TABLE harbor.later (id bigserial, x integer)`)))

	harbor := db.Module("harbor")
	for _, allowed := range []string{
		`INSERT INTO harbor.ships (name) VALUES ('Argo')`, `UPDATE harbor.ships SET name = 'Argo'`,
		`DELETE FROM harbor.ships`, `INSERT INTO harbor.later (x) VALUES (1)`,
	} {
		if _, err := harbor.Exec(t.Context(), allowed); err != nil {
			t.Errorf("%s: %v", allowed, err)
		}
	}
	for _, forbidden := range []string{
		`SELECT id FROM market.stalls`, `SELECT s.id FROM harbor.ships s JOIN market.stalls USING (id)`,
		`CREATE TABLE harbor.mine (id integer)`, `CREATE TABLE public.mine (id integer)`, `DROP TABLE harbor.ships`,
	} {
		if _, err := harbor.Exec(t.Context(), forbidden); pq.As(err, pqerror.InsufficientPrivilege) == nil {
			t.Errorf("%s: got %v, want 42501", forbidden, err)
		}
	}
}

func TestAnOrdinaryOwnerCanMigrateAndUseRoles(t *testing.T) {
	db := empty(t)
	owner := ordinaryOwner(t, db)
	modules := []schema.Module{module("quay", `CREATE TABLE quay.boats (name text)`)}

	must(t, schema.Up(t.Context(), owner, modules))
	must(t, schema.Roles(t.Context(), owner, modules))

	pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: owner, Role: schema.RoleName("quay")})
	must(t, err)
	defer func() { must(t, pool.Close()) }()
	_, err = pool.Exec(t.Context(), `INSERT INTO quay.boats (name) VALUES ($1)`, "Argo")
	must(t, err)
}

// ordinaryOwner returns the DSN of a login that is no superuser but may create schemas and roles.
func ordinaryOwner(t *testing.T, db *testdb.Database) string {
	t.Helper()
	const create = `
		DROP ROLE IF EXISTS rialto_test_owner, rialto_quay;
		CREATE ROLE rialto_test_owner LOGIN CREATEROLE;
		DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO rialto_test_owner', current_database()); END $$`
	_, err := db.Admin().Exec(t.Context(), create)
	must(t, err)
	t.Cleanup(func() {
		_, err := db.Admin().Exec(context.Background(), `DROP OWNED BY rialto_test_owner; DROP ROLE rialto_test_owner, rialto_quay`)
		must(t, err)
	})
	u, err := url.Parse(db.DSN())
	must(t, err)
	u.User = url.User("rialto_test_owner")
	return u.String()
}

func TestALookSaysHowFarTheTablesAreAndMakesNone(t *testing.T) {
	db := empty(t)
	admin, err := sqldb.OpenAdmin(db.DSN())
	must(t, err)
	t.Cleanup(func() { must(t, admin.Close()) })
	look := func(m schema.Module) schema.State {
		state, err := m.Look(t.Context(), admin)
		must(t, err)
		return state
	}
	one, two := `CREATE TABLE shelf.boxes (id int)`, `CREATE TABLE shelf.labels (id int)`

	assert.Equal(t, schema.State{Version: 0, Newest: 2}, look(module("shelf", one, two)))
	must(t, up(t, db, module("shelf", one)))
	assert.Equal(t, schema.State{Version: 1, Newest: 2}, look(module("shelf", one, two)))
	assert.Error(t, up(t, db, module("shelf", one, `broken`)))
	assert.Equal(t, schema.State{Version: 2, Newest: 2, Dirty: true}, look(module("shelf", one, two)))
}
