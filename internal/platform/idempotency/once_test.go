package idempotency_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const patience = 20 * time.Second

func requireReplay(t *testing.T, first, again *httptest.ResponseRecorder) {
	t.Helper()
	require.Equal(t, first.Code, again.Code)
	require.Equal(t, first.Body.String(), again.Body.String())
	require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))
	for _, name := range []string{"Content-Type", "Location", "ETag"} {
		require.Equal(t, first.Header().Get(name), again.Header().Get(name), name)
	}
}

func TestC05TheSameRequestIsCarriedOutOnceAndAnsweredAlike(t *testing.T) {
	k := open(t)

	first := k.order("key-1", `{"a": 1, "b": 2}`)
	again := k.order(`"key-1"`, `{ "b": 2, "a": 1}`)

	require.Equal(t, "201", told(first))
	require.Empty(t, first.Header().Get("Idempotency-Replayed"))
	requireReplay(t, first, again)
	require.Equal(t, 1, k.dishes())
}

func TestWithoutAKeyEveryRequestIsCarriedOut(t *testing.T) {
	k := open(t)

	k.order("", "soup")
	k.order("", "soup")
	unguarded := request("key-1", "soup")
	unguarded.URL.Path = "/unguarded"
	k.send(unguarded)

	require.Equal(t, 3, k.dishes())
	require.Zero(t, k.count(`SELECT count(*) FROM kitchen.idempotency_keys`))
}

func TestC07AKeyBelongsToOneRequest(t *testing.T) {
	k := open(t)
	k.order("key-1", `{"a": 1}`)
	other := request("key-1", `{"a": 1}`)
	other.URL.Path = "/desserts"

	for what, answer := range map[string]*httptest.ResponseRecorder{
		"another body": k.order("key-1", `{"a": 2}`), "another path": k.send(other),
	} {
		require.Equal(t, "422 idempotency_key_reused", told(answer), what)
	}
	require.Equal(t, 1, k.dishes())
}

func TestB17AMalformedKeyIsRefusedBeforeAnythingIsDone(t *testing.T) {
	k := open(t)

	require.Equal(t, "400 invalid_idempotency_key", told(k.order(strings.Repeat("k", 256), "soup")))

	require.Zero(t, k.calls.Load())
}

func TestC10OnlySuccessIsKept(t *testing.T) {
	for _, status := range []int{202, 400, 401, 402, 403, 404, 409, 412, 422, 429, 500, 503} {
		k := open(t)
		k.instead = func(w http.ResponseWriter, r *http.Request) bool {
			err := k.pool.InTx(r.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.Exec(r.Context(), `INSERT INTO kitchen.dishes (id, name) VALUES ('half', $1)`, "done")
				return err
			})
			require.NoError(t, err)
			w.WriteHeader(status)
			return true
		}
		require.Equal(t, status, k.order("key-1", "soup").Code)
		require.Zero(t, k.dishes(), "what is answered %d is not done", status)
		k.instead = nil

		first := k.order("key-1", "fixed")

		require.Equal(t, "201", told(first), status)
		requireReplay(t, first, k.order("key-1", "fixed"))
		require.Equal(t, 1, k.dishes())
	}
}

