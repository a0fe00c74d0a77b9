package main

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// proxy stands between clients and PostgreSQL on a Unix socket of its own and counts round trips: the messages after
// which a client waits for the server, Sync and Query.
type proxy struct {
	listener net.Listener
	target   string
	trips    atomic.Int64
	wait     sync.WaitGroup
}

const socketName = ".s.PGSQL.5432"

// openProxy listens in dir for the server whose socket is in targetDir.
func openProxy(dir, targetDir string) (*proxy, error) {
	listener, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(listener.Addr().String(), 0o600); err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: filepath.Join(targetDir, socketName)}
	p.wait.Go(p.accept)
	return p, nil
}

// close returns when the last client has gone.
func (p *proxy) close() error {
	err := p.listener.Close()
	p.wait.Wait()
	return err
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wait.Go(func() { p.serve(client) })
	}
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("unix", p.target)
	if err != nil {
		return
	}
	p.wait.Go(func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
	_, _ = io.Copy(server, io.TeeReader(client, &messages{trips: &p.trips}))
	_ = server.Close()
}

// messages reads what a client says, in whatever pieces it comes, and counts. The first message has no type.
type messages struct {
	trips  *atomic.Int64
	header []byte
	begun  bool
	skip   int
}

const lengthSize = 4

// Write implements io.Writer.
func (m *messages) Write(p []byte) (int, error) {
	size := len(p)
	for len(p) > 0 {
		if m.skip > 0 {
			n := min(m.skip, len(p))
			m.skip, p = m.skip-n, p[n:]
			continue
		}
		m.header = append(m.header, p[0])
		p = p[1:]
		m.endHeader()
	}
	return size, nil
}

// endHeader acts once a header is complete: a type, but for the first message, and the length from there on.
func (m *messages) endHeader() {
	length := m.header
	if m.begun {
		length = m.header[1:]
	}
	if len(length) < lengthSize {
		return
	}
	if m.begun && (m.header[0] == 'S' || m.header[0] == 'Q') {
		m.trips.Add(1)
	}
	m.skip = int(binary.BigEndian.Uint32(length)) - lengthSize
	m.begun, m.header = true, m.header[:0]
}
