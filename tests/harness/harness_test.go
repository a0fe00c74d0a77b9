// Package harness tries what the cases against two servers are written with: servers that die, pause and come back, a
// provider that remembers, a line to PostgreSQL that breaks, and checks that are red when they must be.
package harness

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

// Places that every checkout passes: before anything is written of it, and after.
const (
	beginning = "checkout.beginning"
	begun     = "checkout.begun"
)

func TestAHouseOfTwoServers(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Replicas: 2, Failpoints: true, Provider: true, Proxy: true})
	h.Sell("TEE", 1000, 100)

	t.Run("either server sells", func(t *testing.T) { eitherSells(t, h.In(t)) })
	t.Run("a killed server comes back", func(t *testing.T) { comesBack(t, h.In(t)) })
	t.Run("a paused server says nothing and loses nothing", func(t *testing.T) { paused(t, h.In(t)) })
	t.Run("somebody waits at a failpoint until released", func(t *testing.T) { waits(t, h.In(t)) })
	t.Run("a failpoint kills", func(t *testing.T) { dies(t, h.In(t)) })
	t.Run("a line that is down is up again", func(t *testing.T) { downAndUp(t, h.In(t)) })
	t.Run("a line is slow", func(t *testing.T) { slow(t, h.In(t)) })
	t.Run("the front goes on to a server that lives", func(t *testing.T) { front(t, h.In(t)) })
	t.Run("a provider that was killed remembers", func(t *testing.T) { remembers(t, h.In(t)) })
}

// TestWhatIsWrongIsFound sells nothing through the provider, so that it may forget what is done to it here.
func TestWhatIsWrongIsFound(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Failpoints: true, Provider: true})
	h.Sell("TEE", 1000, 100)

	t.Run("money held for nobody", func(t *testing.T) { homeless(t, h.In(t)) })
	t.Run("money held twice", func(t *testing.T) { heldTwice(t, h.In(t)) })
	t.Run("money that moved and is in no ledger", func(t *testing.T) { moved(t, h.In(t)) })
	t.Run("a transaction that is left open", func(t *testing.T) { leftOpen(t, h.In(t)) })
}

func buy(s *shop.Shop) (shop.Answer, error) {
	return s.Try(http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("TEE", 1)), shop.Once(shop.NewKey()))
}

func eitherSells(t *testing.T, h *shop.House) {
	history := shop.NewHistory()
	before := h.Level("TEE").Number(t, "available")
	shop.Barrier(8, func(i int) {
		_, _ = history.Reserve(i, "TEE", 1, func() (shop.Answer, error) { return buy(h.At(i % 2)) })
	})

	require.Len(t, history.Events(), 8)
	shop.CheckHistory(t, history.Events(), map[string]int64{"TEE": before})
	h.CheckAll()
	require.EqualValues(t, 8, before-h.Level("TEE").Number(t, "available"))
	require.Equal(t, 8, h.Provider.Count("authorize", ""))
	require.Equal(t, 8, h.Provider.Count("capture", ""))
	require.NotEqual(t, h.Replicas[0].PID(), h.Replicas[1].PID())
}

func comesBack(t *testing.T, h *shop.House) {
	first, was := h.Replicas[0], h.Replicas[0].PID()
	h.Settle()

	first.Kill()
	require.False(t, first.Running())
	require.Zero(t, first.PID())
	require.False(t, first.Ready())
	require.True(t, h.Replicas[1].Ready())
	bought := h.CompleteUntilDecided(shop.AtOnce(shop.Line("TEE", 1)), shop.NewKey(), 30*time.Second)
	first.Start()

	require.Equal(t, http.StatusCreated, bought.Status, "%s", bought.Raw)
	require.NotEqual(t, was, first.PID())
	require.True(t, first.Ready() && first.Live())
	goroutines, known := first.Metric("go_goroutines")
	require.True(t, known && goroutines > 1)
	first.Stop()
	first.Start()
}

