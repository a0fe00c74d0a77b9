package reserving

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

const (
	// placesPerSKU is how many calls of one process hold stock of one SKU at a time. The row of the SKU lets one through
	// after the other anyway; more of them slow down the one that has it, and keep connections from everybody else.
	placesPerSKU = 2
	// patience is how long a call waits for its turn, and stuck how long while nobody at all gets out of the way.
	patience = 5 * time.Second
	stuck    = 800 * time.Millisecond
)

var errStuck = errors.New("nobody gets out of the way")

// turns lets callers work on SKUs in the order in which they came. It belongs to one process: it makes a crowd quick, but
// nothing true.
type turns struct {
	patience time.Duration
	mu       sync.Mutex
	lanes    map[string]*lane
}

// lane is the queue of one SKU. It is dropped with the last of its users, who wait or have a place.
type lane struct {
	places chan struct{}
	users  int
	left   int // how many have given their places back
}

func newTurns(patience time.Duration) *turns {
	return &turns{patience: patience, lanes: map[string]*lane{}}
}

// take waits for a place at each SKU. They must be given in ascending order: nobody waits then for one who waits for him.
// Errors: inventory.ErrBusy when it took too long, the context's.
func (t *turns) take(ctx context.Context, skus []string) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	for i, sku := range skus {
		if err := t.enter(ctx, sku); err != nil {
			t.leave(skus[:i])
			return nil, err
		}
	}
	return func() { t.leave(skus) }, nil
}

func (t *turns) enter(ctx context.Context, sku string) error {
	l := t.join(sku)
	select {
	case l.places <- struct{}{}:
		return nil
	default:
	}
	ctx, stop := t.watch(ctx, l)
	defer stop()
	select {
	case l.places <- struct{}{}:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.part(sku, l)
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) && !errors.Is(cause, errStuck) {
		return cause
	}
	return inventory.ErrBusy
}

// watch ends the context of one who waits in a queue that does not move. Who waits meanwhile keeps the place in it.
func (t *turns) watch(ctx context.Context, l *lane) (watched context.Context, stop func()) {
	watched, giveUp := context.WithCancelCause(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	left := l.left
	var look *time.Timer
	look = time.AfterFunc(stuck, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if l.left == left {
			giveUp(errStuck)
			return
		}
		left = l.left
		look.Reset(stuck)
	})
	return watched, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		look.Stop()
		giveUp(nil)
	}
}

func (t *turns) join(sku string) *lane {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, exists := t.lanes[sku]
	if !exists {
		l = &lane{places: make(chan struct{}, placesPerSKU)}
		t.lanes[sku] = l
	}
	l.users++
	return l
}

func (t *turns) leave(skus []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, sku := range skus {
		l := t.lanes[sku]
		<-l.places
		l.left++
		t.part(sku, l)
	}
}

func (t *turns) part(sku string, l *lane) {
	l.users--
	if l.users == 0 {
		delete(t.lanes, sku)
	}
}
