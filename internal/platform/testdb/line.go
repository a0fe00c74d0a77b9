package testdb

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Line stands between a program and PostgreSQL, and can break. It ends with the test. Its parts in order: the
// program, a port that stays the same, toxiproxy, and a bridge to the server, which may listen on a Unix socket only.
type Line struct {
	t          testing.TB
	target     *url.URL
	bridge     net.Listener
	proxy      *toxiproxy.Proxy
	loseAnswer atomic.Bool
}

// NewLine makes a line to the database of a postgres:// URL, or ends the test.
func NewLine(t testing.TB, dsn string) *Line {
	t.Helper()
	target, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	bridge, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	l := &Line{t: t, target: target, bridge: bridge}
	t.Cleanup(func() { _ = bridge.Close() })
	go l.accept()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	l.proxy = toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", bridge.Addr().String())
	l.Up()
	t.Cleanup(l.proxy.Stop)
	return l
}

// DSN is the URL that leads through the line, with all parameters of the one it was made for.
func (l *Line) DSN() string {
	through := *l.target
	query := through.Query()
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable")
	through.Host, through.RawQuery = l.Address(), strings.ReplaceAll(query.Encode(), "+", "%20")
	return through.String()
}

// Address is the host and port of the program's end, which outlives Down.
func (l *Line) Address() string { return l.proxy.Listen }

// Proxy is for toxics that this package has no name for.
func (l *Line) Proxy() *toxiproxy.Proxy { return l.proxy }

// Down cuts every connection and refuses new ones.
func (l *Line) Down() { l.proxy.Stop() }

// Up undoes Down.
func (l *Line) Up() {
	l.t.Helper()
	if err := l.proxy.Start(); err != nil {
		l.t.Fatalf("testdb: %v", err)
	}
}

// Blackhole swallows every byte from now on, both ways. Connections stay open, and new ones are taken.
func (l *Line) Blackhole() {
	l.t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		l.Poison(fmt.Sprintf(`{"type": "timeout", "name": "blackhole_%s", "stream": %[1]q, "attributes": {"timeout": 0}}`, stream))
	}
}

// Poison adds a toxic, in toxiproxy's JSON.
func (l *Line) Poison(toxic string) {
	l.t.Helper()
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		l.t.Fatalf("testdb: %v", err)
	}
}

// Heal removes every toxic. What was swallowed stays lost.
func (l *Line) Heal() { l.proxy.Toxics.ResetToxics(context.Background()) }

// LoseAnswer cuts the one connection that the server's next answer would come through.
func (l *Line) LoseAnswer() { l.loseAnswer.Store(true) }

func (l *Line) accept() {
	for {
		client, err := l.bridge.Accept()
		if err != nil {
			return
		}
		go l.carry(client)
	}
}

func (l *Line) carry(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := l.dial()
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		defer func() { _ = server.Close() }()
		_, _ = io.Copy(server, client)
	}()

	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil || l.loseAnswer.CompareAndSwap(true, false) {
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (l *Line) dial() (net.Conn, error) {
	if dir := l.target.Query().Get("host"); dir != "" {
		return net.Dial("unix", filepath.Join(dir, ".s.PGSQL."+l.target.Query().Get("port")))
	}
	return net.Dial("tcp", l.target.Host)
}
