package remote_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

const token = "the-token-of-the-processes-of-the-shop"

type question struct {
	Text string    `json:"text"`
	When time.Time `json:"when"`
}

type answer struct {
	Text string    `json:"text"`
	When time.Time `json:"when"`
}

type oracle func(ctx context.Context, q question) (answer, error)

func echo(_ context.Context, q question) (answer, error) { return answer(q), nil }

func parse(t testing.TB, list string) remote.Tokens {
	tokens, err := remote.ParseTokens(list)
	require.NoError(t, err)
	return tokens
}

func handler(t testing.TB, ask oracle) http.Handler {
	router := chi.NewRouter()
	router.Use(parse(t, token).Admit)
	remote.Mount(router, "oracle", []remote.Method{remote.Verb("Ask", ask)})
	return router
}

func serve(t testing.TB, h http.Handler) *httptest.Server {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func caller(t testing.TB, url string) *remote.Caller {
	return remote.NewCaller(remote.Config{Module: "oracle", URL: url, Tokens: parse(t, token)})
}

func call(ctx context.Context, c *remote.Caller, repeat remote.Repeat, q question) (answer, error) {
	return remote.Call[answer](ctx, c, "Ask", repeat, q)
}

func TestACallIsAnsweredByTheOtherProcess(t *testing.T) {
	server := serve(t, handler(t, echo))
	asked := question{Text: "why", When: time.Now().UTC().Round(0)}

	got, err := call(t.Context(), caller(t, server.URL), remote.Once, asked)

	require.NoError(t, err)
	assert.Equal(t, answer(asked), got)
}

func TestARefusalIsTheSameOnBothSides(t *testing.T) {
	ErrUnwilling := fault.New("unwilling", "not today")
	server := serve(t, handler(t, func(context.Context, question) (answer, error) {
		return answer{}, errors.Join(errors.New("ask"), ErrUnwilling.With(fault.Field{Pointer: "/text", Code: "unwilling"}).Member("left", 3).Wrap(errors.New("secret of the database")))
	}))

	_, err := call(t.Context(), caller(t, server.URL), remote.Once, question{})

	require.ErrorIs(t, err, ErrUnwilling)
	assert.NotContains(t, err.Error(), "secret")
	var got *fault.Error
	require.ErrorAs(t, err, &got)
	assert.Equal(t, "/text", got.Fields[0].Pointer)
	assert.Equal(t, json.Number("3"), got.Members["left"])
}

func TestWhatNobodyCodedIsNotTold(t *testing.T) {
	server := serve(t, handler(t, func(context.Context, question) (answer, error) { return answer{}, errors.New("secret of the database") }))

	_, err := call(t.Context(), caller(t, server.URL), remote.Once, question{})

	require.ErrorContains(t, err, "500")
	assert.NotContains(t, err.Error(), "secret")
	assert.NotErrorIs(t, err, remote.ErrUnavailable)
}

func TestTheCallerSaysHowLongItWaitsAndForWhom(t *testing.T) {
	server := serve(t, handler(t, func(ctx context.Context, _ question) (answer, error) {
		deadline, _ := ctx.Deadline()
		return answer{When: deadline}, nil
	}))
	ctx, cancel := context.WithTimeout(inbound.With(t.Context(), "req-1"), 3*time.Second)
	defer cancel()

	got, err := call(ctx, caller(t, server.URL), remote.Once, question{})

	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(3*time.Second), got.When, time.Second)
}

func TestTheRequestIDGoesAlong(t *testing.T) {
	var id atomic.Value
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id.Store(r.Header.Get("X-Request-Id"))
		_, _ = io.WriteString(w, `{}`)
	}))

	_, err := call(inbound.With(t.Context(), "req-1"), caller(t, server.URL), remote.Once, question{})

	require.NoError(t, err)
	assert.Equal(t, "req-1", id.Load())
}

func TestWorkEndsWhenTheCallerLeaves(t *testing.T) {
	working, ended := make(chan struct{}), make(chan struct{})
	server := serve(t, handler(t, func(ctx context.Context, _ question) (answer, error) {
		close(working)
		<-ctx.Done()
		close(ended)
		return answer{}, ctx.Err()
	}))
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-working
		leave()
	}()

	_, err := call(ctx, caller(t, server.URL), remote.Repeatable, question{})

	require.ErrorIs(t, err, context.Canceled)
	<-ended
}

