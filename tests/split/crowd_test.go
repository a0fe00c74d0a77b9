package split

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// shoppers is how many people a crowd has.
	shoppers = 4
	// decision is how long a shopper insists on hearing what became of an order.
	decision = 90 * time.Second
)

// crowd buys until it is sent home, and remembers who was told what.
type crowd struct {
	shut     context.CancelFunc
	people   sync.WaitGroup
	mu       sync.Mutex
	bought   []string
	declined int
}

// letIn lets a crowd in that orders, again and again, what order answers.
func letIn(t *testing.T, h *shop.House, random *rand.Rand, order func(*rand.Rand) shop.Object) *crowd {
	open, shut := context.WithCancel(t.Context())
	c := &crowd{shut: shut}
	for range shoppers {
		own := rand.New(rand.NewPCG(random.Uint64(), random.Uint64()))
		c.people.Go(func() {
			for open.Err() == nil {
				answer, err := h.Decide(order(own), shop.NewKey(), decision)
				if assert.NoError(t, err) {
					c.hear(t, answer)
				}
			}
		})
	}
	return c
}

func (c *crowd) hear(t *testing.T, answer shop.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch answer.Status {
	case http.StatusCreated:
		c.bought = append(c.bought, answer.Body.Text("id"))
	case http.StatusPaymentRequired:
		c.declined++
	default:
		assert.Fail(t, "no decision", "%d %s", answer.Status, answer.Raw)
	}
}

// orders is how many people were told that they have bought.
func (c *crowd) orders() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.bought)
}

// sendHome waits until the last one knows what became of the last order.
func (c *crowd) sendHome() {
	c.shut()
	c.people.Wait()
}
