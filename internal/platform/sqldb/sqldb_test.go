package sqldb_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const tables = `
	CREATE TABLE shop.things (
		id       integer PRIMARY KEY,
		name     text NOT NULL DEFAULT '',
		quantity bigint NOT NULL DEFAULT 0,
		owner    integer CONSTRAINT things_owner_exists REFERENCES shop.things (id),
		CONSTRAINT things_name_taken UNIQUE (name, id),
		CONSTRAINT things_not_negative CHECK (quantity >= 0)
	);
	INSERT INTO shop.things (id) VALUES (1), (2);`

func newDatabase(t testing.TB) *testdb.Database {
	t.Helper()
	return testdb.New(t, testdb.WithMigrations([]schema.Module{
		{Name: "shop", FS: fstest.MapFS{"000001_things.up.sql": {Data: []byte(tables)}}},
	}))
}

func open(t testing.TB, c sqldb.Config) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func quantity(t testing.TB, q sqldb.Queryer, id int) (n int) {
	t.Helper()
	must(t, q.Get(t.Context(), &n, `SELECT quantity FROM shop.things WHERE id = $1`, id))
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eachMode(t *testing.T, test func(t *testing.T, db *sqldb.DB)) {
	for name, off := range map[string]bool{"prepared": false, "unprepared": true} {
		t.Run(name, func(t *testing.T) {
			test(t, open(t, sqldb.Config{DSN: newDatabase(t).DSN(), NoStatementCache: off}))
		})
	}
}

func TestValuesOfEveryKindGoInAndOut(t *testing.T) {
	type row struct {
		ID       string         `db:"id"`
		Number   int64          `db:"number"`
		Yes      bool           `db:"yes"`
		At       time.Time      `db:"at"`
		Currency string         `db:"currency"`
		Names    pq.StringArray `db:"names"`
		Numbers  pq.Int64Array  `db:"numbers"`
		Nothing  *string        `db:"nothing"`
	}
	want := row{
		ID: "01890c5e-7b3a-7cc4-8f5e-2b1d0c9a8e7f", Number: 1 << 53, Yes: true,
		At: time.Date(2026, 3, 1, 12, 0, 0, 5000, time.UTC), Currency: "EUR",
		Names: pq.StringArray{"a", `b,"c`}, Numbers: pq.Int64Array{3, -4},
	}
	const query = `
		SELECT $1::uuid AS id, $2::bigint AS number, $3::boolean AS yes, $4::timestamptz AS at, $5::char(3) AS currency,
			$6::text[] AS names, $7::bigint[] AS numbers, $8::text AS nothing`

	eachMode(t, func(t *testing.T, db *sqldb.DB) {
		for range 2 { // the second time the statement is known
			var got row
			must(t, db.Get(t.Context(), &got, query, want.ID, want.Number, want.Yes, want.At, want.Currency,
				[]string(want.Names), []int64(want.Numbers), nil))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if got.At.Location() != time.UTC {
				t.Errorf("time is in %v", got.At.Location())
			}
		}
	})
}

func TestSlicesSelectManyRows(t *testing.T) {
	eachMode(t, func(t *testing.T, db *sqldb.DB) {
		const add = `INSERT INTO shop.things (id, name) SELECT * FROM unnest($1::integer[], $2::text[])`
		added, err := db.Exec(t.Context(), add, []int{10, 11}, []string{"ten", "eleven"})
		must(t, err)
		var names []string
		must(t, db.Select(t.Context(), &names, `SELECT name FROM shop.things WHERE id = ANY($1) ORDER BY id`, []int{10, 11, 12}))

		if diff := cmp.Diff([]string{"ten", "eleven"}, names); diff != "" || added != 2 {
			t.Errorf("%d added; %s", added, diff)
		}
	})
}

func TestJSONGoesInAndOut(t *testing.T) {
	type note struct {
		Text string   `json:"text"`
		Tags []string `json:"tags"`
	}
	want := note{Text: `"quoted" <é>`, Tags: []string{"a"}}
	const query = `SELECT $1::jsonb AS j, ($1::jsonb)->>'text' AS text`

	eachMode(t, func(t *testing.T, db *sqldb.DB) {
		var got note
		var row struct {
			J    sqldb.JSON `db:"j"`
			Text string     `db:"text"`
		}
		row.J.V = &got
		must(t, db.Get(t.Context(), &row, query, sqldb.JSON{V: want}))
		if diff := cmp.Diff(want, got); diff != "" || row.Text != want.Text {
			t.Errorf("text %q; %s", row.Text, diff)
		}
	})
}

func TestJSONWithoutAValueIsNull(t *testing.T) {
	db := newDatabase(t).Admin()
	unchanged := map[string]int{"kept": 1}

	var isNull bool
	must(t, db.Get(t.Context(), &isNull, `SELECT $1::jsonb IS NULL`, sqldb.JSON{}))
	must(t, db.Get(t.Context(), &sqldb.JSON{V: &unchanged}, `SELECT NULL::jsonb`))

	if !isNull || unchanged["kept"] != 1 {
		t.Errorf("null: %v, destination: %v", isNull, unchanged)
	}
}

func TestNoRowsIsAnErrorOfGetOnly(t *testing.T) {
	eachMode(t, func(t *testing.T, db *sqldb.DB) {
		var id int
		var ids []int
		const query = `SELECT id FROM shop.things WHERE id = $1`
		if err := db.Get(t.Context(), &id, query, 99); !errors.Is(err, sqldb.ErrNoRows) {
			t.Errorf("Get: %v", err)
		}
		if err := db.Select(t.Context(), &ids, query, 99); err != nil || len(ids) != 0 {
			t.Errorf("Select: %v, %v", ids, err)
		}
	})
}

func TestViolatesTellsConstraintsApart(t *testing.T) {
	cases := map[string]string{
		"things_pkey":         `INSERT INTO shop.things (id) VALUES ($1)`,
		"things_not_negative": `UPDATE shop.things SET quantity = 0 - $1`,
		"things_owner_exists": `UPDATE shop.things SET owner = 98 + $1`,
	}
	eachMode(t, func(t *testing.T, db *sqldb.DB) {
		for constraint, query := range cases {
			_, err := db.Exec(t.Context(), query, 1)
			if !sqldb.Violates(err, constraint) || sqldb.Violates(err, "things_name_taken") {
				t.Errorf("%s: %v", constraint, err)
			}
		}
	})
	if sqldb.Violates(nil, "") || sqldb.Violates(errors.New("things_pkey"), "things_pkey") {
		t.Error("an error that is no violation was taken for one")
	}
}

func TestATextWithoutParametersMayHoldSeveralCommands(t *testing.T) {
	db := newDatabase(t).Admin()

	_, err := db.Exec(t.Context(), `UPDATE shop.things SET quantity = 1; UPDATE shop.things SET quantity = quantity + 1`)

	must(t, err)
	if got := quantity(t, db, 1); got != 2 {
		t.Errorf("quantity %d", got)
	}
}

func TestAStatementIsPreparedOncePerConnection(t *testing.T) {
	const query = `SELECT quantity FROM shop.things WHERE id = $1`
	cases := map[string]struct {
		off  bool
		want int
		run  func(db *sqldb.DB) error
	}{
		"outside a transaction": {want: 1, run: func(db *sqldb.DB) error {
			var n int
			return db.Get(context.Background(), &n, query, 1)
		}},
		"inside transactions": {want: 1, run: func(db *sqldb.DB) error {
			return db.InTx(context.Background(), func(tx *sqldb.Tx) error {
				var n int
				return tx.Get(context.Background(), &n, query, 1)
			})
		}},
		"switched off": {off: true, want: 0, run: func(db *sqldb.DB) error {
			var n int
			return db.Get(context.Background(), &n, query, 1)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1, NoStatementCache: c.off})
			for range 3 {
				must(t, c.run(db))
			}

			var prepared int
			must(t, db.Get(t.Context(), &prepared, `SELECT count(*) FROM pg_prepared_statements`))
			if prepared != c.want {
				t.Errorf("%d prepared statements, want %d", prepared, c.want)
			}
		})
	}
}

