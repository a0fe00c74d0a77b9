// Package concurrency lets many shoppers and clerks act at the same moment, or twice, against two servers on one database,
// and compares what they were answered with what the database and the payment provider say. Every test was seen red on a
// planted bug. Each case ends with every check of the house: invariants, journal of the provider, deadlocks, leaks.
//
// A race is run in TEST_ROUNDS rounds. The first is as large as its case says; the others are smaller, and in every second
// one PostgreSQL answers up to 20 ms late, so that other requests are first. What is no race, such as the same key again
// (C05), runs once, and where a round has twenty races of its own (C20) one is enough.
package concurrency

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

const (
	checkouts = "/store/v1/checkouts"

	// patience is how long a shopper comes back who is told that the server is busy.
	patience = 2 * time.Minute
	// pause is how long such a shopper stays away at least. Servers ask for longer; who comes sooner makes it harder for them.
	pause = 250 * time.Millisecond
	// fillers is how many carts are filled at a time.
	fillers = 4
	// within is how long something may take that happens by itself.
	within = 20 * time.Second
	often  = 10 * time.Millisecond
	// fifty is how many rounds a race is worth; twenty do where a round is many races, and few where it makes no difference.
	fifty, twenty, few = 50, 20, 5
)

// house is a shop of two servers, as one case sees it. A brief one runs each race once, and with few shoppers.
type house struct {
	*shop.House
	t     *testing.T
	brief bool
}

func open(t *testing.T, settings ...string) house {
	t.Helper()
	// Both servers tell of one address, as behind a load balancer, so that both give the same answers.
	settings = append(settings, "RIALTO_BASE_URL=https://shop.example")
	return house{t: t, House: shop.StartHouse(t, shop.Setup{Replicas: 2, Failpoints: true, Provider: true, Proxy: true, Settings: settings})}
}

// run runs a case, which begins and ends with a provider that works and a quick database.
func (h house) run(name string, try func(house)) {
	h.part(name, func(h house) {
		defer h.Proxy.Clear()
		try(h)
		h.Provider.ClearScript()
		h.CheckAll()
	})
}

// part runs a part of a case.
func (h house) part(name string, try func(house)) {
	h.t.Run(name, func(t *testing.T) { try(house{House: h.In(t), t: t, brief: h.brief}) })
}

func TestTwoServers(t *testing.T) {
	h := open(t)
	h.run("C01 of 200 buyers of 10 units exactly 10 get one", tenUnits)
	h.run("C02 of two buyers of the last unit one gets it and the other owes nothing", lastUnit)
	h.run("C03 one cart and 50 keys make one order and one charge", fiftyKeys)
	h.run("C04 two lines of one SKU are counted together", twoLines)
	h.run("C05 the same key again is the same answer", sameKeyAgain)
	h.run("C06 the same key while the provider thinks is told to wait", sameKeyMeanwhile)
	h.run("C06 the same key 20 times at once is one order", sameKeyTogether)
	h.run("C07 the same key for something else is refused", keyReused)
	h.run("C08 the same key of another shopper is another request", otherShopper)
	h.run("C09 the same key after an error past the payment is one charge", failed)
	h.run("C09 the same key after a crash past the payment is one charge", crashed)
	h.run("C10 a key that was refused as invalid can be used", corrected)
	h.run("C11 of 20 changes of version 7 one makes version 8", twentyEditors)
	h.run("C12 a change without If-Match is refused", unconditional)
	h.run("C13 a tag that still holds spares the body, and a weak one changes nothing", tags)
	h.run("C16 ten cancellations and five refunds give everything back once", canceledTogether)
	h.run("C19 of 20 refunds of 30 of 100 three are made", refundedTogether)
	h.run("C22 an event before, during and after the answer is one capture", eventAndAnswer)
	h.run("C25 a hold that ends when the payment comes is an order or nothing", endsWithPayment)
	h.run("C25 a payment that comes while its hold is swept is voided", paidWhileSwept)
	h.run("C26 carts with the same SKUs in either order do not deadlock", crosswise)
	// From here on payments are captured by hand.
	h.run("C20 of two captures of 60 of 100 one is made", capturedTogether)
	h.run("a clerk who clicks twice has clicked once", clickedTwice)
}

// TestTwoServersWithPoolsOfTwo is the second time. A request that needs a connection while it holds one would hang here, as
// soon as two of them meet.
func TestTwoServersWithPoolsOfTwo(t *testing.T) {
	h := open(t, "RIALTO_POOL_REQUESTS=2", "RIALTO_POOL_READS=2", "RIALTO_POOL_BACKGROUND=2")
	h.brief = true
	h.run("C01 of 40 buyers of 10 units exactly 10 get one", tenUnits)
	h.run("C03 one cart and 20 keys make one order and one charge", fiftyKeys)
	h.run("C16 ten cancellations and five refunds give everything back once", canceledTogether)
	h.run("C26 carts with the same SKUs in either order do not deadlock", crosswise)
}

