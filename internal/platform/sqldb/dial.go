package sqldb

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

var errServerClosed = errors.New("connection closed by the server")

// dialer makes connections that report a lost server in a way that is never retried behind our back.
//
// The driver turns io.EOF into driver.ErrBadConn, and database/sql answers that by sending the same
// statement again, although the server may have executed it before the connection broke. Any other
// network error is handed to the caller, who alone knows whether to repeat.
type dialer struct{}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var plain net.Dialer
	c, err := plain.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return conn{c}, nil
}

type conn struct{ net.Conn }

func (c conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		err = &net.OpError{Op: "read", Net: c.RemoteAddr().Network(), Addr: c.RemoteAddr(), Err: errServerClosed}
	}
	return n, err
}
