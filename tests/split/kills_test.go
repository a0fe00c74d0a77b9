//go:build faults

package split

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// kills is how often each side of every call dies.
	kills = 20
	// decision is how long a shopper insists.
	decision = 90 * time.Second
)

// crowd buys until it is told to stop, and remembers who was told what.
type crowd struct {
	*shop.House
	t        *testing.T
	mu       sync.Mutex
	bought   []string
	declined int
}

func (c *crowd) shop(ctx context.Context, random *rand.Rand) {
	for ctx.Err() == nil {
		order := shop.AtOnce(shop.Line("A", 1+random.Int64N(2)), shop.Line("B", 1))
		if random.IntN(5) == 0 {
			order["payment"] = shop.Declines()
		}
		answer, err := c.Decide(order, shop.NewKey(), decision)
		c.mu.Lock()
		switch {
		case assert.NoError(c.t, err) && answer.Status == http.StatusCreated:
			c.bought = append(c.bought, answer.Body.Text("id"))
		case answer.Status == http.StatusPaymentRequired:
			c.declined++
		}
		c.mu.Unlock()
	}
}

// TestKillsOfEachSideLoseNothing kills the app and the processes of two modules at random moments, while people buy.
func TestKillsOfEachSideLoseNothing(t *testing.T) {
	random := shop.Seed(t)
	h := shop.StartHouse(t, shop.Setup{Provider: true, Apart: [][]string{{"inventory"}, {"payments"}}})
	h.Sell("A", 1000, 1_000_000)
	h.Sell("B", 500, 1_000_000)
	h.Settle()
	c := &crowd{House: h, t: t}
	open, shut := context.WithCancel(t.Context())
	var people sync.WaitGroup
	for range 4 {
		seed := rand.New(rand.NewPCG(random.Uint64(), random.Uint64()))
		people.Go(func() { c.shop(open, seed) })
	}

	var victims []*shop.Replica
	for range kills {
		victims = append(victims, h.Replicas[0], h.Part("inventory").Replicas[0], h.Part("payments").Replicas[0])
	}
	random.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	for _, victim := range victims {
		time.Sleep(time.Duration(100+random.IntN(500)) * time.Millisecond)
		victim.Restart()
	}
	shut()
	people.Wait()
	h.Quiesce(2 * time.Minute)

	for _, reference := range c.bought {
		require.EqualValues(t, 1, h.IntOf("orders", `SELECT count(*) FROM orders.orders WHERE reference = $1`, reference))
	}
	require.EqualValues(t, len(c.bought), h.IntOf("orders", `SELECT count(*) FROM orders.orders`), "every order is one that somebody was told of")
	require.NotEmpty(t, c.bought)
	h.CheckAll()
	t.Logf("%d kills, %d orders, %d declined", len(victims), len(c.bought), c.declined)
}
