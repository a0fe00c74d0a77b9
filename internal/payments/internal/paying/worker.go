package paying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// Backlog is what was left open, by whoever. What it hands out nobody else gets for as long as lease.
type Backlog interface {
	Inbox
	// DueAttempts are undecided ones that were not asked for lately, and those whose money is on its way back.
	DueAttempts(ctx context.Context, limit int, lease time.Duration) ([]attempt.Attempt, error)
	// DueMovements are promised, and neither done nor refused.
	DueMovements(ctx context.Context, limit int, lease time.Duration) ([]attempt.Movement, error)
	DueEvents(ctx context.Context, limit int, lease time.Duration) ([]Event, error)
	// DelayMovement leaves a movement alone for a while, and answers how long ago it was promised.
	DelayMovement(ctx context.Context, m attempt.Movement, wait time.Duration) (age time.Duration, err error)
	// ForgetEvents removes events that were handled longer ago than age.
	ForgetEvents(ctx context.Context, age time.Duration) error
}

const (
	// lookEvery is how often each process looks for work that nobody told it of.
	lookEvery = time.Second
	// batch is how much is taken at once, and abreast how much of it is done at the same time: a provider that comes back
	// after an outage must not meet everybody at once.
	batch   = 20
	abreast = 4
	// movementPatience is how long a capture or a refund may stay unanswered before a person has to look.
	movementPatience = 24 * time.Hour
	// eventsKept is how long handled events stay. A copy that comes later is refused by its timestamp.
	eventsKept  = 30 * 24 * time.Hour
	forgetEvery = time.Hour
)

// Worker finishes what was left open. Any number of processes may run one.
type Worker struct {
	payments *Payments
	backlog  Backlog
	wake     chan struct{}
}

// NewWorker makes a worker; backlog is the same store as that of payments, or one on other connections.
func NewWorker(p *Payments, backlog Backlog) *Worker {
	return &Worker{payments: p.on(backlog), backlog: backlog, wake: make(chan struct{}, 1)}
}

// on is the same service on another store.
func (p *Payments) on(store Store) *Payments {
	other := *p
	other.store = store
	return &other
}

// Wake has a running worker of this process look now. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and then answers nil.
func (w *Worker) Run(ctx context.Context) error {
	look, forget := time.NewTicker(lookEvery), time.NewTicker(forgetEvery)
	defer look.Stop()
	defer forget.Stop()
	for {
		if _, err := w.Work(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "finish payments", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		case <-w.wake:
		case <-forget.C:
			if err := w.backlog.ForgetEvents(ctx, eventsKept); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "forget payment events", "error", err)
			}
		}
	}
}

// Work does once what Run does again and again, and answers how much was due.
func (w *Worker) Work(ctx context.Context) (int, error) {
	events, failed := perform(ctx, w, w.backlog.DueEvents, func(ctx context.Context, e Event) error {
		return w.payments.Handle(ctx, w.backlog, e)
	})
	if !w.reachable(ctx) {
		return events, failed
	}
	attempts, err := perform(ctx, w, w.backlog.DueAttempts, w.payments.pursue)
	failed = errors.Join(failed, err)
	movements, err := perform(ctx, w, w.backlog.DueMovements, w.move)
	return events + attempts + movements, errors.Join(failed, err)
}

// perform takes what is due and does it, for as long as nobody else gets it: providers are asked only so long that there
// is time left to write down what they said. What was not begun by then is due again.
func perform[T any](ctx context.Context, w *Worker, due func(context.Context, int, time.Duration) ([]T, error),
	do func(context.Context, T) error) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, w.payments.asking)
	defer cancel()
	items, err := due(ctx, batch, w.payments.asking+recordLimit)
	if err != nil {
		return 0, err
	}
	return len(items), each(ctx, items, do)
}

// reachable keeps everything due while its provider is known to be down, instead of asking in vain for each.
func (w *Worker) reachable(ctx context.Context) bool {
	for _, method := range w.payments.methods {
		if method.Provider != nil && method.Provider.Ready(ctx) != nil {
			return false
		}
	}
	return true
}

// each does all of them, a few at the same time, whatever goes wrong with some.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	failed := make([]error, len(items))
	var group errgroup.Group
	group.SetLimit(abreast)
	for i, item := range items {
		group.Go(func() error {
			if ctx.Err() == nil {
				failed[i] = do(ctx, item)
			}
			return nil
		})
	}
	_ = group.Wait()
	return errors.Join(failed...)
}

// pursue asks for an attempt that is undecided, or has its money given back. What it finds out is announced.
func (p *Payments) pursue(ctx context.Context, a attempt.Attempt) error {
	provider, err := p.provider(a.Method)
	if err != nil {
		return fmt.Errorf("pursue payment of %s: %w", a.Reference, err)
	}
	if a.Undone() {
		_, err = p.giveBack(ctx, provider, a)
	} else {
		word, askErr := inquire(ctx, provider, a, false)
		if a.GivenUp && askErr == nil {
			word, askErr = callOffAgain(ctx, provider, a, word)
		}
		_, err = p.settle(ctx, provider, a, hearsay{word: word, err: askErr})
	}
	if err != nil {
		return fmt.Errorf("pursue payment of %s: %w", a.Reference, err)
	}
	return nil
}

// move finishes a movement that somebody promised and did not finish.
func (w *Worker) move(ctx context.Context, m attempt.Movement) error {
	_, err := w.payments.finish(ctx, m)
	if !errors.Is(err, payments.ErrProviderUnavailable) {
		if errors.Is(err, payments.ErrIllegalTransition) || errors.Is(err, payments.ErrCaptureExceeds) || errors.Is(err, payments.ErrRefundExceeds) {
			return nil
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	age, err := w.backlog.DelayMovement(ctx, m, movementPause<<min(m.Tries, movementDoublings))
	if err != nil || age < movementPatience {
		return err
	}
	return open(ctx, w.backlog, Review{Reference: m.Reference, Reason: ReasonUnmoved, Subject: m.ID,
		Details: map[string]any{"kind": m.Kind, "amount": m.Amount}})
}

// A movement is tried again after 10 s, then twice as long each time, up to 85 min.
const (
	movementPause     = 10 * time.Second
	movementDoublings = 9
)
