// Package operations does to shops what docs/operations.md says, command by command, while people buy.
package operations

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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

// bought is an order as its buyer was told of it.
type bought struct{ id, number, token, reference string }

// crowd buys one of a SKU again and again.
type crowd struct {
	t      *testing.T
	h      *shop.House
	close  context.CancelFunc
	people sync.WaitGroup

	mu     sync.Mutex
	orders []bought
}

func openTo(t *testing.T, h *shop.House, people int, sku string) *crowd {
	t.Helper()
	open, shut := context.WithCancel(t.Context())
	c := &crowd{t: t, h: h, close: shut}
	for range people {
		c.people.Go(func() {
			for open.Err() == nil {
				c.buy(sku)
			}
		})
	}
	return c
}

func (c *crowd) buy(sku string) {
	answer, err := c.h.Decide(shop.AtOnce(shop.Line(sku, 1)), shop.NewKey(), time.Minute)
	if !assert.NoError(c.t, err) || !assert.Equal(c.t, http.StatusCreated, answer.Status, "%s", answer.Raw) {
		c.close()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders = append(c.orders, bought{answer.Body.Text("order.id"), answer.Body.Text("order.number"), answer.Body.Text("order.token"), answer.Body.Text("id")})
}

// told are the orders that were acknowledged until now.
func (c *crowd) told() []bought {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.orders[:len(c.orders):len(c.orders)]
}

// more waits for so many further orders, and answers all.
func (c *crowd) more(n int) []bought {
	c.t.Helper()
	before := len(c.told())
	require.Eventually(c.t, func() bool { return c.t.Failed() || len(c.told()) >= before+n }, time.Minute, 5*time.Millisecond, "people buy")
	return c.told()
}

// leave answers all orders when everybody has left.
func (c *crowd) leave() []bought {
	c.close()
	c.people.Wait()
	return c.told()
}

// page asks for an order as its buyer does.
func page(h *shop.House, order bought) shop.Answer {
	return h.Send(http.MethodGet, "/store/v1/orders/"+order.id, nil, shop.OrderToken(order.token))
}

// requireKept wants every order to be there, as its buyer was told, and paid.
func requireKept(t *testing.T, h *shop.House, orders []bought) {
	t.Helper()
	for _, order := range orders {
		seen := page(h, order)
		require.Equal(t, http.StatusOK, seen.Status, "order %s: %s", order.number, seen.Raw)
		require.Equal(t, order.number, seen.Body.Text("number"))
		require.Equal(t, "paid", seen.Body.Text("payment_status"), "order %s", order.number)
	}
}

// requireGone wants none of the orders to be there.
func requireGone(t *testing.T, h *shop.House, orders []bought) {
	t.Helper()
	require.NotEmpty(t, orders)
	for _, order := range orders {
		require.Equal(t, http.StatusNotFound, page(h, order).Status, "order %s", order.number)
	}
}

// requireNumbersOnce wants no two orders that anybody was ever told of to have the same number.
func requireNumbersOnce(t *testing.T, orders ...[]bought) {
	t.Helper()
	of := map[string]string{}
	for _, some := range orders {
		for _, order := range some {
			require.Contains(t, []string{"", order.id}, of[order.number], "the number %s was given twice", order.number)
			of[order.number] = order.id
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
func divide(orders []bought, is func(bought) bool) (yes, no []bought) {
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
