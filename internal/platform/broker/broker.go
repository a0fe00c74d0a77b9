// Package broker carries deliveries of an outbox from one process to another through NATS JetStream, at least once.
//
// In the process with the outbox, [Broker.Publisher] is the listener of a subscriber that lives elsewhere: it returns once
// the broker has stored the batch, and only then does the outbox forget it. In the process with the subscriber,
// [Broker.Run] hands what comes to the real listener and acknowledges what was handled. What a listener may assume is what
// package outbox promises, and no more. What used up its attempts is moved to a second stream, where [Broker.Dead] shows it
// and [Broker.Revive] sends it on its way again.
//
// The package owns two streams, their subjects and the form of their messages. It makes streams that are missing and leaves
// those alone that are there, since operators know better how many replicas and how much room they need. It knows no
// module, event or subscriber by name.
//
// What is on the broker is as safe as the broker: a server on its own must write to its disk before it acknowledges
// (sync_interval: always), or the streams need three replicas.
package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

const (
	// Stream holds what is on its way, DeadStream what used up its attempts.
	Stream     = "RIALTO"
	DeadStream = "RIALTO_DEAD"

	subjectPrefix = "rialto.events."
	deadPrefix    = "rialto.dead."

	// republished is how long the broker recognizes an event that is published again.
	republished = 2 * time.Minute
	// batches is for how many answers a published one waits: every queue may have a batch with a broker that writes each
	// message to its disk before the next.
	batches = 6
	// dialLimit bounds one try to connect.
	dialLimit = 2 * time.Second
	// pingEvery, twice, is how long a broker that hangs goes unnoticed by a connection on which nothing is said.
	pingEvery = 10 * time.Second
)

// ErrUnavailable says that the broker cannot be reached or takes nothing at the moment: what was published may or may not
// have been stored. It has the code of a database that is away.
var ErrUnavailable = fault.New("unavailable", "the broker is not available at the moment")

// ErrNotTaken is added to ErrUnavailable when events were to be published: they are still with whoever had them.
var ErrNotTaken = errors.New("the broker has not taken the events")

// Config says where the broker is, and how what comes from it is handled. URL is required; the zero value of everything
// else is its default, which is that of package outbox.
type Config struct {
	// URL is the address of the broker, or several with commas between them.
	URL string
	// Name is what the broker shows of this process.
	Name string
	// Away says of a listener's error that something is missing that comes back. Such events are never dead.
	Away func(error) bool

	Batch int // most deliveries handed over at once; 100
	// Lease is how long a batch stays with a process that has died; 10 s. It is renewed while a listener runs.
	Lease       time.Duration
	Longest     time.Duration // time that listeners have for a batch; 10 min
	MaxAttempts int           // attempts before a delivery is dead; 25
	Backoff     time.Duration // wait after the first attempt, doubled after each further one; 1 s
	// MaxBackoff bounds the wait; 15 min. Up to half of every wait is random.
	MaxBackoff time.Duration
	Patience   time.Duration // time that the broker has for an answer; 5 s
	// Pull is how long a question for messages stays open; 30 s.
	Pull  time.Duration
	Retry time.Duration // wait between two tries to reach the broker; 1 s
	// Random returns numbers in [0, 1).
	Random func() float64
	Log    *slog.Logger    // discarded when nil
	Tracer *tracing.Tracer // may be nil
}

// Broker is a process's line to the broker. It is safe for use by many goroutines.
type Broker struct {
	cfg     Config
	metrics *metrics

	mu   sync.Mutex
	conn *nats.Conn
	js   jetstream.JetStream
	// furnished says that the streams were seen.
	furnished bool
	// lost is closed, and replaced, when the connection ends.
	lost chan struct{}
	// known are the subscribers that this process publishes to or listens for.
	known map[string]bool
}

// New returns a line that is dialed when it is first needed.
func New(c Config) *Broker {
	return &Broker{cfg: withDefaults(c), metrics: newMetrics(), lost: make(chan struct{}), known: map[string]bool{}}
}

// CheckURL refuses what cannot be the address of a broker.
func CheckURL(addresses string) error {
	for address := range strings.SplitSeq(addresses, ",") {
		parsed, err := url.Parse(strings.TrimSpace(address))
		if err != nil {
			return errors.New("an address cannot be read") // the error of url.Parse would show the password
		}
		if parsed.Hostname() == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, parsed.Scheme) {
			return errors.New("each address begins with nats://, tls://, ws:// or wss:// and names a host, such as nats://10.0.0.9:4222")
		}
	}
	return nil
}

