package split

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/broker/brokertest"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// nats carries events between the processes of a house.
type nats struct{ *brokertest.Server }

func (n nats) Settings() []string { return []string{"NATS_URL=" + n.URL} }

func (n nats) Underway() int64 {
	waiting, known := n.Stored(broker.Stream)
	if !known {
		return 1
	}
	return waiting
}

func carried(t testing.TB) shop.Carrier { return nats{brokertest.Start(t)} }

// brokered is a house with inventory and payments apart, and its broker.
func brokered(t *testing.T) (*shop.House, *brokertest.Server) {
	t.Helper()
	var server *brokertest.Server
	h := shop.StartHouse(t, shop.Setup{Provider: true, Apart: [][]string{{"inventory"}, {"payments"}}, Carrier: func(t testing.TB) shop.Carrier {
		server = brokertest.Start(t)
		return nats{server}
	}})
	h.Sell("NATS", 1000, 100_000)
	return h, server
}

const (
	// Orders whose stock is not owed to them yet, or whose money was not taken.
	notConfirmed = `SELECT count(*) FROM inventory.reservations WHERE state <> 'allocated'`
	notPaid      = `SELECT count(*) FROM orders.orders WHERE payment_status <> 'paid'`
	soon         = 30 * time.Second
)

func order(h *shop.House) shop.Answer {
	return h.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("NATS", 1)), shop.Once(shop.NewKey()))
}

// everythingArrived waits until every order has its stock and its money. What could not be published while the broker was
// stopped would wait for its next attempt.
func everythingArrived(t *testing.T, h *shop.House, orders int) {
	t.Helper()
	for _, process := range []*shop.Replica{h.Replicas[0], h.Part("inventory").Replicas[0], h.Part("payments").Replicas[0]} {
		require.Eventually(t, func() bool {
			connected, _ := process.Metric("rialto_broker_connected")
			return connected == 1
		}, soon, 20*time.Millisecond)
	}
	h.Redeliver()
	h.Quiesce(time.Minute)
	require.EqualValues(t, orders, h.IntOf("orders", `SELECT count(*) FROM orders.orders`))
	require.EqualValues(t, orders, h.IntOf("inventory", `SELECT count(*) FROM inventory.reservations`))
	require.Zero(t, h.IntOf("inventory", notConfirmed))
	require.Zero(t, h.IntOf("orders", notPaid))
	h.CheckAll()
}

// TestABrokerThatIsAwayHoldsNothingUpAndLosesNothing sells while the broker is stopped, and while it and inventory end.
func TestABrokerThatIsAwayHoldsNothingUpAndLosesNothing(t *testing.T) {
	h, server := brokered(t)
	server.Stop()
	for range 5 {
		order(h)
	}
	require.EqualValues(t, 5, h.IntOf("inventory", notConfirmed), "nothing travels by calls")
	for _, process := range []*shop.Replica{h.Replicas[0], h.Part("inventory").Replicas[0], h.Part("payments").Replicas[0]} {
		require.True(t, process.Ready(), "who needs no broker to serve is ready without it")
	}
	h.Part("inventory").Replicas[0].Kill()
	server.Again()
	require.Eventually(t, func() bool {
		h.Redeliver()
		stored, _ := server.Stored(broker.Stream)
		return stored == 5
	}, soon, 50*time.Millisecond, "what payments and orders do not wait for has come, and waits for inventory")
	server.Stop()
	server.Again()
	h.Part("inventory").Replicas[0].Start()
	everythingArrived(t, h, 5)

	people := h.LetIn(shoppers, shop.Seed(t), func(*rand.Rand) shop.Object { return shop.AtOnce(shop.Line("NATS", 1)) })
	people.More(20)
	h.Part("inventory").Replicas[0].Restart()
	people.More(20)
	server.Stop()
	people.More(20)
	server.Again()
	everythingArrived(t, h, 5+len(people.SendHome()))
}

// TestWhatALostBrokerHeldIsAnnouncedAgain by what docs/operations.md says.
func TestWhatALostBrokerHeldIsAnnouncedAgain(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	announce := regexp.MustCompile("(?s)```sql announce\n(.*?)```").FindSubmatch(text)
	require.NotNil(t, announce)
	h, server := brokered(t)
	h.Settle()
	server.Stop()
	for range 3 {
		order(h)
	}
	h.Part("inventory").Replicas[0].Kill()
	server.Again()
	require.Eventually(t, func() bool {
		h.Redeliver()
		stored, _ := server.Stored(broker.Stream)
		return stored == 3 && h.IntOf("orders", `SELECT count(*) FROM orders.outbox_deliveries`) == 0
	}, soon, 50*time.Millisecond, "the databases have handed everything over")
	server.Lose()
	server.Again()
	h.Part("inventory").Replicas[0].Start()
	h.Settle()
	require.EqualValues(t, 3, h.IntOf("inventory", notConfirmed), "nobody tells inventory by itself")

	_, err = h.Of("orders").Exec(t.Context(), string(announce[1]))

	require.NoError(t, err)
	everythingArrived(t, h, 3)
}

