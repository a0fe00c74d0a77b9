package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// pqConn is what database/sql uses of a connection of the driver.
type pqConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Tx
	driver.Validator
}

// session is a connection with its line. The pool keeps it only while nothing is known against it.
type session struct {
	pqConn
	link      *link
	connector *connector
	era       int64
}

// IsValid implements driver.Validator. It is asked whenever the session goes back to the pool.
func (s session) IsValid() bool {
	valid := s.era == s.connector.era.Load() && !s.link.unsure.Load() && s.pqConn.IsValid()
	s.link.idle.Store(valid)
	return valid
}

// ResetSession implements driver.SessionResetter. It is called whenever the session leaves the pool, which it does
// only once.
func (s session) ResetSession(ctx context.Context) error {
	if !s.link.idle.CompareAndSwap(true, false) || !s.link.line.Load().quiet() {
		return driver.ErrBadConn
	}
	return s.pqConn.ResetSession(ctx)
}

// BeginTx implements driver.ConnBeginTx. The driver's own says of each transaction whether it writes, and so has it write
// where whoever looks after the database has set that nobody is to; this one says nothing of it unless it only reads.
func (s session) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	begin := "BEGIN"
	switch sql.IsolationLevel(opts.Isolation) {
	case sql.LevelDefault:
	case sql.LevelReadCommitted:
		begin += " ISOLATION LEVEL READ COMMITTED"
	case sql.LevelRepeatableRead:
		begin += " ISOLATION LEVEL REPEATABLE READ"
	default:
		return nil, fmt.Errorf("begin: no transaction is %s", sql.IsolationLevel(opts.Isolation))
	}
	if opts.ReadOnly {
		begin += " READ ONLY"
	}
	defer s.cutAfter(ctx)()
	if _, err := s.pqConn.ExecContext(ctx, begin, nil); err != nil {
		return nil, err
	}
	return transaction{session: s, ctx: ctx}, nil
}

// cutAfter ends what the session waits for soon after ctx has ended, until the answer is called.
func (s session) cutAfter(ctx context.Context) (stop func()) {
	cut := make(chan struct{})
	still := context.AfterFunc(ctx, func() { defer close(cut); s.link.cut() })
	return func() {
		if !still() {
			<-cut // or it would cut short what somebody else does with the session next
		}
	}
}

// transaction is one that was begun without the driver's help, which would end its COMMIT with its context.
type transaction struct {
	session
	ctx context.Context
}

// Commit implements driver.Tx.
func (t transaction) Commit() error {
	defer t.cutAfter(t.ctx)()
	return t.pqConn.Commit()
}

// Close implements driver.Conn. It closes the connection in any case; that the server could not be told is no fault.
func (s session) Close() error {
	s.connector.links.Delete(s.link)
	_ = s.pqConn.Close()
	return nil
}

// connector makes the sessions of a pool.
type connector struct {
	settings pq.Config
	// limited sessions give a statement up when the server does not, as it should, at its statement timeout.
	limited bool
	// era counts how often all sessions were put in doubt.
	era   atomic.Int64
	links sync.Map // *link -> nothing: those of all established sessions
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return pq.Driver{} }

// Connect implements driver.Connector. Unlike the driver's it ends with ctx also during the handshake.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	l := &link{}
	dialing, err := pq.NewConnectorConfig(c.settings)
	if err != nil {
		return nil, err
	}
	dialing.Dialer(l)
	stop := context.AfterFunc(ctx, l.abandon)
	defer stop()
	era := c.era.Load()
	opened, err := dialing.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(pqConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a connection of the driver, %T, lacks methods", opened), opened.Close())
	}
	if err := c.limit(ctx, conn, l); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	l.established = true
	c.links.Store(l, nil)
	return session{pqConn: conn, link: l, connector: c, era: era}, nil
}

// limit asks the server for the statement timeout that the DSN, the role or the database left in force.
func (c *connector) limit(ctx context.Context, conn pqConn, l *link) error {
	if !c.limited {
		return nil
	}
	l.line.Load().limit = connectTimeout
	const query = `SELECT (extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::bigint::text`
	text, err := queryText(ctx, conn, query)
	if err != nil {
		return err
	}
	milliseconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("read statement_timeout: %w", err)
	}
	l.line.Load().limit = 0
	if milliseconds > 0 {
		l.line.Load().limit = time.Duration(milliseconds)*time.Millisecond + answerSlack
	}
	return nil
}

// queryText reads one text value. The context is not handed on: its end has the line abandoned while connecting.
func queryText(ctx context.Context, conn pqConn, query string) (string, error) {
	rows, err := conn.QueryContext(context.WithoutCancel(ctx), query, nil)
	if err != nil {
		return "", err
	}
	value := make([]driver.Value, 1)
	err = rows.Next(value)
	if closed := rows.Close(); err == nil || errors.Is(err, io.EOF) {
		err = errors.Join(err, closed)
	}
	switch v := value[0].(type) {
	case string:
		return v, err
	case []byte:
		return string(v), err
	default:
		return "", errors.Join(err, fmt.Errorf("read one text: got %T", v))
	}
}

// doubt has every session that exists now thrown away as soon as it is not in use.
func (c *connector) doubt() { c.era.Add(1) }

// abandonIdle breaks the sessions in the pool. Closing one otherwise takes leave of the server statement by
// statement, and waits for each answer.
func (c *connector) abandonIdle() {
	c.links.Range(func(key, _ any) bool {
		if l, ok := key.(*link); ok && l.idle.CompareAndSwap(true, false) {
			l.abandon()
		}
		return true
	})
}
