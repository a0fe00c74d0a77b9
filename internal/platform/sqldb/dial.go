package sqldb

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	// answerSlack is how much later than its statement timeout a statement is given up here: the server, which
	// says why it ended it, comes first.
	answerSlack = 2 * time.Second
	// cancelGrace is how long a statement that nobody waits for any more may take to end by itself after it was
	// told to. A server that does not answer even that is taken for lost.
	cancelGrace = 250 * time.Millisecond
	// userTimeout is how long the kernel waits for bytes it sent to arrive before it gives the connection up.
	userTimeout = 20 * time.Second
)

var errServerClosed = errors.New("connection closed by the server")

// keepAlive finds out within half a minute that the server of an idle connection is gone.
func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
}

// link is one session's way to the server. Until the session is established it dials for it; from then on the
// driver dials only to have a statement canceled, which says that its context has ended.
type link struct {
	line        atomic.Pointer[line]
	established bool
	// unsure is set when it is not known whether a cancel request arrived: it may hit a later statement.
	unsure atomic.Bool
	idle   atomic.Bool // in the pool, with nothing under way
}

func (l *link) Dial(network, address string) (net.Conn, error) {
	return l.DialContext(context.Background(), network, address)
}

func (l *link) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return l.DialContext(ctx, network, address)
}

func (l *link) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if l.established {
		return l.dialCancel(ctx, network, address)
	}
	c, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	opened := &line{Conn: c}
	l.line.Store(opened)
	return opened, nil
}

// dialCancel also bounds the wait for the statement: the driver would wait for its answer however long it takes.
func (l *link) dialCancel(ctx context.Context, network, address string) (net.Conn, error) {
	until := l.cut()
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	c, err := dial(ctx, network, address)
	if err != nil {
		l.unsure.Store(true)
		return nil, err
	}
	return cancelLine{c, l, until}, nil
}

// cut leaves what is under way the time to end by itself, and no more.
func (l *link) cut() (until time.Time) {
	until = time.Now().Add(cancelGrace)
	_ = l.line.Load().Conn.SetDeadline(until)
	return until
}

// abandon makes everything on the line fail from now on.
func (l *link) abandon() {
	if opened := l.line.Load(); opened != nil {
		opened.abandoned.Store(true)
		_ = opened.Conn.SetDeadline(time.Unix(1, 0))
	}
}

func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: keepAlive(), Control: limitUnacknowledged}
	return d.DialContext(ctx, network, address)
}

// line is a session's connection. Two things about it are not like any other connection.
//
// A lost server is reported in a way that is never retried behind our back. The driver turns io.EOF into
// driver.ErrBadConn, and database/sql answers that by sending the same statement again, although the server may
// have executed it before the connection broke. Any other network error is handed to the caller, who alone knows
// whether to repeat.
//
// Whatever is sent must be answered within limit, if there is one. A server that is gone without a word, behind a
// cable that was cut, would otherwise hold its caller for as long as the kernel likes.
type line struct {
	net.Conn
	limit      time.Duration // 0: none
	connecting bool          // the driver's own deadline, for all of the handshake, counts
	abandoned  atomic.Bool
}

func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		err = &net.OpError{Op: "read", Net: l.RemoteAddr().Network(), Addr: l.RemoteAddr(), Err: errServerClosed}
	}
	return n, err
}

// Write sends a statement: the driver never splits one. The deadline of the last is thereby replaced.
func (l *line) Write(b []byte) (int, error) {
	if !l.connecting && !l.abandoned.Load() {
		var until time.Time
		if l.limit > 0 {
			until = time.Now().Add(l.limit)
		}
		if err := l.Conn.SetDeadline(until); err != nil {
			return 0, err
		}
	}
	return l.Conn.Write(b)
}

// quiet reports whether the server has said nothing since its last answer. The deadline of that has passed, perhaps.
func (l *line) quiet() bool {
	return l.Conn.SetDeadline(time.Time{}) == nil && quiet(l.Conn)
}

// SetDeadline is called by the driver at the beginning of the handshake, and with no deadline at its end.
func (l *line) SetDeadline(until time.Time) error {
	l.connecting = !until.IsZero()
	if l.abandoned.Load() {
		return nil
	}
	return l.Conn.SetDeadline(until)
}

// cancelLine carries one cancel request. The server closes it once it has seen to the request.
type cancelLine struct {
	net.Conn
	link  *link
	until time.Time
}

// SetDeadline never allows more time than a canceled statement is given.
func (c cancelLine) SetDeadline(time.Time) error { return c.Conn.SetDeadline(c.until) }

func (c cancelLine) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	var failed net.Error
	if errors.As(err, &failed) && failed.Timeout() {
		c.link.unsure.Store(true)
	}
	return n, err
}

func (c cancelLine) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err != nil {
		c.link.unsure.Store(true)
	}
	return n, err
}
