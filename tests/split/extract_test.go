package split

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// TestTheWalkThroughAnExtractionIsRight types every command of docs/extract-a-module.md but those that say where PostgreSQL is,
// at other addresses and with the server that the tests have built.
func TestTheWalkThroughAnExtractionIsRight(t *testing.T) {
	text, err := os.ReadFile("../../docs/extract-a-module.md")
	require.NoError(t, err)
	var commands strings.Builder
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		commands.WriteString(block[1])
	}
	typed := strings.ReplaceAll(commands.String(), "make build\n", "")
	typed = strings.ReplaceAll(typed, "bin/server", shop.Binary(t))
	for _, address := range []string{"127.0.0.1:9090", "127.0.0.1:9091", "127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:9465"} {
		require.Contains(t, typed, address)
		typed = strings.ReplaceAll(typed, address, shop.FreeAddress(t))
	}
	address := strings.TrimPrefix(regexp.MustCompile(`http://[0-9.:]+/readyz`).FindString(typed), "http://")
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"+typed)
	cmd.Dir = t.TempDir()
	require.NoError(t, os.Symlink(repository(t)+"/scripts", cmd.Dir+"/scripts"))
	require.NoError(t, os.Symlink(repository(t)+"/migrations", cmd.Dir+"/migrations"))
	cmd.Env = append(shop.CleanEnvironment(), "DATABASE_URL="+testdb.New(t).DSN(), "INVENTORY_DSN="+empty(t, "inventory").DSN(),
		"RIALTO_ADDR="+strings.TrimSuffix(address, "/readyz"), "RIALTO_METRICS_ADDR=127.0.0.1:0")

	output, err := cmd.CombinedOutput()

	require.NoError(t, err, "%s", output)
	require.Equal(t, 3, strings.Count(string(output), `"number":"`), "three orders: %s", output)
	require.Equal(t, 2, strings.Count(string(output), "verified: every invariant holds"), "%s", output)
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := os.Getwd()
	require.NoError(t, err)
	return strings.TrimSuffix(root, "/tests/split")
}
