//go:build faults

// Package soak lets shoppers buy for a while from two servers that are killed with -9 every 1 to 3 s, through a payment
// provider that declines, wants the shopper to act, answers late or not at all. In the end everything has to add up.
// TEST_KILLS says how often a server is killed, 50 times when it is not set, and TEST_SEED repeats a run.
package soak

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

const (
	settingKills = "TEST_KILLS"
	fewKills     = 50

	buyers = 6
	// goods are how many SKUs are sold; of every fifth there are few.
	goods = 25
	few   = 15
	many  = 1_000_000
	// troubled is how many payments a script knows trouble for, and scriptEvery after how many kills there is a new one.
	troubled    = 2000
	scriptEvery = 10
	// quiet is how long everything may take to end once nobody buys any more.
	quiet = 100 * time.Second
)

func TestSoakServersThatAreKilledLoseNothing(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Replicas: 2, Provider: true,
		Settings: []string{"RIALTO_PROVIDER_TIMEOUT=1s", "RIALTO_BASE_URL=https://shop.example"}})
	stock(h)
	random, kills, began := shop.Seed(t), kills(t), time.Now()
	book := &book{acked: map[string]sold{}, told: map[string]string{}}
	closed := make(chan struct{})
	var crowd sync.WaitGroup
	for range buyers {
		b := buyer{House: h, book: book, random: rand.New(rand.NewPCG(random.Uint64(), random.Uint64()))}
		crowd.Go(func() { b.buyUntil(closed) })
	}
	for n := range kills {
		if n%scriptEvery == 0 {
			h.Provider.Script(trouble(random)...)
		}
		kill(h, random)
	}
	close(closed)
	crowd.Wait()

	traded := time.Since(began)
	calm(t, h)
	book.check(t, h)
	t.Logf("soak: %d kills, %d checkouts, %d acknowledged, %d orders, %d declined, %d refused, %d given up by their shoppers, in %s", kills,
		h.Int(`SELECT count(*) FROM checkout.attempts`), len(book.acked), h.Int(`SELECT count(*) FROM orders.orders`), book.declined, book.refused, len(book.left), traded.Round(time.Second))
}

// kills is how often a server is killed.
func kills(t *testing.T) int {
	text := os.Getenv(settingKills)
	if text == "" {
		return fewKills
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, settingKills)
	return n
}

func sku(i int) string { return fmt.Sprintf("GOODS-%d", i) }

func stock(h *shop.House) {
	for i := range goods {
		h.Offer(sku(i), 500+100*int64(i))
		units := int64(many)
		if i%5 == 0 {
			units = few
		}
		h.Restock(sku(i), units)
	}
	h.Settle()
}

// trouble is what goes wrong with payments: about one in twenty gets no answer in time, no answer, or no service.
func trouble(random *rand.Rand) []fakeprovider.Rule {
	var rules []fakeprovider.Rule
	wrong := []fakeprovider.Rule{{AnswerDelayMS: 2000}, {DropAnswer: true}, {Status: 503}, {Hang: true}, {Malformed: true},
		{AnswerDelayMS: 1500, NoEvents: true}, {EventCount: 3}, {EventsBeforeAnswer: true}, {EventDelayMS: 3000}}
	for _, op := range []string{"authorize", "capture", "void"} {
		for nth := 1; nth <= troubled; nth++ {
			if random.IntN(20) == 0 {
				rule := wrong[random.IntN(len(wrong))]
				rule.Op, rule.Nth = op, nth
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// kill ends a server 1 to 3 s after the last one came back, and starts it again at once.
func kill(h *shop.House, random *rand.Rand) {
	<-time.After(time.Second + time.Duration(random.Int64N(int64(2*time.Second)-int64(starting))))
	h.Replicas[random.IntN(len(h.Replicas))].Restart()
}

// starting is about how long a server takes to be ready, which counts as time between two kills.
const starting = 500 * time.Millisecond

// calm lets everything come to its end: checkouts whose shoppers left run out of time, and what a provider never heard of
// is old enough to be believed.
func calm(t *testing.T, h *shop.House) {
	h.Provider.ClearScript()
	const (
		leave = `UPDATE checkout.attempts SET deadline = now(), next_run_at = now() WHERE status = 'action_required' AND deadline > now()`
		age   = `UPDATE payments.attempts SET created_at = least(created_at, now() - interval '3 minutes'), next_ask_at = now()
			WHERE status IN ('submitted', 'unknown') AND next_ask_at > now()`
		live = `SELECT count(*) FROM checkout.attempts WHERE status NOT IN ('completed', 'canceled', 'review')`
	)
	calmed := func() bool {
		for _, query := range []string{leave, age} {
			_, err := h.Admin().Exec(t.Context(), query)
			require.NoError(t, err)
		}
		expire(t, h)
		return h.Int(live) == 0
	}
	for began := time.Now(); !calmed(); <-time.After(time.Second) {
		require.Less(t, time.Since(began), quiet, "checkouts are still alive: %s", alive(t, h))
	}
	h.Settle()
}

// expire ends what the provider wants a shopper to do who was never told where, because the answer was lost.
func expire(t *testing.T, h *shop.House) {
	var keys []string
	require.NoError(t, h.Admin().Select(t.Context(), &keys, `SELECT id::text FROM payments.attempts WHERE status = 'unknown'`))
	for _, key := range keys {
		if asked, found := h.Provider.Find(key); found && asked.Status == fakeprovider.StatusActionRequired {
			h.Provider.Expire(key)
		}
	}
}

// alive tells of the checkouts that do not end.
func alive(t *testing.T, h *shop.House) string {
	const query = `SELECT coalesce(string_agg(concat_ws(' ', a.reference, a.status, a.tries, a.lease_until - now(), a.next_run_at - now(), a.ends_at - now(),
		p.status, p.next_ask_at - now(), now() - p.created_at, p.asking_until - now()), E'\n'), '')
		FROM checkout.attempts a LEFT JOIN payments.attempts p USING (reference) WHERE a.status NOT IN ('completed', 'canceled', 'review')`
	var found string
	require.NoError(t, h.Admin().Get(t.Context(), &found, query))
	return found
}
