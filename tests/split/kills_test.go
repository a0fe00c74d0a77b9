//go:build faults

package split

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// kills is how often each side of every call dies.
const kills = 20

// some is one or two of A, one B, and one card in five that is declined.
func some(random *rand.Rand) shop.Object {
	order := shop.AtOnce(shop.Line("A", 1+random.Int64N(2)), shop.Line("B", 1))
	if random.IntN(5) == 0 {
		order["payment"] = shop.Declines()
	}
	return order
}

// TestKillsOfEachSideLoseNothing kills the app and the processes of two modules at random moments, while people buy.
func TestKillsOfEachSideLoseNothing(t *testing.T) {
	for name, carrier := range map[string]func(testing.TB) shop.Carrier{"events by calls": nil, "events by a broker": carried} {
		t.Run(name, func(t *testing.T) { killEachSide(t, carrier) })
	}
}

func killEachSide(t *testing.T, carrier func(testing.TB) shop.Carrier) {
	t.Helper()
	random := shop.Seed(t)
	h := shop.StartHouse(t, shop.Setup{Provider: true, Apart: [][]string{{"inventory"}, {"payments"}}, Carrier: carrier})
	h.Sell("A", 1000, 1_000_000)
	h.Sell("B", 500, 1_000_000)
	h.Settle()
	c := h.LetIn(shoppers, random, some)

	var victims []*shop.Replica
	for range kills {
		victims = append(victims, h.Replicas[0], h.Part("inventory").Replicas[0], h.Part("payments").Replicas[0])
	}
	random.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	for _, victim := range victims {
		time.Sleep(time.Duration(100+random.IntN(500)) * time.Millisecond)
		victim.Restart()
	}
	bought := c.SendHome()
	h.Quiesce(2 * time.Minute)

	for _, order := range bought {
		require.EqualValues(t, 1, h.IntOf("orders", `SELECT count(*) FROM orders.orders WHERE reference = $1`, order.Reference))
	}
	require.EqualValues(t, len(bought), h.IntOf("orders", `SELECT count(*) FROM orders.orders`), "every order is one that somebody was told of")
	require.NotEmpty(t, bought)
	h.CheckAll()
	t.Logf("%d kills, %d orders, %d refused", len(victims), len(bought), c.Refused())
}