func paused(t *testing.T, h *shop.House) {
	second := h.Replicas[1]
	answers := make(chan shop.Answer, 1)
	second.Pause()
	defer second.Resume()
	go func() {
		answer, _ := buy(h.At(1))
		answers <- answer
	}()

	require.False(t, second.Ready())
	require.True(t, second.Running())
	require.Empty(t, answers)
	second.Resume()

	require.Equal(t, http.StatusCreated, (<-answers).Status)
}

func waits(t *testing.T, h *shop.House) {
	answers := make(chan shop.Answer, 1)
	h.Plan(begun, "pause", shop.Times(1))
	go func() {
		answer, _ := buy(h.At(1))
		answers <- answer
	}()

	waiting := h.WaitFor(begun)
	require.Empty(t, answers)
	require.Equal(t, h.Replicas[1].URL, waiting.URL)
	require.Equal(t, []int{0, 1, 1}, []int{h.Replicas[0].Hits(begun), waiting.Hits(begun), h.Hits(begun)})
	h.Release(begun)

	require.Equal(t, http.StatusCreated, (<-answers).Status)
}

func dies(t *testing.T, h *shop.House) {
	key, body := shop.NewKey(), shop.AtOnce(shop.Line("TEE", 1))
	h.Settle() // what a killed server is delivering is left lying for the length of its lease
	h.Replicas[0].Plan(beginning, "kill")

	_, err := h.At(0).Try(http.MethodPost, "/store/v1/checkouts", body, shop.Once(key))
	h.Replicas[0].WaitForDeath()
	decided := h.CompleteUntilDecided(body, key, time.Minute)
	h.Replicas[0].Start()

	require.Error(t, err)
	require.Equal(t, http.StatusCreated, decided.Status, "%s", decided.Raw)
	h.Quiesce(time.Minute)
	h.CheckAll()
}

func downAndUp(t *testing.T, h *shop.House) {
	first := h.Replicas[0]

	first.Proxy.Down()
	require.Eventually(t, func() bool { return !first.Ready() }, time.Minute, time.Millisecond)
	require.True(t, h.Replicas[1].Ready(), "the other line is another one")
	first.Proxy.Up()
	require.Eventually(t, first.Ready, time.Minute, time.Millisecond)
	h.Proxy.Cut()

	bought := h.CompleteUntilDecided(shop.AtOnce(shop.Line("TEE", 1)), shop.NewKey(), 30*time.Second)
	require.Equal(t, http.StatusCreated, bought.Status, "%s", bought.Raw)
}

func slow(t *testing.T, h *shop.House) {
	const delay = 300 * time.Millisecond
	read := func(i int) time.Duration {
		began := time.Now()
		h.At(i).Must(http.StatusOK, http.MethodGet, "/readyz", nil)
		return time.Since(began)
	}

	h.Replicas[0].Proxy.Latency(delay, 0)
	require.GreaterOrEqual(t, read(0), delay)
	require.Eventually(t, func() bool { return read(1) < delay }, time.Minute, time.Millisecond, "the other line is another one")
	h.Proxy.Clear()
	require.Eventually(t, func() bool { return read(0) < delay }, time.Minute, time.Millisecond)
	h.Proxy.Jitter()
	h.Proxy.Clear()
}

