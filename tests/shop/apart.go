package shop

import (
	"strings"
	"testing"

	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/migrations"
)

// StartApart is Start with every module in a role of its own, which PostgreSQL lets into no schema but the module's.
func StartApart(t testing.TB, settings ...string) *Shop {
	t.Helper()
	database := testdb.New(t)
	for _, module := range migrations.Modules() {
		settings = append(settings, strings.ToUpper(module.Name)+"_DATABASE_URL="+database.ModuleDSN(module.Name))
	}
	return startOn(t, database, settings)
}