func TestF08APanicInATransactionLeavesNothingBehind(t *testing.T) {
	k := open(t)
	k.handler = httpserver.Recover(k.handler)
	k.held = func() { panic("dropped") }
	require.Equal(t, "500 internal_error", told(k.order("key-1", "soup")))
	k.held = nil

	require.Zero(t, k.dishes())
	require.Zero(t, k.pool.Stats().InUse, "its connection was given back")
	require.Zero(t, k.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`))
	require.Equal(t, "201", told(k.order("key-1", "soup")))
}

func TestARequestWithNothingToDoIsAnsweredAlikeToo(t *testing.T) {
	k := open(t)
	k.instead = func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(time.Now().String()))
		return true
	}

	first := k.order("key-1", "soup")

	require.Equal(t, http.StatusOK, first.Code)
	requireReplay(t, first, k.order("key-1", "soup"))
	require.EqualValues(t, 1, k.calls.Load())
}

func TestC06ASecondRequestDoesNotWaitForTheFirst(t *testing.T) {
	k := open(t)
	cooked, serve := make(chan struct{}), make(chan struct{})
	k.held = func() { close(cooked); <-serve }
	served := make(chan *httptest.ResponseRecorder, 1)
	go func() { served <- k.order("key-1", "soup") }()
	<-cooked
	k.held = nil

	refused := k.order("key-1", "soup")
	require.Equal(t, "409 idempotency_in_progress", told(refused))
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	close(serve)

	requireReplay(t, <-served, k.order("key-1", "soup"))
	require.Equal(t, 1, k.dishes())
}

func TestWhatTheFirstRequestMadeRefusesNoRepetition(t *testing.T) {
	k := open(t)
	looked, first := make(chan struct{}), make(chan *httptest.ResponseRecorder, 1)
	cooked := make(chan struct{})
	k.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Late") == "" {
			return false
		}
		close(looked) // It has found no earlier answer,
		<-cooked      // then the first one is carried out,
		problem.Write(w, r, errTaken)
		return true
	}
	late := make(chan *httptest.ResponseRecorder, 1)
	go func() { late <- k.order("key-1", "soup", "Late", "yes") }()
	<-looked
	first <- k.order("key-1", "soup")
	close(cooked)

	requireReplay(t, <-first, <-late)
}

func TestManyAtOnceHaveOneEffect(t *testing.T) {
	const buyers = 40
	k := open(t)
	answers := make([]*httptest.ResponseRecorder, buyers)
	var all sync.WaitGroup
	for i := range buyers {
		all.Go(func() { answers[i] = k.order("key-1", "soup") })
	}
	all.Wait()

	want := k.order("key-1", "soup")
	require.Equal(t, 1, k.dishes())
	for _, answer := range answers {
		if answer.Code == http.StatusCreated {
			assert.Equal(t, want.Body.String(), answer.Body.String())
			continue
		}
		assert.Contains(t, []string{"409 idempotency_in_progress", "503 overloaded"}, told(answer))
	}
}

func TestC08WhoShowsSomethingElseHasKeysOfTheirOwn(t *testing.T) {
	k := open(t)
	senders := map[string]*http.Request{
		"nobody":             request("key-1", "soup"),
		"another channel":    as(request("key-1", "soup"), identity.Identity{PublishableKey: "pk_2"}),
		"the token of A":     request("key-1", "soup", "Cart-Token", "a"),
		"the token of B":     request("key-1", "soup", "Cart-Token", "b"),
		"the order of B":     request("key-1", "soup", "Order-Token", "b"),
		"an API key":         as(request("key-1", "soup"), identity.Identity{Kind: identity.APIKey, KeyID: "1"}),
		"another API key":    as(request("key-1", "soup"), identity.Identity{Kind: identity.APIKey, KeyID: "2"}),
		"the key of a token": as(request("key-1", "soup"), identity.Identity{PublishableKey: "a"}),
	}
	bodies := map[string]bool{}

	for what, r := range senders {
		answer := k.send(r)
		require.Equal(t, "201", told(answer), what)
		require.Empty(t, answer.Header().Get("Idempotency-Replayed"), what)
		bodies[answer.Body.String()] = true
	}

	require.Len(t, bodies, len(senders))
	require.Equal(t, len(senders), k.dishes())
}

func TestWhatIsStoredTellsNothing(t *testing.T) {
	k := open(t)
	k.order("key-of-the-shopper", "soup")

	require.Zero(t, k.count(`SELECT count(*) FROM kitchen.idempotency_keys k
		WHERE position('token' in encode(k.answer, 'escape')) > 0 OR position('key-of' in encode(k.id, 'escape')) > 0
			OR position('/dishes' in encode(k.answer, 'escape')) > 0`))
}

func TestSecretsOfTheServerRotate(t *testing.T) {
	k := open(t)
	first := k.order("key-1", "soup")

	k.use("the next secret", secret)
	requireReplay(t, first, k.order("key-1", "soup"))

	k.use("the next secret")
	require.Equal(t, "409 idempotency_answer_lost", told(k.order("key-1", "soup")))
	require.Equal(t, 1, k.dishes())
}

func TestWithoutTheDatabaseNothingIsCarriedOut(t *testing.T) {
	k := open(t)
	pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: k.db.DSN()})
	require.NoError(t, err)
	k.pool = pool
	k.use(secret)
	require.NoError(t, pool.Close())

	require.GreaterOrEqual(t, k.order("key-1", "soup").Code, 500)

	require.Zero(t, k.calls.Load())
}

func TestSweepDropsWhatHasExpired(t *testing.T) {
	const expired = 2345
	k := open(t)
	first := k.order("kept", "soup")
	_, err := k.db.Admin().Exec(t.Context(), `INSERT INTO kitchen.idempotency_keys (id, request, status, answer, expires_at)
		SELECT sha256(n::text::bytea), '', 200, '', now() - interval '1 second' FROM generate_series(1, $1) AS n`, expired)
	require.NoError(t, err)

	require.NoError(t, idempotency.Sweep(t.Context(), k.pool, "kitchen"))

	require.Equal(t, 1, k.count(`SELECT count(*) FROM kitchen.idempotency_keys`))
	require.Equal(t, 71, k.count(`SELECT floor(extract(epoch FROM min(expires_at) - now()) / 3600) FROM kitchen.idempotency_keys`))
	requireReplay(t, first, k.order("kept", "soup"))
}

func TestKeysNeedASecretAndASchema(t *testing.T) {
	require.Panics(t, func() { idempotency.NewKeys(nil, "kitchen") })
	require.Panics(t, func() { idempotency.MigrationSQL("kitchen; DROP") })
	require.Panics(t, func() { idempotency.NewKeys(nil, "kitchen; DROP", []byte(secret)) })
}
