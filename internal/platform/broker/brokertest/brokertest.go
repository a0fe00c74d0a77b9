// Package brokertest runs a NATS server within a test, which can be stopped and started again on what it has stored.
package brokertest

import (
	"bufio"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startLimit is how long a server may take to be there.
const startLimit = 10 * time.Second

// Server is a NATS server with JetStream, which writes to its disk before it acknowledges.
type Server struct {
	URL string

	t       testing.TB
	options server.Options
	running *server.Server
}

// Start runs a server on a directory of the test's own. It is stopped when the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, options: server.Options{Host: "127.0.0.1", Port: freePort(t), JetStream: true, StoreDir: t.TempDir(),
		SyncAlways: true, NoLog: true, NoSigs: true}}
	s.Again()
	s.URL = "nats://127.0.0.1:" + strconv.Itoa(s.options.Port)
	t.Cleanup(s.Stop)
	return s
}

// Again starts a server that was stopped, at the same address and with everything it had stored.
func (s *Server) Again() {
	s.t.Helper()
	options := s.options
	running, err := server.NewServer(&options)
	if err != nil {
		s.t.Fatalf("make broker: %v", err)
	}
	running.Start()
	if !running.ReadyForConnections(startLimit) {
		s.t.Fatal("the broker did not start")
	}
	s.running = running
}

// Stored counts the messages of a stream. It answers false while the server is stopped or has no such stream.
func (s *Server) Stored(stream string) (int64, bool) {
	seen, err := s.running.Jsz(&server.JSzOptions{Streams: true})
	if err != nil || !s.running.Running() {
		return 0, false
	}
	for _, account := range seen.AccountDetails {
		for _, found := range account.Streams {
			if found.Name == stream {
				return int64(found.State.Msgs), true
			}
		}
	}
	return 0, false
}

// Stop ends the server. One that is stopped already is fine.
func (s *Server) Stop() {
	s.running.Shutdown()
	s.running.WaitForShutdown()
}

// Lose ends the server and takes its disk.
func (s *Server) Lose() {
	s.t.Helper()
	s.Stop()
	if err := os.RemoveAll(s.options.StoreDir); err != nil {
		s.t.Fatalf("take the broker's disk: %v", err)
	}
}

// Silent is the address of what says that it is a server and then nothing more than that it lives.
func Silent(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		served.Wait()
	})
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() { greet(conn) })
		}
	})
	return "nats://" + listener.Addr().String()
}

func greet(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte(`INFO {"server_id":"silent","version":"2.11.0","proto":1,"headers":true,"max_payload":1048576}` + "\r\n"))
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if lines.Text() == "PING" {
			_, _ = conn.Write([]byte("PONG\r\n"))
		}
	}
}

// freePort answers a port that the system gives to no connection: a client that looks for a stopped server must not find
// itself.
func freePort(t testing.TB) int {
	t.Helper()
	const first, beyond, tries = 20000, 32000, 100
	for range tries {
		port := first + rand.IntN(beyond-first)
		if listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
