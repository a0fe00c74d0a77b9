package shop

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// decision is how long a shopper insists on hearing what became of an order.
	decision = 90 * time.Second
	// business is how long a crowd may take to buy what a test waits for.
	business = time.Minute
)

// Bought is an order as its buyer was told of it; Reference is that of the checkout.
type Bought struct{ ID, Number, Token, Reference string }

// Crowd buys until it is sent home, and remembers who was told what.
type Crowd struct {
	t       testing.TB
	shut    context.CancelFunc
	people  sync.WaitGroup
	mu      sync.Mutex
	bought  []Bought
	refused int
}

// LetIn lets people in who order, again and again, what order answers. Nothing of it may run out.
func (h *House) LetIn(people int, random *rand.Rand, order func(*rand.Rand) Object) *Crowd {
	open, shut := context.WithCancel(h.t.Context())
	c := &Crowd{t: h.t, shut: shut}
	for range people {
		own := rand.New(rand.NewPCG(random.Uint64(), random.Uint64()))
		c.people.Go(func() {
			for open.Err() == nil {
				answer, err := h.Decide(order(own), NewKey(), decision)
				if !assert.NoError(h.t, err) || !c.hear(answer) {
					shut()
				}
			}
		})
	}
	return c
}

// hear answers false when there was no decision.
func (c *Crowd) hear(answer Answer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case answer.Status == http.StatusCreated:
		of := answer.Body
		c.bought = append(c.bought, Bought{of.Text("order.id"), of.Text("order.number"), of.Text("order.token"), of.Text("id")})
	case answer.Status == http.StatusPaymentRequired, answer.Body.Text("code") == "checkout_canceled":
		c.refused++
	default:
		return assert.Fail(c.t, "no decision", "%d %s", answer.Status, answer.Raw)
	}
	return true
}

// Told are the orders that were acknowledged until now.
func (c *Crowd) Told() []Bought {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bought[:len(c.bought):len(c.bought)]
}

// Refused is how many cards were declined, and how many checkouts were given up because they could not be ended in time.
func (c *Crowd) Refused() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused
}

// More waits for so many further orders, and answers all.
func (c *Crowd) More(n int) []Bought {
	c.t.Helper()
	enough := len(c.Told()) + n
	require.Eventually(c.t, func() bool { return c.t.Failed() || len(c.Told()) >= enough }, business, 5*time.Millisecond, "people buy")
	return c.Told()
}

// SendHome waits until the last one knows what became of the last order, and answers all.
func (c *Crowd) SendHome() []Bought {
	c.shut()
	c.people.Wait()
	return c.Told()
}
