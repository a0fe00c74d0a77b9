package docs

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestPlantedGapsOfADocumentAreCaught(t *testing.T) {
	announced := []event{{name: "carts.cart_lost.v1", fields: []string{"cart_id"}}}
	for _, c := range []struct {
		name     string
		findings []string
		want     string
	}{
		{"an event without a section", checkEvents("", announced), "carts.cart_lost.v1 has no section"},
		{"an event whose payload is not told", checkEvents("## `carts.cart_lost.v1`\nNothing.", announced), "what cart_id is, is not told"},
		{"an event that nobody announces", checkEvents("## `carts.cart_won.v1`\n", nil), "carts.cart_won.v1 is announced by nobody"},
		{"a listener that is not told", checkListeners("## `a.b.v1`\n## `c.d.v1`\n`x.do`", []listener{{"x.do", "a.b.v1"}}), "x.do listens to a.b.v1"},
		{"a column of people that is not listed", checkPersonalData("", []column{{"cart.carts.phone", "text"}}), "cart.carts.phone"},
		{"a JSON column that is not listed", checkPersonalData("", []column{{"cart.carts.extra", "jsonb"}}), "cart.carts.extra"},
		{"a column that is gone", checkPersonalData("| `cart.carts.fax` | x |", nil), "cart.carts.fax does not exist"},
		{"a state machine that is not drawn", checkMachines("", []machine{{"a.b.status", nil}}), "a.b.status has no section"},
		{"a state that is not drawn", checkMachines("## A `a.b.status`\nopened", []machine{{"a.b.status", []string{"open"}}}), "the state open is missing"},
		{"a setting that is not listed", checkSettings("", map[string]string{"RIALTO_X": ""}), "RIALTO_X is not listed"},
		{"a setting with another default", checkSettings("| `RIALTO_X` | `2` |", map[string]string{"RIALTO_X": "1"}), "another default"},
		{"a setting that is gone", checkSettings("| `RIALTO_Y` | - |", nil), "RIALTO_Y is no setting"},
		{"a lazy commit that is not explained", checkLazyCommits("", []string{"internal/a/b.go"}), "a commit of internal/a/b.go"},
		{"a lazy commit that is gone", checkLazyCommits("`internal/a/b.go`", nil), "internal/a/b.go commits nothing"},
		{"a module that is not on the map", checkModules("", map[string][]string{"gifts": nil}), "the module gifts is not on the map"},
		{"an edge that is not on the map", checkModules("| `cart` | x | - |", map[string][]string{"cart": {"tax"}}), "cart calls tax"},
		{"a dependency without a reason", checkDependencies("", []string{"example.com/x"}), "why example.com/x is used is not told"},
		{"a dependency that is gone", checkDependencies("| `example.com/y` | reasons |", nil), "example.com/y is not used"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, strings.Join(c.findings, "\n"), c.want)
		})
	}
}

func TestAPlantedDeadLinkIsCaught(t *testing.T) {
	findings, err := checkLinks(fstest.MapFS{
		"README.md":   {Data: []byte("[here](docs/a.md) [there](docs/b.md#x) [web](https://example.com)")},
		"docs/a.md":   {Data: []byte("[up](../README.md) [gone](c.md)")},
		".work/x.md":  {Data: []byte("[not ours](y.md)")},
		"docs/pic.go": {Data: []byte("[no link](z.md)")},
	})

	require.NoError(t, err)
	require.Equal(t, []string{"README.md links to docs/b.md, which is not there", "docs/a.md links to c.md, which is not there"}, findings)
}

func TestPlantedSourcesAreRead(t *testing.T) {
	tree := fstest.MapFS{
		"internal/cart/events.go": {Data: []byte("package cart\n\ntype CartLost struct {\n\tCartID string `json:\"cart_id\"`\n}\n\n" +
			"func (CartLost) EventName() string { return \"cart.cart_lost.v1\" }\n")},
		"migrations/cart/000001_init.up.sql": {Data: []byte("CREATE TABLE cart.carts (\n    email text NOT NULL,\n    status text,\n" +
			"    CONSTRAINT known CHECK (status IN ('open', 'lost'))\n);\n")},
		"migrations/cart/000002_more.up.sql": {Data: []byte("ALTER TABLE cart.carts ADD COLUMN phone text NOT NULL;\n")},
	}

	require.Equal(t, []event{{name: "cart.cart_lost.v1", goType: "cart.CartLost", fields: []string{"cart_id"}}}, from(t, tree, events))
	require.Equal(t, []column{{"cart.carts.email", "text"}, {"cart.carts.status", "text"}, {"cart.carts.phone", "text"}}, from(t, tree, columns))
	require.Equal(t, []machine{{"cart.carts.status", []string{"open", "lost"}}}, from(t, tree, machines))
}