// TestTwoServersWithModulesApart is the third time, with inventory and payments in processes of their own.
func TestTwoServersWithModulesApart(t *testing.T) {
	h := house{t: t, brief: true, House: shop.StartHouse(t, shop.Setup{Replicas: 2, Failpoints: true, Provider: true, Proxy: true,
		Apart: [][]string{{"inventory"}, {"payments"}}, Settings: []string{"RIALTO_BASE_URL=https://shop.example"}})}
	h.run("C01 of 40 buyers of 10 units exactly 10 get one", tenUnits)
	h.run("C03 one cart and 20 keys make one order and one charge", fiftyKeys)
	h.run("C09 the same key after an error past the payment is one charge", failed)
	h.brief = false
	h.run("C09 the same key after a crash past the payment is one charge", crashed)
}

// rounds is how often a race is run: as often as wanted, but no more than a number of times.
func (h house) rounds(most int) int {
	h.t.Helper()
	if h.brief {
		return 1
	}
	return min(shop.Rounds(h.t), most)
}

// each runs a race in rounds. A race whose checks take long ends with raced.
func (h house) each(most int, race func(round int)) {
	h.t.Helper()
	for round := range h.rounds(most) {
		if round%2 == 1 {
			h.Proxy.Jitter()
		}
		race(round)
		h.Proxy.Clear()
	}
}

// raced makes PostgreSQL quick again, because what follows only waits and compares.
func (h house) raced() { h.Proxy.Clear() }

// shelves offers a SKU for each round, with some units of it, and answers its name.
func (h house) shelves(name string, most int, units func(round int) int) (sku func(round int) string) {
	h.t.Helper()
	sku = func(round int) string { return fmt.Sprintf("%s-%d", name, round) }
	for round := range h.rounds(most) {
		h.Offer(sku(round), 1000)
		h.Restock(sku(round), int64(units(round)))
	}
	h.Settle()
	return sku
}

// always is the same number in every round.
func always(n int) func(int) int { return func(int) int { return n } }

// crowd is how many take part in a round.
func (h house) crowd(round, first, later int) int {
	if round == 0 && !h.brief {
		return first
	}
	return later
}

// together lets n requests go at the same moment, each to the next server, and answers what each was told.
func (h house) together(n int, send func(i int, at *shop.Shop) (shop.Answer, error)) []shop.Answer {
	h.t.Helper()
	answers, errs := h.atOnce(n, send)
	for _, err := range errs {
		require.NoError(h.t, err)
	}
	return answers
}

// atOnce is together for goroutines.
func (h house) atOnce(n int, send func(i int, at *shop.Shop) (shop.Answer, error)) ([]shop.Answer, []error) {
	answers, errs := make([]shop.Answer, n), make([]error, n)
	shop.Barrier(n, func(i int) { answers[i], errs[i] = send(i, h.server(i)) })
	return answers, errs
}

// server is the shop as the i-th shopper meets it.
func (h house) server(i int) *shop.Shop { return h.At(i % len(h.Replicas)) }

// tally counts answers by status and code, such as "409 insufficient_stock".
func tally(answers []shop.Answer) map[string]int {
	counts := map[string]int{}
	for _, a := range answers {
		counts[told(a)]++
	}
	return counts
}

func told(a shop.Answer) string {
	if a.Code() == "" {
		return fmt.Sprint(a.Status)
	}
	return fmt.Sprintf("%d %s", a.Status, a.Code())
}

// withStatus are the answers with a status.
func withStatus(answers []shop.Answer, status int) []shop.Answer {
	var found []shop.Answer
	for _, a := range answers {
		if a.Status == status {
			found = append(found, a)
		}
	}
	return found
}

// requireLevel compares the stock of a SKU, once every event has arrived.
func (h house) requireLevel(sku string, onHand, reserved, allocated int64) {
	h.t.Helper()
	h.Settle()
	level := h.Level(sku)
	want := shop.Object{"on_hand": onHand, "reserved": reserved, "allocated": allocated, "available": onHand - reserved - allocated}
	have := shop.Object{}
	for name := range want {
		have[name] = level.Number(h.t, name)
	}
	require.Equal(h.t, want, have, "stock of %s", sku)
}

// orders counts those that contain a SKU.
func (h house) orders(sku string) int64 {
	h.t.Helper()
	return h.Int(`SELECT count(DISTINCT order_id) FROM orders.order_lines WHERE sku = $1`, sku)
}

// text is one text from the database.
func (h house) text(query string, args ...any) string {
	h.t.Helper()
	var found string
	require.NoError(h.t, h.Admin().Get(h.t.Context(), &found, query, args...))
	return found
}

// requireCharge wants one authorization, one capture and no void for a checkout, by the provider's own word.
func (h house) requireCharge(reference string) {
	h.t.Helper()
	h.Settle()
	counts := map[string]int{}
	for _, e := range h.Provider.Entries(reference) {
		counts[e.Op]++
	}
	require.Equal(h.t, map[string]int{"authorize": 1, "capture": 1}, counts, "what the provider did for %s", reference)
}

// optionID is a shipping option.
func (h house) optionID() string {
	h.t.Helper()
	return h.Must(http.StatusOK, http.MethodGet, "/admin/v1/shipping-options", nil, shop.Key(h.Owner)).Body.Text("data.0.id")
}
