//go:build faults

package faults

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Times of the server for clients: to send a header, to send a body, and to take an answer.
const (
	headerTime = 5 * time.Second
	bodyTime   = 10 * time.Second
	answerTime = 30 * time.Second
	drips      = time.Second
)

// slow is clients of one kind that keep connections of the server busy.
type slow struct {
	name string
	// n clients begin by saying hello, and say one byte more a second when they drip.
	n     int
	hello string
	drips bool
	// reads is false for those who do not take their answers.
	reads bool
	limit time.Duration
}

func slowKinds() []slow {
	const document = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n" // which no buffer holds many times
	const body = "POST " + carts + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
	return []slow{
		{name: "drip a header", n: 900, hello: "GET " + shelf + " HTTP/1.1\r\nHost: x\r\nA: ", drips: true, reads: true, limit: headerTime},
		{name: "drip a body", n: 900, hello: body, drips: true, reads: true, limit: bodyTime},
		{name: "never read", n: 200, hello: strings.Repeat(document, 40), limit: answerTime},
	}
}

// small is a connection whose buffers hold little, so that an answer that nobody takes is noticed.
func small(address string) (net.Conn, error) {
	const receive, segment = 4096, 536
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		failed := c.Control(func(fd uintptr) {
			err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receive),
				syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, segment))
		})
		return errors.Join(err, failed)
	}}
	return dialer.Dial("tcp", address)
}

// annoyance is the connections of slow clients of one kind.
type annoyance struct {
	slow
	conns []net.Conn
	// last is when the last was closed by the server, in nanoseconds since began.
	began  time.Time
	last   atomic.Int64
	closed atomic.Int64
	going  sync.WaitGroup
	over   chan struct{}
}

func annoy(t *testing.T, address string, kind slow) *annoyance {
	t.Helper()
	a := &annoyance{slow: kind, over: make(chan struct{})}
	for range kind.n {
		conn, err := small(address)
		require.NoError(t, err)
		a.conns = append(a.conns, conn)
	}
	a.began = time.Now()
	for _, conn := range a.conns {
		a.going.Go(func() { _, _ = io.WriteString(conn, kind.hello) })
		if kind.reads {
			a.going.Go(func() { a.watch(conn) })
		}
	}
	if kind.drips {
		a.going.Go(a.drip)
	}
	return a
}

// watch notes when the server closes a connection.
func (a *annoyance) watch(conn net.Conn) {
	_, _ = io.Copy(io.Discard, conn)
	a.last.Store(int64(time.Since(a.began)))
	a.closed.Add(1)
}

func (a *annoyance) drip() {
	tick := time.NewTicker(drips)
	defer tick.Stop()
	for {
		select {
		case <-a.over:
			return
		case <-tick.C:
			for _, conn := range a.conns {
				_, _ = io.WriteString(conn, "x")
			}
		}
	}
}

func (a *annoyance) leave() {
	close(a.over)
	for _, conn := range a.conns {
		_ = conn.Close()
	}
	a.going.Wait()
}

func slowClients(s stage) {
	s.Settle()
	idle := s.goroutines()
	address := strings.TrimPrefix(s.Replicas[0].URL, "http://")
	var annoying []*annoyance
	for _, kind := range slowKinds() {
		a := annoy(s.t, address, kind)
		s.t.Cleanup(a.leave)
		annoying = append(annoying, a)
	}
	require.Eventually(s.t, func() bool { return s.goroutines() > idle+1000 }, headerTime, often, "nobody is slow")
	tr := s.visitors(10, browse, buy, look, collect, alive)

	for _, a := range annoying {
		if !a.reads {
			continue
		}
		require.Eventually(s.t, func() bool { return a.closed.Load() == int64(a.n) }, a.limit+recovery, often, "%s: %d of %d closed", a.name, a.closed.Load(), a.n)
		s.t.Logf("%s: the last of %d closed after %s", a.name, a.n, time.Duration(a.last.Load()))
		require.Less(s.t, time.Duration(a.last.Load()), a.limit+recovery/2, a.name)
	}
	unread := annoying[len(annoying)-1]
	require.Greater(s.t, s.goroutines(), idle+float64(unread.n)/2, "those who do not read hold up nobody")
	require.Eventually(s.t, func() bool { return s.goroutines() < idle+float64(unread.n)/2 }, answerTime+recovery, often, "connections stay open")
	s.t.Logf("%s: %d closed after %s", unread.name, unread.n, time.Since(unread.began))
	visits := tr.end()

	for _, v := range visits {
		require.True(s.t, v.done(), "%s", v)
	}
	machine := slowest(visits, of(alive))
	s.t.Logf("%d visits beside: middle %s, slowest %s, of the machine %s", len(visits), middle(visits, of(browse, buy, look, collect)), slowest(visits, of(browse, buy, look, collect)), machine)
	require.Less(s.t, slowest(visits, of(browse, buy, look, collect)), 2*time.Second+machine)
	tr.requireHonest(visits)
	tr.requireOnce(visits)
	s.CheckAll()
}