// dropping breaks the first connections after the call was carried out.
func dropping(n int32, carriedOut *atomic.Int32) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if carriedOut.Add(1) <= n {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{"text":"again"}`)
	})
}

func TestOnlyWhatMayBeRepeatedIsSentAgain(t *testing.T) {
	var repeatable, once atomic.Int32
	again, err := call(t.Context(), caller(t, serve(t, dropping(2, &repeatable)).URL), remote.Repeatable, question{})
	require.NoError(t, err)
	_, refused := call(t.Context(), caller(t, serve(t, dropping(2, &once)).URL), remote.Once, question{})

	assert.Equal(t, "again", again.Text)
	assert.EqualValues(t, 3, repeatable.Load())
	require.ErrorIs(t, refused, remote.ErrUnavailable)
	assert.EqualValues(t, 1, once.Load())
}

func TestAProxyWithoutAProcessBehindItIsAskedAgain(t *testing.T) {
	for _, status := range []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout} {
		var asked atomic.Int32
		server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) == 1 {
				w.WriteHeader(status)
				return
			}
			_, _ = io.WriteString(w, `{"text":"again"}`)
		}))

		got, err := call(t.Context(), caller(t, server.URL), remote.Repeatable, question{})

		require.NoError(t, err)
		assert.Equal(t, "again", got.Text)
	}
}

func TestAProcessThatIsAwayIsLeftAloneForAMoment(t *testing.T) {
	var asked atomic.Int32
	var away atomic.Bool
	away.Store(true)
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if away.Load() {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	c := caller(t, server.URL)
	for range 10 {
		_, err := call(t.Context(), c, remote.Once, question{})
		require.ErrorIs(t, err, remote.ErrUnavailable)
	}
	assert.EqualValues(t, 5, asked.Load())
	away.Store(false)

	assert.Eventually(t, func() bool {
		_, err := call(t.Context(), c, remote.Once, question{})
		return err == nil
	}, 5*time.Second, 20*time.Millisecond)
}

func TestARefusalDoesNotCountAsAway(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, handler(t, func(context.Context, question) (answer, error) {
		asked.Add(1)
		return answer{}, fault.New("unwilling", "")
	}))
	c := caller(t, server.URL)
	for range 10 {
		_, err := call(t.Context(), c, remote.Once, question{})
		require.Error(t, err)
	}
	assert.EqualValues(t, 10, asked.Load())
}

// TestAnOlderAndANewerVersionTalk has each side say something that the other one has never heard of.
func TestAnOlderAndANewerVersionTalk(t *testing.T) {
	type newer struct {
		question
		Mood map[string]any `json:"mood"`
	}
	newerCallee := chi.NewRouter()
	newerCallee.Use(parse(t, token).Admit)
	remote.Mount(newerCallee, "oracle", []remote.Method{remote.Verb("Ask", func(_ context.Context, q question) (newer, error) {
		return newer{question: q, Mood: map[string]any{"is": []int{1}}}, nil
	})})

	said, err := call(t.Context(), caller(t, serve(t, newerCallee).URL), remote.Once, question{Text: "why"})
	require.NoError(t, err)
	assert.Equal(t, "why", said.Text)

	olderCallee := caller(t, serve(t, handler(t, echo)).URL)
	heard, err := remote.Call[answer](t.Context(), olderCallee, "Ask", remote.Once, newer{question: question{Text: "why"}, Mood: map[string]any{"is": 1}})
	require.NoError(t, err)
	assert.Equal(t, "why", heard.Text)
	for range 10 {
		_, err = remote.Call[answer](t.Context(), olderCallee, "Foresee", remote.Repeatable, question{})
		require.ErrorIs(t, err, remote.ErrUnavailable)
	}
	_, err = call(t.Context(), olderCallee, remote.Once, question{})
	require.NoError(t, err, "what it knows it still answers")
}

func TestNobodyListens(t *testing.T) {
	server := serve(t, handler(t, echo))
	server.Close()

	_, err := call(t.Context(), caller(t, server.URL), remote.Repeatable, question{})

	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.ErrorIs(t, err, remote.ErrNotAsked)
}

func TestTheCallerKnowsWhetherTheProcessMayHaveHeardIt(t *testing.T) {
	var asked atomic.Int32
	broken := caller(t, serve(t, dropping(100, &asked)).URL)
	for asked.Load() < 5 {
		_, err := call(t.Context(), broken, remote.Once, question{})
		require.NotErrorIs(t, err, remote.ErrNotAsked)
	}
	_, leftAlone := call(t.Context(), broken, remote.Once, question{})
	lonely := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	_, nobodyBehind := call(t.Context(), caller(t, lonely.URL), remote.Repeatable, question{})

	require.ErrorIs(t, leftAlone, remote.ErrNotAsked)
	require.ErrorIs(t, nobodyBehind, remote.ErrNotAsked)
}

// TestOneTryThatMayHaveBeenHeardIsEnough: the process dies of the call, and the second try finds nobody.
func TestOneTryThatMayHaveBeenHeardIsEnough(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		_ = server.Listener.Close()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()

	_, err := call(t.Context(), caller(t, server.URL), remote.Repeatable, question{})

	require.ErrorIs(t, err, remote.ErrUnavailable)
	require.ErrorContains(t, err, "connection refused")
	require.NotErrorIs(t, err, remote.ErrNotAsked)
}

func post(t *testing.T, url string, header http.Header, body io.Reader) int {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/internal/v1/oracle/Ask", body)
	require.NoError(t, err)
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	return res.StatusCode
}

// TestS11OnlyProcessesOfTheShopAreLetIn: every wrong token is refused before anything is read.
func TestS11OnlyProcessesOfTheShopAreLetIn(t *testing.T) {
	var asked atomic.Int32
	server := serve(t, handler(t, func(context.Context, question) (answer, error) {
		asked.Add(1)
		return answer{}, nil
	}))
	for name, values := range map[string][]string{
		"none":            nil,
		"empty":           {""},
		"no secret":       {"Bearer "},
		"another":         {"Bearer the-token-of-the-processes-of-another"},
		"a beginning":     {"Bearer " + token[:32]},
		"a longer one":    {"Bearer " + token + "x"},
		"another scheme":  {"Basic " + token},
		"no scheme":       {token},
		"twice":           {"Bearer " + token, "Bearer " + token},
		"a list":          {"Bearer " + token + "," + token},
		"an unsigned JWT": {"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhcHAifQ."},
		"a large one":     {"Bearer " + strings.Repeat("x", 500_000)},
	} {
		assert.Equal(t, http.StatusUnauthorized, post(t, server.URL, http.Header{"Authorization": values}, strings.NewReader(`{}`)), name)
	}
	assert.Zero(t, asked.Load())
	assert.Equal(t, http.StatusOK, post(t, server.URL, http.Header{"Authorization": {"Bearer " + token}}, strings.NewReader(`{}`)))
}

func TestATokenIsReplacedWithoutAPause(t *testing.T) {
	const next = "the-next-token-of-the-processes-of-the-shop"
	both := chi.NewRouter()
	both.Use(parse(t, next+","+token).Admit)
	remote.Mount(both, "oracle", []remote.Method{remote.Verb("Ask", echo)})
	server := serve(t, both)
	for _, shown := range []string{token, next, next + "," + token} {
		c := remote.NewCaller(remote.Config{Module: "oracle", URL: server.URL, Tokens: parse(t, shown)})
		_, err := call(t.Context(), c, remote.Once, question{})
		require.NoError(t, err, shown)
	}
}

func TestWhoseTokenIsRefusedHearsOfIt(t *testing.T) {
	server := serve(t, handler(t, echo))
	c := remote.NewCaller(remote.Config{Module: "oracle", URL: server.URL, Tokens: parse(t, "another-token-of-the-processes-of-a-shop")})

	_, err := call(t.Context(), c, remote.Repeatable, question{})

	require.ErrorIs(t, err, remote.ErrRefused)
}

func TestAShortTokenIsRefused(t *testing.T) {
	for _, list := range []string{"", "short", token + ",", token + ", " + token, "," + token, strings.Repeat("ü", 40)} {
		_, err := remote.ParseTokens(list)
		assert.Error(t, err, list)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	shown := http.Header{"Authorization": {"Bearer " + token}}
	var asked atomic.Int32
	server := serve(t, handler(t, func(_ context.Context, q question) (answer, error) {
		asked.Add(1)
		return answer{Text: strings.Repeat("x", remote.MaxBody)}, nil
	}))
	large := `{"text":"` + strings.Repeat("x", remote.MaxBody) + `"}`
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(t, server.URL, shown, strings.NewReader(large)))
	for _, unreadable := range []string{"", "[]", `{"text":1}`, `{"text":"a"} {}`, "\xff"} {
		assert.Equal(t, http.StatusBadRequest, post(t, server.URL, shown, bytes.NewBufferString(unreadable)), unreadable)
	}
	_, err := call(t.Context(), caller(t, server.URL), remote.Once, question{Text: strings.Repeat("x", remote.MaxBody)})
	require.Error(t, err)
	assert.Zero(t, asked.Load())

	_, err = call(t.Context(), caller(t, server.URL), remote.Once, question{})
	assert.ErrorContains(t, err, "500", "an answer that is too large is not sent")
}

func TestCallsAreMeasured(t *testing.T) {
	registry := prometheus.NewRegistry()
	server := serve(t, handler(t, func(_ context.Context, q question) (answer, error) {
		if q.Text == "" {
			return answer{}, fault.New("unwilling", "")
		}
		return answer{}, nil
	}))
	c := remote.NewCaller(remote.Config{Module: "oracle", URL: server.URL, Tokens: parse(t, token), Metrics: remote.NewMetrics(registry)})
	_, err := call(t.Context(), c, remote.Once, question{})
	require.Error(t, err)
	_, err = call(t.Context(), c, remote.Once, question{Text: "why"})
	require.NoError(t, err)

	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	assert.Equal(t, "rialto_module_call_duration_seconds", families[0].GetName())
	assert.Len(t, families[0].GetMetric(), 2, "one that was answered, one that was refused")
}

func BenchmarkCall(b *testing.B) {
	server := serve(b, handler(b, echo))
	c := caller(b, server.URL)
	for b.Loop() {
		if _, err := call(b.Context(), c, remote.Repeatable, question{Text: "why"}); err != nil {
			b.Fatal(err)
		}
	}
}
