// Package archtest holds the house to its own rules: who may import whom, that platform knows no module, that SQL stays
// in its schema, that every package says what it is for. It has no code of its own, only tests.
package archtest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

func repository() fs.FS { return os.DirFS("../..") }

func readSources(t *testing.T, tree fs.FS) []source {
	t.Helper()
	sources, err := parseTree(tree)
	require.NoError(t, err)
	return sources
}

func TestImportsStayInsideTheMap(t *testing.T) {
	require.Empty(t, checkImports(readSources(t, repository())))
}

func TestTheModuleGraphHasNoCycle(t *testing.T) {
	require.Empty(t, checkCycles(mayImport))
}

func TestEveryModuleIsInTheMap(t *testing.T) {
	for _, s := range readSources(t, repository()) {
		if module := moduleOf(s.dir()); module != "" {
			require.Contains(t, mayImport, module, s.path)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	require.Empty(t, checkComments(readSources(t, repository())))
}

func TestSQLStaysInItsSchema(t *testing.T) {
	findings, err := checkSchemas(repository(), readSources(t, repository()))

	require.NoError(t, err)
	require.Empty(t, findings)
}

func TestThereIsNoHiddenState(t *testing.T) {
	require.Empty(t, checkState(readSources(t, repository())))
}

func TestOutboxTablesAreThePlatformsText(t *testing.T) {
	tree := repository()
	names, err := fs.Glob(tree, "migrations/*/000001_*.up.sql")
	require.NoError(t, err)
	for _, name := range names {
		content, err := fs.ReadFile(tree, name)
		require.NoError(t, err)
		if module := strings.Split(name, "/")[1]; strings.Contains(string(content), "outbox_events") {
			require.Contains(t, string(content), strings.TrimSpace(outbox.MigrationSQL(module)), name)
		}
	}
}

func TestTablesOfIdempotencyKeysAreThePlatformsText(t *testing.T) {
	tree := repository()
	names, err := fs.Glob(tree, "migrations/*/*_idempotency_keys.up.sql")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		content, err := fs.ReadFile(tree, name)
		require.NoError(t, err)
		require.Equal(t, idempotency.MigrationSQL(strings.Split(name, "/")[1]), string(content), name)
	}
}

func TestWhatOnlyTestsNeedIsNotInTheServer(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "./cmd/server")
	list.Dir = "../.."
	linked, err := list.Output()
	require.NoError(t, err)
	require.Contains(t, string(linked), "github.com/nats-io/nats.go")

	for _, only := range []string{"github.com/nats-io/nats-server", "github.com/Shopify/toxiproxy", "github.com/stretchr/testify", "go.uber.org/goleak"} {
		require.NotContains(t, string(linked), only)
	}
}

func TestPlantedViolationsAreCaught(t *testing.T) {
	cases := []struct {
		name, path, content, want string
	}{
		{"an edge missing from mayImport", "internal/cart/internal/x/x.go",
			`package x; import _ "github.com/rialto-commerce/rialto/internal/orders"`, "edge is not in mayImport"},
		{"a front door importing a module", "internal/cart/cart.go",
			`package cart; import _ "github.com/rialto-commerce/rialto/internal/catalog"`, "a front door imports only"},
		{"a front door importing a library", "internal/cart/cart.go",
			`package cart; import _ "github.com/jmoiron/sqlx"`, "a front door imports only"},
		{"platform knowing a module", "internal/platform/x/x.go",
			`package x; import _ "github.com/rialto-commerce/rialto/internal/cart"`, "platform must know no module"},
		{"a module using another's side door", "internal/cart/internal/x/x.go",
			`package x; import _ "github.com/rialto-commerce/rialto/internal/catalog/catalogmod"`, "side door"},
		{"a module knowing the app", "internal/cart/internal/x/x.go",
			`package x; import _ "github.com/rialto-commerce/rialto/internal/app"`, "must not know the app"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			findings := checkImports(readSources(t, planted(map[string]string{c.path: c.content})))

			require.NotEmpty(t, findings)
			require.Contains(t, strings.Join(findings, "\n"), c.want)
		})
	}
}

func TestAPlantedCrossSchemaQueryIsCaught(t *testing.T) {
	tree := planted(map[string]string{
		"internal/cart/internal/postgres/x.go": "package postgres\nconst q = `SELECT total FROM orders.orders WHERE cart_id = $1`",
		"migrations/cart/000002_x.up.sql":      "ALTER TABLE cart.carts ADD FOREIGN KEY (variant_id) REFERENCES catalog.variants (id);",
	})

	findings, err := checkSchemas(tree, readSources(t, tree))

	require.NoError(t, err)
	require.Len(t, findings, 2)
}

func TestPlantedHiddenStateIsCaught(t *testing.T) {
	tree := planted(map[string]string{"internal/cart/x.go": "package cart\nvar counter int\nfunc init() { counter++ }"})

	require.Len(t, checkState(readSources(t, tree)), 2)
}

func TestAPlantedPackageWithoutACommentIsCaught(t *testing.T) {
	tree := planted(map[string]string{"internal/platform/x/x.go": "package x"})

	require.Equal(t, []string{"internal/platform/x: the package has no comment"}, checkComments(readSources(t, tree)))
}

func TestAPlantedCycleIsCaught(t *testing.T) {
	require.NotEmpty(t, checkCycles(map[string][]string{"a": {"b"}, "b": {"a"}}))
}

// The compiler is the wall between modules: this plants a file that enters another module's room and asks it.
func TestImportingAnotherModulesRoomDoesNotCompile(t *testing.T) {
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	intruder := filepath.Join(t.TempDir(), "intruder.go")
	require.NoError(t, os.WriteFile(intruder, []byte("package checkout\n\nimport _ \""+modulePath+"internal/cart/internal/postgres\"\n"), 0o600))
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	target := filepath.Join(root, "internal", "checkout", "intruder.go")
	require.NoError(t, os.WriteFile(overlay, []byte(`{"Replace": {"`+target+`": "`+intruder+`"}}`), 0o600))

	output, err := exec.Command("go", "build", "-overlay", overlay, modulePath+"internal/checkout").CombinedOutput()

	require.Error(t, err)
	require.Contains(t, string(output), "use of internal package "+modulePath+"internal/cart/internal/postgres not allowed")
}