func front(t *testing.T, h *shop.House) {
	h.Replicas[1].Kill()
	for range 4 {
		res, err := http.Get(h.Front + "/readyz")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
	h.Replicas[1].Start()
}

func remembers(t *testing.T, h *shop.House) {
	wanted := shop.Object{"reference": "co_of_nobody", "amount": 500, "currency": "EUR", "token": "tok_success"}
	var made, again fakeprovider.Authorization
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", Status: http.StatusServiceUnavailable, Times: 1})
	require.Equal(t, http.StatusServiceUnavailable, h.Provider.Do(http.MethodPost, "/v1/authorizations", "k", wanted, nil))
	require.Equal(t, http.StatusCreated, h.Provider.Do(http.MethodPost, "/v1/authorizations", "k", wanted, &made))

	h.Provider.Restart()

	require.Equal(t, http.StatusCreated, h.Provider.Do(http.MethodPost, "/v1/authorizations", "k", wanted, &again))
	require.Equal(t, made.ID, again.ID)
	require.Equal(t, 1, h.Provider.Count("authorize", "co_of_nobody"))
	require.Equal(t, fakeprovider.Count{Requests: 1, Replayed: 1}, h.Provider.Requests().Keys["k"])
	sent := h.Provider.SendEvent(fakeprovider.Announcement{Key: "k", Type: "authorization.authorized", Count: 2})
	require.NotEmpty(t, sent.ID)
	require.GreaterOrEqual(t, len(h.Provider.Deliveries()), 2)
	require.Equal(t, http.StatusCreated, h.Provider.Do(http.MethodPost, "/v1/authorizations/"+made.ID+"/voids", "void-k", shop.Object{}, nil))
	found, ok := h.Provider.Find("k")
	require.True(t, ok)
	require.Equal(t, fakeprovider.StatusVoided, found.Status)
}

// ask asks the provider for money, as nobody in the shop does.
func ask(h *shop.House, key, reference string) (made fakeprovider.Authorization) {
	h.Provider.Do(http.MethodPost, "/v1/authorizations", key, shop.Object{"reference": reference, "amount": 500, "currency": "EUR", "token": "tok_success"}, &made)
	return made
}

func void(h *shop.House, made fakeprovider.Authorization) {
	h.Provider.Do(http.MethodPost, "/v1/authorizations/"+made.ID+"/voids", "void-"+made.ID, shop.Object{}, nil)
}

func homeless(t *testing.T, h *shop.House) {
	h.CheckJournal()

	held := ask(h, "homeless", "co_unheard_of")

	requireRed(t, h, "that nobody knows of", func(h *shop.House) { h.CheckJournal() })
	void(h, held)
	h.CheckJournal()
}

func heldTwice(t *testing.T, h *shop.House) {
	body := shop.AtOnce(shop.Line("TEE", 1))
	body["payment"] = shop.Object{"method": "manual"}
	h.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", body, shop.Once(shop.NewKey()))
	var reference string
	require.NoError(t, h.Admin().Get(t.Context(), &reference, `SELECT reference FROM orders.orders`))

	first := ask(h, "first", reference)
	h.CheckJournal()
	second := ask(h, "second", reference)

	requireRed(t, h, "holds money twice", func(h *shop.House) { h.CheckJournal() })
	void(h, first)
	void(h, second)
}

func moved(t *testing.T, h *shop.House) {
	held := ask(h, "moved", "co_moved")
	h.Provider.Do(http.MethodPost, "/v1/authorizations/"+held.ID+"/captures", "capture", shop.EUR(500), nil)

	requireRed(t, h, "ledger and journal of the provider differ", func(h *shop.House) { h.CheckJournal() })
	h.Provider.Forget()
	h.CheckJournal()
}

func leftOpen(t *testing.T, h *shop.House) {
	open, hold := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		_ = h.Database.Admin().InTx(context.Background(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(context.Background(), `SET LOCAL application_name = 'rialto-served'`)
			close(open)
			<-hold
			return err
		})
	})
	<-open
	defer done.Wait()
	defer close(hold)

	requireRed(t, h, "left open", func(h *shop.House) { h.CheckLeaks() })
}

// requireRed wants a check to fail, and to say so.
func requireRed(t *testing.T, h *shop.House, why string, check func(h *shop.House)) {
	t.Helper()
	seen := &witness{TB: t}
	var done sync.WaitGroup
	done.Go(func() { check(h.In(seen)) })
	done.Wait()
	require.Contains(t, seen.said, why)
}

// witness hears how a check fails, and does not.
type witness struct {
	testing.TB
	said string
}

func (w *witness) Errorf(format string, args ...any) { w.said += fmt.Sprintf(format, args...) }
func (w *witness) FailNow()                          { runtime.Goexit() }
