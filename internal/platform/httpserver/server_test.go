package httpserver_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
)

const loopback = "127.0.0.1:0"

// running is a server in the background; stop ends it and returns what Run did.
type running struct {
	*httpserver.Server
	stop func() error
}

func run(t *testing.T, config httpserver.Config) running {
	t.Helper()
	config.Logger = slog.New(slog.DiscardHandler)
	server, err := httpserver.Open(t.Context(), config)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	r := running{Server: server, stop: func() error { cancel(); return <-ended }}
	t.Cleanup(func() { cancel(); http.DefaultClient.CloseIdleConnections() })
	return r
}

func say(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
}

func fetch(t *testing.T, addr string) (string, error) {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/")
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestEachListenerServesItsOwnHandlerUntilTheEnd(t *testing.T) {
	s := run(t, httpserver.Config{Listeners: []httpserver.Listener{
		{Name: "main", Addr: loopback, Handler: say("main")},
		{Name: "metrics", Addr: loopback, Handler: say("metrics")},
	}})
	for _, name := range []string{"main", "metrics"} {
		got, err := fetch(t, s.Addr(name))
		require.NoError(t, err)
		assert.Equal(t, name, got)
	}
	assert.Empty(t, s.Addr("nobody"))

	require.NoError(t, s.stop())

	for _, name := range []string{"main", "metrics"} {
		_, err := fetch(t, s.Addr(name))
		assert.Error(t, err)
	}
}

func TestWhenOneAddressIsTakenNoneIsKept(t *testing.T) {
	taken, err := net.Listen("tcp", loopback)
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	free, err := net.Listen("tcp", loopback)
	require.NoError(t, err)
	freeAddr := free.Addr().String()
	require.NoError(t, free.Close())

	_, err = httpserver.Open(t.Context(), httpserver.Config{
		Logger: slog.New(slog.DiscardHandler),
		Listeners: []httpserver.Listener{
			{Name: "main", Addr: freeAddr, Handler: say("")},
			{Name: "metrics", Addr: taken.Addr().String(), Handler: say("")},
		},
	})

	require.ErrorContains(t, err, "listen for metrics")
	again, err := net.Listen("tcp", freeAddr)
	require.NoError(t, err, "the first address is free again")
	_ = again.Close()
}

func TestRequestsInProgressComeToTheirEnd(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var drained atomic.Bool
	s := run(t, httpserver.Config{
		OnDrain: func() {
			drained.Store(true)
			close(release) // so the request ends only after the shutdown has begun
		},
		Listeners: []httpserver.Listener{{Name: "main", Addr: loopback, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(entered)
			<-release
			assert.NoError(t, r.Context().Err(), "the end of the server is not the end of the request")
			_, _ = io.WriteString(w, "done")
		})}},
	})
	type result struct {
		body string
		err  error
	}
	results := make(chan result, 1)
	go func() { body, err := fetch(t, s.Addr("main")); results <- result{body, err} }()
	<-entered

	require.NoError(t, s.stop())

	got := <-results
	require.NoError(t, got.err)
	assert.Equal(t, "done", got.body)
	assert.True(t, drained.Load())
}

func TestDuringTheDrainDelayRequestsAreStillServed(t *testing.T) {
	var s running
	var body string
	var failure error
	s = run(t, httpserver.Config{
		DrainDelay: time.Millisecond,
		OnDrain:    func() { body, failure = fetch(t, s.Addr("main")) },
		Listeners:  []httpserver.Listener{{Name: "main", Addr: loopback, Handler: say("still here")}},
	})

	require.NoError(t, s.stop())

	require.NoError(t, failure)
	assert.Equal(t, "still here", body)
}

func TestARequestThatNeverEndsIsCutOff(t *testing.T) {
	entered := make(chan struct{})
	s := run(t, httpserver.Config{
		DrainTimeout: time.Millisecond,
		Listeners: []httpserver.Listener{{Name: "main", Addr: loopback, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done()
		})}},
	})
	failed := make(chan error, 1)
	go func() { _, err := fetch(t, s.Addr("main")); failed <- err }()
	<-entered

	err := s.stop()

	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "shut down main")
	assert.Error(t, <-failed)
}

// exchange sends raw bytes and returns the status line, or "" when the server just closed.
func exchange(t *testing.T, addr, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(conn, request)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return "" // the server closed before it had all
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line)
}

func TestB19WhatIsNotHTTPIsRefusedAndHarmless(t *testing.T) {
	o := newOuter(t)
	o.Get("/", func(http.ResponseWriter, *http.Request) {})
	o.Post("/", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	s := run(t, httpserver.Config{Listeners: []httpserver.Listener{{Name: "main", Addr: loopback, Handler: o}}})
	for name, attempt := range map[string]struct {
		request string
		want    string
	}{
		"100 kB header":     {"GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 100_000) + "\r\n\r\n", `^HTTP/1.1 431 |^$`},
		"100 kB of headers": {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: aaaaaaaa\r\n", 8_000) + "\r\n", `^HTTP/1.1 431 |^$`},
		"two lengths":       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", `^HTTP/1.1 400 `},
		"signed length":     {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", `^HTTP/1.1 400 `},
		"odd encoding":      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", `^HTTP/1.1 501 `},
		"bad expectation":   {"POST / HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\nContent-Length: 0\r\n\r\n", `^HTTP/1.1 417 `},
		"no host":           {"GET / HTTP/1.1\r\n\r\n", `^HTTP/1.1 400 `},
		"two hosts":         {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", `^HTTP/1.1 400 `},
		"bad escape":        {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", `^HTTP/1.1 400 `},
		"NUL in a header":   {"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n", `^HTTP/1.1 400 `},
		"folded header":     {"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB : 2\r\n\r\n", `^HTTP/1.1 400 `},
		"HTTP/2 preface":    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", `^HTTP/1.1 405 `},
		"TLS":               {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", `^HTTP/1.[01] 400 |^$`},
		"negative chunk":    {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", `^HTTP/1.1 400 `},
	} {
		assert.Regexp(t, attempt.want, exchange(t, s.Addr("main"), attempt.request), name)
	}

	got, err := fetch(t, s.Addr("main"))
	require.NoError(t, err, "the server still serves")
	assert.Empty(t, got)
	require.NoError(t, s.stop())
}

// A length beside chunks is how one request is hidden in another. The chunks count, the length does not,
// and the connection ends with the answer, so nothing that follows is taken for a second request.
func TestB19ALengthBesideChunksSmugglesNothing(t *testing.T) {
	var reached atomic.Int32
	s := run(t, httpserver.Config{Listeners: []httpserver.Listener{{Name: "main", Addr: loopback,
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) })}}})
	conn, err := net.Dial("tcp", s.Addr("main"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))

	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	all, _ := io.ReadAll(conn)

	assert.Equal(t, 1, strings.Count(string(all), "HTTP/1.1 "), string(all))
	assert.Equal(t, int32(1), reached.Load())
	require.NoError(t, s.stop())
}
