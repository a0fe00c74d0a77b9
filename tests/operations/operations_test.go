// Package operations does to shops what docs/operations.md says, command by command, while people buy.
package operations

import (
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

// pool is how much there is of everything that is sold: nobody is refused.
const pool = 100_000

// section answers the commands or settings that docs/operations.md marks with a name.
func section(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	found := regexp.MustCompile("(?ms)^ *```[a-z]+ "+name+"\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, 1, "docs/operations.md has the commands %q once", name)
	return found[0][1]
}

// place is where somebody types commands: a directory, what is set there, and as which user.
type place struct {
	dir  string
	env  []string
	user *syscall.Credential
}

// run answers what the documented commands print. What stands in the document for something of this test is put in its place.
func (p place) run(t *testing.T, commands string, instead ...string) string {
	t.Helper()
	typed := strings.NewReplacer(append(instead, "bin/server", shop.Binary(t))...).Replace(commands)
	const programs = "PATH=$PATH:${PG_BIN:-}$(printf ':%s' /usr/lib/postgresql/*/bin)\n"
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", programs+typed)
	cmd.Dir, cmd.Env = p.dir, append(shop.CleanEnvironment(), p.env...)
	if p.user != nil && os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.user}
	}
	output, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", typed, output)
	return string(output)
}

// openTo lets people in who buy one of a SKU again and again.
func openTo(t *testing.T, h *shop.House, people int, sku string) *shop.Crowd {
	t.Helper()
	return h.LetIn(people, shop.Seed(t), func(*rand.Rand) shop.Object { return shop.AtOnce(shop.Line(sku, 1)) })
}

// page asks for an order as its buyer does.
func page(h *shop.House, order shop.Bought) shop.Answer {
	return h.Send(http.MethodGet, "/store/v1/orders/"+order.ID, nil, shop.OrderToken(order.Token))
}

// requireKept wants every order to be there, as its buyer was told, and paid.
func requireKept(t *testing.T, h *shop.House, orders []shop.Bought) {
	t.Helper()
	for _, order := range orders {
		seen := page(h, order)
		require.Equal(t, http.StatusOK, seen.Status, "order %s: %s", order.Number, seen.Raw)
		require.Equal(t, order.Number, seen.Body.Text("number"))
		require.Equal(t, "paid", seen.Body.Text("payment_status"), "order %s", order.Number)
	}
}

// requireGone wants none of the orders to be there.
func requireGone(t *testing.T, h *shop.House, orders []shop.Bought) {
	t.Helper()
	require.NotEmpty(t, orders)
	for _, order := range orders {
		require.Equal(t, http.StatusNotFound, page(h, order).Status, "order %s", order.Number)
	}
}

// requireNumbersOnce wants no two orders that anybody was ever told of to have the same number.
func requireNumbersOnce(t *testing.T, orders ...[]shop.Bought) {
	t.Helper()
	of := map[string]string{}
	for _, some := range orders {
		for _, order := range some {
			require.Contains(t, []string{"", order.ID}, of[order.Number], "the number %s was given twice", order.Number)
			of[order.Number] = order.ID
		}
	}
}

// requireStock wants as much to be owed as was sold.
func requireStock(t *testing.T, h *shop.House, sku string) {
	t.Helper()
	sold := h.IntOf("orders", `SELECT count(*) FROM orders.orders`)
	level := h.Level(sku)
	require.Equal(t, sold, level.Number(t, "allocated"))
	require.Equal(t, pool-sold, level.Number(t, "available"))
}

// divide tells orders of which something is so from the others.
func divide(orders []shop.Bought, is func(shop.Bought) bool) (yes, no []shop.Bought) {
	for _, order := range orders {
		if is(order) {
			yes = append(yes, order)
		} else {
			no = append(no, order)
		}
	}
	return yes, no
}

// verified is what "server verify" names.
func verified(h *shop.House) string {
	output, _ := h.Command("verify")
	return output
}

const content = "verified: every invariant holds\n"
