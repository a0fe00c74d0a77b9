package httpserver_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const (
	tight     = 200 * time.Millisecond
	patience  = 5 * time.Second
	dripEvery = 10 * time.Millisecond
)

// drip sends a byte at a time until the server has closed the connection, and answers what the server said.
func drip(t *testing.T, addr, beginning string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, beginning)
	require.NoError(t, err)
	stop := make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() {
		tick := time.NewTicker(dripEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				_, _ = io.WriteString(conn, "x")
			}
		}
	})
	said, err := io.ReadAll(conn)
	close(stop)
	dripping.Wait()
	if failed := net.Error(nil); errors.As(err, &failed) {
		assert.False(t, failed.Timeout(), "the server lets the client go on")
	}
	return string(said)
}

// serving is a server whose routes read bodies, and answer for as long as somebody takes it.
func serving(t *testing.T) running {
	t.Helper()
	o := newOuter(t, func(ro *httpserver.RouterOptions) { ro.Deadline, ro.Now = tight, time.Now })
	o.Get("/endless", func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	return run(t, httpserver.Config{Limits: httpserver.Limits{Header: tight, Answer: tight},
		Listeners: []httpserver.Listener{{Name: "main", Addr: loopback, Handler: o}}})
}

func TestF30AHeaderThatDripsIsCutOff(t *testing.T) {
	s := serving(t)

	said := drip(t, s.Addr("main"), "GET /things/1 HTTP/1.1\r\nHost: x\r\nA: ")

	assert.NotContains(t, said, "200")
	require.NoError(t, s.stop())
}

func TestF30ABodyThatDripsIsCutOff(t *testing.T) {
	s := serving(t)

	for name, beginning := range map[string]string{
		"read by a handler": "POST /things/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
		"read by nobody":    "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
	} {
		assert.Contains(t, drip(t, s.Addr("main"), beginning), "Connection: close", name)
	}
	require.NoError(t, s.stop())
}

func TestF30WhoNeverReadsTheAnswerIsCutOffAndHurtsNobody(t *testing.T) {
	s := serving(t)
	var idlers []net.Conn
	for range 50 {
		conn, err := net.Dial("tcp", s.Addr("main"))
		require.NoError(t, err)
		idlers = append(idlers, conn)
		_, err = io.WriteString(conn, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
	}

	resp, err := http.Get("http://" + s.Addr("main") + "/things/1")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	_ = resp.Body.Close()

	for _, conn := range idlers {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
		_, err := io.Copy(io.Discard, conn)
		failed := net.Error(nil)
		assert.False(t, errors.As(err, &failed) && failed.Timeout(), "still open")
		_ = conn.Close()
	}
	require.NoError(t, s.stop())
}

// The time for the body must not become one for the handler.
func TestAHandlerMayTakeLongerThanTheBodyMay(t *testing.T) {
	o := newOuter(t, func(ro *httpserver.RouterOptions) { ro.Deadline, ro.Now = tight, time.Now })
	o.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		assert.NoError(t, err)
		<-r.Context().Done()
		problem.Write(w, r, fmt.Errorf("work: %w", r.Context().Err()))
	})
	s := run(t, httpserver.Config{Listeners: []httpserver.Listener{{Name: "main", Addr: loopback, Handler: o}}})
	for name, body := range map[string]io.Reader{"with a body": strings.NewReader("all of it"), "without one": http.NoBody} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr("main")+"/slow", body)
		require.NoError(t, err)

		started := time.Now()
		resp, err := http.DefaultClient.Do(r)

		require.NoError(t, err)
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, name)
		assert.GreaterOrEqual(t, time.Since(started), tight*9/10, name)
		_ = resp.Body.Close()
	}
	require.NoError(t, s.stop())
}

// F26: a client that keeps its connection learns with an answer, and not by a reset, that it is to take another.
func TestF26WhileTheServerDrainsEveryAnswerEndsItsConnection(t *testing.T) {
	draining := make(chan struct{})
	s := run(t, httpserver.Config{DrainDelay: time.Second, OnDrain: func() { close(draining) },
		Listeners: []httpserver.Listener{{Name: "main", Addr: loopback, Handler: say("here")}}})
	conn, err := net.Dial("tcp", s.Addr("main"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	ended := make(chan error, 1)
	endsConnection := func() bool {
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		resp, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		_ = resp.Body.Close()
		return resp.Close
	}
	assert.False(t, endsConnection())

	go func() { ended <- s.stop() }()
	<-draining

	assert.Eventually(t, endsConnection, patience, time.Millisecond)
	_, err = answers.ReadByte()
	assert.ErrorIs(t, err, io.EOF, "an orderly end")
	require.NoError(t, <-ended)
}
