package shop

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// Directions of a toxic.
const (
	ToServer   = "upstream"   // what PostgreSQL hears
	FromServer = "downstream" // what PostgreSQL says
)

// Proxy stands between servers and PostgreSQL and can be told to fail. That of a house is all lines of its replicas.
type Proxy struct {
	t     testing.TB
	lines []*testdb.Line
}

// Down cuts every connection and refuses new ones.
func (p *Proxy) Down() {
	for _, l := range p.lines {
		l.Down()
	}
}

// Up takes connections again.
func (p *Proxy) Up() {
	p.t.Helper()
	for _, l := range p.lines {
		l.Up()
	}
}

// Cut closes every connection; new ones are taken.
func (p *Proxy) Cut() {
	p.t.Helper()
	p.Down()
	p.Up()
}

// Latency delays everything PostgreSQL says by base, give or take jitter.
func (p *Proxy) Latency(base, jitter time.Duration) {
	p.t.Helper()
	p.Toxic("latency", FromServer, Object{"latency": base.Milliseconds(), "jitter": jitter.Milliseconds()})
}

// Jitter delays everything PostgreSQL says by 0 to 20 ms, so that races come out in many orders.
func (p *Proxy) Jitter() {
	p.t.Helper()
	p.Latency(10*time.Millisecond, 10*time.Millisecond)
}

// Blackhole lets nothing through in either direction, and closes nothing.
func (p *Proxy) Blackhole() {
	p.t.Helper()
	for _, stream := range []string{ToServer, FromServer} {
		p.Toxic("timeout", stream, Object{"timeout": 0})
	}
}

// ResetPeer ends every connection, and every new one, by a TCP reset at the next byte.
func (p *Proxy) ResetPeer() {
	p.t.Helper()
	p.Toxic("reset_peer", FromServer, Object{"timeout": 0})
}

// LoseAnswer cuts, in each line, the one connection that the next answer of PostgreSQL would come through.
func (p *Proxy) LoseAnswer() {
	for _, l := range p.lines {
		l.LoseAnswer()
	}
}

// Clear takes away every toxic; it does not bring up what is down.
func (p *Proxy) Clear() {
	for _, l := range p.lines {
		l.Heal()
	}
}

// Toxic adds any toxic of toxiproxy, such as "slicer", or replaces one of the same kind in the same direction.
func (p *Proxy) Toxic(kind, stream string, attributes Object) {
	p.t.Helper()
	name := kind + "_" + stream
	toxic, err := json.Marshal(Object{"name": name, "type": kind, "stream": stream, "attributes": attributes})
	require.NoError(p.t, err)
	for _, l := range p.lines {
		if toxics := l.Proxy().Toxics; toxics.GetToxic(name) != nil {
			require.NoError(p.t, toxics.RemoveToxic(context.Background(), name))
		}
		l.Poison(string(toxic))
	}
}