// TestStaffLookAfterTheBroker has an event use up its attempts, and staff replay it; then a module does not take its events.
func TestStaffLookAfterTheBroker(t *testing.T) {
	h, server := brokered(t)
	server.Stop()
	order(h)
	h.Part("inventory").Replicas[0].Kill()
	server.Again()
	failing(t, server, "inventory.confirm")
	h.Part("inventory").Replicas[0].Start()
	dead := func() shop.Object {
		return h.Must(http.StatusOK, http.MethodGet, "/admin/v1/events/dead?total=true", nil, shop.Key(h.Owner)).Body
	}
	h.Settle()

	listed := dead()

	require.EqualValues(t, 1, listed.Number(t, "page.total"))
	require.Equal(t, "orders", listed.Text("data.0.schema"))
	require.Equal(t, "inventory.confirm", listed.Text("data.0.subscriber"))
	require.Equal(t, "orders.order_placed.v1", listed.Text("data.0.name"))
	require.Equal(t, "out of order", listed.Text("data.0.last_error"))
	value, _ := h.Replicas[0].Metric("rialto_broker_dead")
	require.EqualValues(t, 1, value)
	require.EqualValues(t, 1, h.IntOf("inventory", notConfirmed))
	server.Stop()
	require.Eventually(t, func() bool { return dead().Text("unreachable.0") == "broker" }, soon, 50*time.Millisecond, "the others are still shown")
	server.Again()
	replay := "/admin/v1/events/dead/" + listed.Text("data.0.id") + "/replay"
	require.Eventually(t, func() bool {
		answer := h.Send(http.MethodPost, replay, nil, shop.Key(h.Owner))
		return answer.Status == http.StatusOK && answer.Body.Number(t, "replayed") == 1
	}, soon, 50*time.Millisecond)
	everythingArrived(t, h, 1)
	require.Zero(t, dead().Number(t, "page.total"))
	doctorNamesWhoDoesNotTakeItsEvents(t, h, server)
}

// doctorNamesWhoDoesNotTakeItsEvents starts the process of a module without the setting that all others have.
func doctorNamesWhoDoesNotTakeItsEvents(t *testing.T, h *shop.House, server *brokertest.Server) {
	t.Helper()
	inventory := h.Part("inventory").Replicas[0]
	inventory.Stop()
	inventory.Start("NATS_URL=")
	order(h)
	require.Eventually(t, func() bool {
		stored, _ := server.Stored(broker.Stream)
		return stored == 1
	}, soon, 50*time.Millisecond)

	said, err := h.Command("doctor")

	require.Error(t, err, said)
	require.Contains(t, said, "WRONG broker of NATS_URL: nobody takes its events for inventory.confirm")
	value, _ := h.Replicas[0].Metric("rialto_broker_pending")
	require.EqualValues(t, 1, value, "who publishes says so as well")
	h.Replicas[0].Restart("RIALTO_NATS_PUBLISH=false")
	order(h)
	require.Eventually(t, func() bool { return h.IntOf("inventory", notConfirmed) == 1 }, soon, 50*time.Millisecond, "it traveled by a call")
	inventory.Restart()
	everythingArrived(t, h, 3)
	said, _ = h.Command("doctor")
	require.Contains(t, said, "ok    broker of NATS_URL: one copy of each event")
	server.Stop()
	said, _ = h.Command("doctor")
	require.Contains(t, said, "WRONG broker of NATS_URL: it cannot be reached")
	server.Again()
}

// failing takes the events of a subscriber and fails, until one of them has used up its attempts.
func failing(t *testing.T, server *brokertest.Server, subscriber string) {
	t.Helper()
	b := broker.New(broker.Config{URL: server.URL, Name: "failing", MaxAttempts: 1})
	defer b.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		_ = b.Run(ctx, map[string]outbox.Listener{subscriber: func(context.Context, []outbox.Delivery) error { return errors.New("out of order") }})
	})
	defer running.Wait()
	defer cancel()
	require.Eventually(t, func() bool {
		n, err := b.CountDead(ctx)
		return err == nil && n == 1
	}, soon, 20*time.Millisecond)
}
