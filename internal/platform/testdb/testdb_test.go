package testdb_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

func twoModules() testdb.Option {
	return testdb.WithMigrations([]schema.Module{
		{Name: "harbor", FS: fstest.MapFS{"000001_ships.up.sql": {Data: []byte(
			`CREATE TABLE harbor.ships (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)`)}}},
		{Name: "market", FS: fstest.MapFS{"000001_stalls.up.sql": {Data: []byte(
			`CREATE TABLE market.stalls (id integer PRIMARY KEY)`)}}},
	})
}

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	first, second := testdb.New(t, twoModules()), testdb.New(t, twoModules())

	addShip(t, first, "Argo")

	if got := ships(t, first); !cmp.Equal(got, []string{"Argo"}) {
		t.Errorf("ships of the first database: %v", got)
	}
	if got := ships(t, second); len(got) != 0 {
		t.Errorf("ships of the second database: %v", got)
	}
}

func TestAModuleCannotTouchAnotherSchema(t *testing.T) {
	db := testdb.New(t, twoModules())
	ctx := t.Context()
	addShip(t, db, "Argo")
	market, err := sqldb.Open(ctx, sqldb.Config{DSN: db.ModuleDSN("market")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = market.Close() }()

	for name, pool := range map[string]*sqldb.DB{"pool": db.Module("market"), "DSN": market} {
		var n int
		err := pool.Get(ctx, &n, `SELECT count(*) FROM harbor.ships`)
		if pq.As(err, pqerror.InsufficientPrivilege) == nil {
			t.Errorf("%s reading another schema: got %v, want 42501", name, err)
		}
		if err := pool.Get(ctx, &n, `SELECT count(*) FROM market.stalls`); err != nil {
			t.Errorf("%s reading its own schema: %v", name, err)
		}
	}
}

func TestADatabaseIsGoneWhenItsTestEnds(t *testing.T) {
	var name string
	t.Run("the test", func(t *testing.T) {
		db := testdb.New(t, twoModules())
		if err := db.Admin().Get(t.Context(), &name, `SELECT current_database()`); err != nil {
			t.Fatal(err)
		}
	})

	var left int
	const query = `SELECT count(*) FROM pg_catalog.pg_database WHERE datname = $1`
	if err := testdb.New(t, twoModules()).Admin().Get(t.Context(), &left, query, name); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("database %s is still there", name)
	}
}

func TestChangedMigrationsMakeAnotherTemplate(t *testing.T) {
	with := func(sql string) *testdb.Database {
		return testdb.New(t, testdb.WithMigrations([]schema.Module{
			{Name: "harbor", FS: fstest.MapFS{"000001_ships.up.sql": {Data: []byte(sql)}}},
		}))
	}
	before := with(`CREATE TABLE harbor.ships (id bigint)`)
	after := with(`CREATE TABLE harbor.ships (id bigint, name text)`)

	const query = `
		SELECT column_name FROM information_schema.columns WHERE table_name = 'ships' ORDER BY ordinal_position`
	for _, c := range []struct {
		db   *testdb.Database
		want []string
	}{{before, []string{"id"}}, {after, []string{"id", "name"}}} {
		var got []string
		if err := c.db.Admin().Select(t.Context(), &got, query); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheMigrationsOfTheShopAreAppliedByDefault(t *testing.T) {
	db := testdb.New(t)

	var applied int
	const query = `SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_migrations'`
	if err := db.Admin().Get(t.Context(), &applied, query); err != nil {
		t.Fatal(err)
	}
	if applied == 0 {
		t.Error("no module has a version table")
	}
}

func TestParallelTestsShareOneServer(t *testing.T) {
	for range 8 {
		t.Run("clone", func(t *testing.T) {
			t.Parallel()
			db := testdb.New(t, twoModules())
			addShip(t, db, "Argo")
			if got := ships(t, db); len(got) != 1 {
				t.Errorf("ships: %v", got)
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for range b.N {
		testdb.New(b, twoModules())
	}
}

func addShip(t *testing.T, db *testdb.Database, name string) {
	t.Helper()
	if _, err := db.Module("harbor").Exec(t.Context(), `INSERT INTO harbor.ships (name) VALUES ($1)`, name); err != nil {
		t.Fatal(err)
	}
}

func ships(t *testing.T, db *testdb.Database) []string {
	t.Helper()
	var all []string
	if err := db.Module("harbor").Select(context.Background(), &all, `SELECT name FROM harbor.ships ORDER BY id`); err != nil {
		t.Fatal(err)
	}
	return all
}
