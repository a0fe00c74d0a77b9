// Package payments tries what can happen between the shop and a payment provider: answers that come late, twice, wrong or
// never, and events that come before, after or instead of them. Two servers share the database, and their clocks are 20
// minutes apart.
package payments

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
	// soon is how long something may take that happens by itself.
	soon  = 20 * time.Second
	often = 20 * time.Millisecond
)

// house is a shop with a provider that is given a second to answer.
type house struct {
	*shop.House
	t *testing.T
}

func open(t *testing.T) house {
	h := shop.StartHouse(t, shop.Setup{Replicas: 2, Failpoints: true, Provider: true, Settings: []string{"RIALTO_PROVIDER_TIMEOUT=1s"},
		Each: func(i int) []string { return []string{"RIALTO_CLOCK_OFFSET=" + []string{"10m", "-10m"}[i]} }})
	h.Sell("TEE", 1000, 10_000)
	return house{House: h, t: t}
}

// in is the house for one case, which begins and ends with a provider that works.
func (h house) in(t *testing.T) house {
	seen := house{House: h.In(t), t: t}
	seen.Provider.ClearScript()
	t.Cleanup(func() {
		if !t.Failed() {
			seen.Provider.ClearScript()
			seen.CheckAll()
		}
	})
	return seen
}

func paysWith(token string) shop.Object {
	body := shop.AtOnce(shop.Line("TEE", 1))
	body["payment"] = shop.Object{"method": "fake", "token": token}
	return body
}

// buy checks out at replica i with a new key.
func (h house) buy(i int, token string) (shop.Answer, error) {
	return h.At(i).Try(http.MethodPost, checkouts, paysWith(token), shop.Once(shop.NewKey()))
}

// must is buy that wants a status, and answers the checkout's reference.
func (h house) must(status int, token string) (reference string, answer shop.Answer) {
	h.t.Helper()
	answer, err := h.buy(0, token)
	require.NoError(h.t, err)
	require.Equal(h.t, status, answer.Status, "%s", answer.Raw)
	return answer.Body.Text("id"), answer
}

// text is one text from the database.
func (h house) text(query string, args ...any) string {
	h.t.Helper()
	var found string
	require.NoError(h.t, h.Admin().Get(h.t.Context(), &found, query, args...))
	return found
}

// attempt is the state of the payment of a reference.
func (h house) attempt(reference string) string {
	h.t.Helper()
	return h.text(`SELECT status FROM payments.attempts WHERE reference = $1`, reference)
}

// key is what the provider knows the payment of a reference by.
func (h house) key(reference string) string {
	h.t.Helper()
	return h.text(`SELECT id::text FROM payments.attempts WHERE reference = $1`, reference)
}

func (h house) checkout(reference string) string {
	h.t.Helper()
	return h.text(`SELECT status FROM checkout.attempts WHERE reference = $1`, reference)
}

// becomes waits until a checkout is where it is wanted.
func (h house) becomes(reference, status string) {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return h.checkout(reference) == status }, soon, often, "%s is %s", reference, h.checkout(reference))
}

// pays waits until a payment is where it is wanted.
func (h house) pays(reference, status string) {
	h.t.Helper()
	require.Eventually(h.t, func() bool { return h.attempt(reference) == status }, soon, often, "%s is %s", reference, h.attempt(reference))
}

// pass lets time pass for a payment, as an interval of PostgreSQL.
func (h house) pass(reference, by string) {
	h.t.Helper()
	_, err := h.Admin().Exec(h.t.Context(), `UPDATE payments.attempts SET created_at = created_at - $2::interval,
		asking_until = asking_until - $2::interval, next_ask_at = next_ask_at - $2::interval WHERE reference = $1`, reference, by)
	require.NoError(h.t, err)
}

// cancel gives a checkout up as its shopper does.
func (h house) cancel(reference string, pending shop.Answer) {
	h.t.Helper()
	h.Must(http.StatusOK, http.MethodPost, checkouts+"/"+reference+"/cancellation", nil, shop.Header{Name: "Checkout-Token", Value: pending.Body.Text("token")})
	require.Equal(h.t, "canceled", h.checkout(reference))
}

func (h house) orders(reference string) int64 {
	h.t.Helper()
	return h.Int(`SELECT count(*) FROM orders.orders WHERE reference = $1`, reference)
}

// once wants one order, one authorization and, when everything is delivered, one capture.
func (h house) once(reference string) {
	h.t.Helper()
	h.Settle()
	require.EqualValues(h.t, 1, h.orders(reference))
	require.Equal(h.t, []int{1, 1}, []int{h.Provider.Count("authorize", reference), h.Provider.Count("capture", reference)}, reference)
}

func (h house) reviews(reference string) []string {
	h.t.Helper()
	listed := h.Must(http.StatusOK, http.MethodGet, "/admin/v1/payment-reviews?limit=100", nil, shop.Key(h.Owner))
	var found []string
	for i := range listed.Body.List("data") {
		if at := fmt.Sprintf("data.%d.", i); listed.Body.Text(at+"reference") == reference {
			found = append(found, listed.Body.Text(at+"reason")+" "+listed.Body.Text(at+"details.differs"))
		}
	}
	return found
}

// reserved is how many units are held for checkouts.
func (h house) reserved() int64 { return h.Level("TEE").Number(h.t, "reserved") }

func TestPayments(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		name string
		try  func(house)
	}{
		{"F12 events are timely by the database's clock", timely},
		{"F13 no answer, and the work done", silentButDone},
		{"F14 no answer, and nothing done", silentAndNothing},
		{"F14 no answer, and the shopper leaves", silentAndLeft},
		{"F15 an event about nothing that is known", strayEvent},
		{"F16 an event twenty times", twentyTimes},
		{"F17 money 26 hours late", tooLate},
		{"F18 answers that are none", noAnswers},
		{"F18 another amount or currency", otherAmount},
		{"KP14 an event that was stored and not handled", eventNotHandled},
		{"a shopper who has to act", shopperActs},
		{"a shopper who has to act and was not told", actionUnheard},
		{"a shopper who has to act and does not want to", shopperRefuses},
		{"S20 events that are not signed rightly", unsigned},
		{"S21 events that contradict", contradicting},
		{"S22 events that are played again", replayed},
		{"S28 card data", cardData},
		{"F19 a provider that is down", providerDown},
	} {
		t.Run(c.name, func(t *testing.T) { c.try(h.in(t)) })
	}
}
