// Package doctor breaks what a server needs and asks "server doctor" what is wrong.
package doctor

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

// careful is a PostgreSQL that waits for the disk, as that of all tests does not.
func careful(t *testing.T) string {
	t.Helper()
	server, err := devpostgres.Start(t.Context(), devpostgres.Config{Dir: t.TempDir(), PgBin: os.Getenv("PG_BIN")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return server.DSN()
}

// patient is a server's environment.
type patient struct {
	t   *testing.T
	env []string
}

func newPatient(t *testing.T, postgres string, settings ...string) patient {
	t.Helper()
	return patient{t: t, env: append(append(shop.CleanEnvironment(), "DATABASE_URL="+testdb.New(t, testdb.OnServer(postgres)).DSN(), "RIALTO_SECRET_KEY="+strings.Repeat("k", 32),
		"RIALTO_ADDR="+shop.FreeAddress(t), "RIALTO_METRICS_ADDR="+shop.FreeAddress(t)), settings...)}
}

func (p patient) ask() (said string, sound bool) {
	p.t.Helper()
	cmd := exec.Command(shop.Binary(p.t), "doctor")
	cmd.Env = p.env
	output, err := cmd.CombinedOutput()
	return string(output), err == nil
}

func TestOPS4NothingIsWrongWithASoundServer(t *testing.T) {
	said, sound := newPatient(t, careful(t)).ask()

	require.True(t, sound, said)
	require.NotContains(t, said, "WRONG")
	require.Contains(t, said, "ok    tables of 13 modules")
}

func TestOPS4NothingIsWrongBesideAServerThatRuns(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Server: careful(t)})

	said, err := h.Command("doctor")

	require.NoError(t, err, said)
}

// TestOPS4WhatIsWrongIsNamedWithWhatToDo breaks one thing after the other.
func TestOPS4WhatIsWrongIsNamedWithWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	postgres := careful(t)
	broken := func(statement string) string {
		database := testdb.New(t, testdb.OnServer(postgres))
		_, err := database.Admin().Exec(t.Context(), statement)
		require.NoError(t, err)
		return database.DSN()
	}
	apart := []string{"RIALTO_INTERNAL_TOKEN=" + strings.Repeat("t", 32), "INVENTORY_URL=http://127.0.0.1:1"}
	for name, c := range map[string]struct {
		settings    []string
		wrong, next string
	}{
		"no PostgreSQL":          {[]string{"DATABASE_URL=postgres://x@127.0.0.1:1/x?sslmode=disable"}, "cannot be reached", "set DATABASE_URL"},
		"a short secret":         {[]string{"RIALTO_SECRET_KEY=short"}, "RIALTO_SECRET_KEY", "docs/configuration.md"},
		"a port that is taken":   {[]string{"RIALTO_ADDR=" + taken.Addr().String()}, "address already in use", "set RIALTO_ADDR"},
		"tables that are old":    {[]string{"DATABASE_URL=" + broken(`UPDATE cart.schema_migrations SET version = 1`)}, "tables of cart: they are at version 1 of", "server migrate"},
		"tables that are gone":   {[]string{"DATABASE_URL=" + broken(`DROP SCHEMA tax CASCADE`)}, "tables of tax: they are not made yet", "server migrate"},
		"a module that moved":    {[]string{"DATABASE_URL=" + broken(`CREATE FUNCTION tax.moving() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`)}, "tables of tax: they take no writes, because the module was moved", "set TAX_URL, or TAX_DATABASE_URL"},
		"a failed migration":     {[]string{"DATABASE_URL=" + broken(`UPDATE cart.schema_migrations SET dirty = true`)}, "tables of cart: migration", "server migrate"},
		"a database that reads":  {[]string{"DATABASE_URL=" + broken(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)}, "takes no writes", "the primary"},
		"commits that are lost":  {[]string{"DATABASE_URL=" + broken(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`)}, "may lose what it has acknowledged", "turn both on"},
		"a process that is away": {apart, "process with inventory at http://127.0.0.1:1: it cannot be asked", "start it"},
	} {
		t.Run(name, func(t *testing.T) {
			said, sound := newPatient(t, postgres, c.settings...).ask()

			assert.False(t, sound, said)
			assert.Contains(t, said, c.wrong)
			assert.Contains(t, said, c.next)
		})
	}
}

func TestOPS4AProcessWithoutTheModuleIsNamed(t *testing.T) {
	postgres := careful(t)
	h := shop.StartHouse(t, shop.Setup{Server: postgres, Apart: [][]string{{"inventory"}, {"payments"}, {"integrations"}}})
	said, err := h.Command("doctor")
	require.NoError(t, err, said)
	for _, module := range []string{"inventory", "payments", "integrations"} {
		require.Contains(t, said, "ok    process with "+module+" at")
	}
	for name, address := range map[string]string{"another module's": h.Part("payments").Inside, "its public one": h.Part("inventory").Replicas[0].URL} {
		said, sound := newPatient(t, postgres, "RIALTO_INTERNAL_TOKEN="+shop.InternalToken, "INVENTORY_URL="+address).ask()

		require.False(t, sound, name)
		require.Contains(t, said, "it does not run inventory", name)
		require.Contains(t, said, "set INVENTORY_URL to the RIALTO_INTERNAL_ADDR", name)
	}
}

func TestOPS4ProcessesWithOtherTokensAreNamed(t *testing.T) {
	postgres := careful(t)
	h := shop.StartHouse(t, shop.Setup{Server: postgres, Apart: [][]string{{"inventory"}}})
	said, err := h.Command("doctor")
	require.NoError(t, err, said)
	require.Contains(t, said, "ok    process with inventory at")

	said, sound := newPatient(t, postgres, "RIALTO_INTERNAL_TOKEN="+strings.Repeat("x", 32), "INVENTORY_URL="+h.Part("inventory").Inside).ask()

	require.False(t, sound)
	require.Contains(t, said, "it does not accept the token")
	require.Contains(t, said, "the same RIALTO_INTERNAL_TOKEN")
}