// Close ends the line. Acknowledgments that wait in it are sent before.
func (b *Broker) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn == nil {
		return
	}
	if b.conn.IsConnected() {
		_ = b.conn.FlushTimeout(b.cfg.Patience) // what is not acknowledged is handled again
	}
	b.conn.Close()
}

// line answers the connection, which may not be established yet. A broker that is not there is tried for ever.
func (b *Broker) line() (jetstream.JetStream, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.js != nil {
		return b.js, nil
	}
	conn, err := nats.Connect(b.cfg.URL, b.options(nats.RetryOnFailedConnect(true))...)
	if err != nil {
		return nil, ErrUnavailable.Wrap(err)
	}
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncTimeout(batches*b.cfg.Patience))
	if err != nil {
		conn.Close()
		return nil, err
	}
	b.conn, b.js = conn, js
	return js, nil
}

// options keep nothing for a broker that is away: who publishes has to hear that it is.
func (b *Broker) options(more ...nats.Option) []nats.Option {
	return append([]nats.Option{
		nats.Name(b.cfg.Name), nats.Timeout(dialLimit), nats.PingInterval(pingEvery),
		nats.MaxReconnects(-1), nats.ReconnectWait(b.cfg.Retry), nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(),
		nats.ConnectHandler(func(c *nats.Conn) { b.cfg.Log.Info("connected to the broker", "address", c.ConnectedUrlRedacted()) }),
		nats.ReconnectHandler(func(c *nats.Conn) {
			b.cfg.Log.Info("connected to the broker again", "address", c.ConnectedUrlRedacted())
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			b.lose()
			b.complain("the broker is lost", err)
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { b.complain("the broker cannot be reached", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.complain("the broker complains", err) }),
	}, more...)
}

func (b *Broker) complain(message string, err error) {
	if err != nil {
		b.cfg.Log.Warn(message, "error", ErrUnavailable.Wrap(err))
	}
}

// connected says whether the broker was there when it was last heard of.
func (b *Broker) connected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.conn != nil && b.conn.IsConnected()
}

// ready answers the connection to a broker that has the streams.
func (b *Broker) ready(ctx context.Context) (jetstream.JetStream, error) {
	js, err := b.line()
	if err != nil || b.isFurnished() {
		return js, err
	}
	asking, cancel := b.asking(ctx)
	defer cancel()
	for _, wanted := range streams() {
		_, err := js.Stream(asking, wanted.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			_, err = js.CreateStream(asking, wanted)
		}
		if err != nil {
			return nil, broken(ctx, fmt.Errorf("look for stream %s: %w", wanted.Name, err))
		}
	}
	b.setFurnished(true)
	return js, nil
}

func (b *Broker) isFurnished() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.furnished
}

func (b *Broker) setFurnished(seen bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.furnished = seen
}

// streams are as they are made where they are missing. A full stream refuses what comes, and the outbox keeps it. Of the
// dead, one for each event and subscriber is kept, so that burying twice is burying once.
func streams() []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{Name: Stream, Description: "Events between the processes of a shop.", Subjects: []string{subjectPrefix + ">"},
			Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew, Duplicates: republished},
		{Name: DeadStream, Description: "Events that used up their attempts.", Subjects: []string{deadPrefix + ">"},
			Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew, MaxMsgsPerSubject: 1},
	}
}

// asking is the context of a question.
func (b *Broker) asking(ctx context.Context) (context.Context, context.CancelFunc) {
	return b.whileConnected(ctx, b.cfg.Patience)
}

// whileConnected ends after d, and with the connection: what a broker was asked that then ended is never answered, nor refused.
func (b *Broker) whileConnected(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, d)
	b.mu.Lock()
	lost := b.lost
	b.mu.Unlock()
	go func() {
		select {
		case <-lost:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// lose ends what waits for an answer.
func (b *Broker) lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.lost)
	b.lost = make(chan struct{})
}

// broken is what it means that the broker answered with an error, or not at all.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrUnavailable.Wrap(err)
}

func withDefaults(c Config) Config {
	c.Batch = cmp.Or(c.Batch, 100)
	c.Lease = cmp.Or(c.Lease, 10*time.Second)
	c.Longest = cmp.Or(c.Longest, 10*time.Minute)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 25)
	c.Backoff = cmp.Or(c.Backoff, time.Second)
	c.MaxBackoff = cmp.Or(c.MaxBackoff, 15*time.Minute)
	c.Patience = cmp.Or(c.Patience, 5*time.Second)
	c.Pull = cmp.Or(c.Pull, 30*time.Second)
	c.Retry = cmp.Or(c.Retry, time.Second)
	if c.Away == nil {
		c.Away = func(error) bool { return false }
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
