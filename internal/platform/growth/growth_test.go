package growth_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/growth"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

type table struct {
	*testing.T

	db *sqldb.DB
}

func newTable(t *testing.T) table {
	t.Helper()
	db := testdb.New(t).Admin()
	for _, statement := range []string{
		`CREATE SCHEMA growing`, `CREATE SCHEMA "Other"`,
		`CREATE TABLE growing."Leaves" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)`,
		`CREATE TABLE "Other".leaves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)`,
	} {
		_, err := db.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	return table{t, db}
}

// grow adds rows to both tables, and sees to it that PostgreSQL has counted them.
func (t table) grow(n int) {
	t.Helper()
	for _, name := range []string{`growing."Leaves"`, `"Other".leaves`} {
		_, err := t.db.Exec(t.Context(), `INSERT INTO `+name+` SELECT FROM generate_series(1, $1)`, n)
		require.NoError(t, err)
	}
	const counted = `SELECT count(*) = 2 AND bool_and(s.n_live_tup = t.rows) FROM pg_stat_user_tables s
		JOIN (VALUES ('Leaves', (SELECT count(*) FROM growing."Leaves")), ('leaves', (SELECT count(*) FROM "Other".leaves))) AS t(name, rows)
		ON t.name = s.relname`
	require.Eventually(t, func() bool {
		var is bool
		require.NoError(t, t.db.Get(t.Context(), &is, counted))
		return is
	}, 10*time.Second, 20*time.Millisecond)
}

// known is how many rows PostgreSQL plans with: -1 when it has never looked.
func (t table) known(name string) (rows int) {
	t.Helper()
	require.NoError(t, t.db.Get(t.Context(), &rows, `SELECT reltuples::bigint FROM pg_class WHERE oid = $1::regclass`, name))
	return rows
}

func TestATableThatHasGrownIsAnalyzed(t *testing.T) {
	leaves := newTable(t)
	watch := growth.New(leaves.db, []string{"growing"})
	look := func() int {
		require.NoError(t, watch.Look(t.Context()))
		return leaves.known(`growing."Leaves"`)
	}

	leaves.grow(1000)
	require.Equal(t, -1, look(), "a small table is not worth it")
	leaves.grow(1)
	require.Equal(t, 1001, look())
	leaves.grow(3002)
	require.Equal(t, 1001, look(), "it is not four times as large")
	leaves.grow(1)
	require.Equal(t, 4004, look())
	require.Equal(t, -1, leaves.known(`"Other".leaves`), "a schema of somebody else")
}

func TestATableThatSomebodyElseLooksAtIsPassedOver(t *testing.T) {
	leaves := newTable(t)
	both := growth.New(leaves.db, []string{"growing", "Other"})
	leaves.grow(1001)
	require.NoError(t, leaves.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(t.Context(), `LOCK TABLE growing."Leaves" IN SHARE UPDATE EXCLUSIVE MODE`); err != nil {
			return err
		}
		return both.Look(context.WithoutCancel(t.Context()))
	}))
	require.Equal(t, []int{-1, 1001}, []int{leaves.known(`growing."Leaves"`), leaves.known(`"Other".leaves`)})
}

func TestATableThatCannotBeAnalyzedKeepsNoOtherFromIt(t *testing.T) {
	leaves := newTable(t)
	const count = `CREATE OR REPLACE FUNCTION growing.count(n bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN %s END $$`
	for _, statement := range []string{fmt.Sprintf(count, "RETURN n;"), `CREATE INDEX ON "Other".leaves (growing.count(id))`} {
		_, err := leaves.db.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	leaves.grow(1001)
	_, err := leaves.db.Exec(t.Context(), fmt.Sprintf(count, "RAISE 'no more';"))
	require.NoError(t, err)

	require.ErrorContains(t, growth.New(leaves.db, []string{"growing", "Other"}).Look(t.Context()), "no more")

	require.Equal(t, []int{1001, -1}, []int{leaves.known(`growing."Leaves"`), leaves.known(`"Other".leaves`)})
}