func TestAKnownStatementSurvivesAChangedColumnType(t *testing.T) {
	const query = `SELECT quantity FROM shop.things WHERE id = $1`
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN(), MaxOpen: 1})
	inTx := func() error {
		return db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			var n string
			return tx.Get(t.Context(), &n, query, 1)
		})
	}
	retype := func(to string) {
		_, err := db.Exec(t.Context(), `ALTER TABLE shop.things ALTER quantity TYPE `+to)
		must(t, err)
	}
	quantity(t, db, 1)

	retype("numeric")
	var n string
	must(t, db.Get(t.Context(), &n, query, 1))
	retype("integer")
	must(t, inTx())
}

func TestSessionsHaveLimits(t *testing.T) {
	db := open(t, sqldb.Config{DSN: newDatabase(t).DSN()})
	want := map[string]string{
		"statement_timeout": "5s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "15s",
		"timezone": "UTC", "search_path": "public", "application_name": "rialto",
	}
	for setting, value := range want {
		var got string
		must(t, db.Get(t.Context(), &got, `SELECT current_setting($1)`, setting))
		if got != value {
			t.Errorf("%s is %s, want %s", setting, got, value)
		}
	}
}

func TestARoleIsAPlainName(t *testing.T) {
	dsn := newDatabase(t).DSN()
	for _, role := range []string{"a b", "x -c fsync=off", `"x"`, "X"} {
		if _, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn, Role: role}); err == nil {
			t.Errorf("role %q was accepted", role)
		}
	}
}

func TestTLSIsRequiredOfOtherHostsUnlessTheDSNSaysOtherwise(t *testing.T) {
	cases := map[string]pq.SSLMode{
		"postgres://u@localhost/d":                       pq.SSLModeDisable,
		"postgres://u@127.0.0.1/d":                       pq.SSLModeDisable,
		"postgres://u@[::1]/d":                           pq.SSLModeDisable,
		"postgres://u@/d?host=/run/postgresql":           pq.SSLModeDisable,
		"postgres://u@db.example/d":                      pq.SSLModeRequire,
		"host=192.0.2.7 user=u dbname=d":                 pq.SSLModeRequire,
		"postgres://u@db.example/d?sslmode=disable":      pq.SSLModeDisable,
		"postgres://u@localhost/d?sslmode=verify-full":   pq.SSLModeVerifyFull,
		"host=localhost hostaddr=192.0.2.7 user=u":       pq.SSLModeRequire,
		"host=db.example hostaddr=127.0.0.1 user=u":      pq.SSLModeDisable,
		"host=db.example user=u sslmode=prefer dbname=d": pq.SSLModePrefer,
	}
	for dsn, want := range cases {
		if got, err := sqldb.DefaultSSLMode(dsn); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", dsn, got, err, want)
		}
	}
}
