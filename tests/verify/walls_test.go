package verify_test

import (
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/migrations"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestAModuleReadsNoOtherSchema(t *testing.T) {
	database := testdb.New(t)
	tables := tablesBySchema(t, database.Admin())
	require.NotEmpty(t, tables["orders"])

	err := count(t, database.Module("cart"), "orders.orders")
	require.NotNil(t, pq.As(err, pqerror.InsufficientPrivilege), "cart reads orders.orders: %v", err)
	require.Equal(t, "42501", string(pq.As(err).Code))

	for _, module := range migrations.Modules() {
		t.Run(module.Name, func(t *testing.T) {
			pool := database.Module(module.Name)
			for schema, table := range tables {
				err := count(t, pool, table)
				if schema == module.Name {
					require.NoError(t, err, "its own table %s", table)
					continue
				}
				require.NotNil(t, pq.As(err, pqerror.InsufficientPrivilege), "%s: %v", table, err)
			}
		})
	}
}

func TestAShopSellsWithEveryModuleInItsOwnRole(t *testing.T) {
	s := shop.StartApart(t)
	trade(t, s)
}

// tablesBySchema is a table of every module's schema.
func tablesBySchema(t *testing.T, db *sqldb.DB) map[string]string {
	t.Helper()
	const query = `SELECT min(table_name) FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE'`
	tables := map[string]string{}
	for _, module := range migrations.Modules() {
		var name string
		require.NoError(t, db.Get(t.Context(), &name, query, module.Name))
		tables[module.Name] = module.Name + "." + name
	}
	return tables
}

func count(t *testing.T, db *sqldb.DB, table string) error {
	t.Helper()
	var n int
	return db.Get(t.Context(), &n, `SELECT count(*) FROM `+table)
}
