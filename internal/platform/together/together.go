// Package together has work that many requests want at the same moment done once for all of them. A statement for ten
// keys costs little more than one for a single key, so a busy server needs less of the database per request, while a
// request that is alone does not wait for others.
//
// Nobody gets an answer that is older than the question: a caller joins only work that has not begun.
package together

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	// slow is when work counts as stuck. What has come since then no longer waits for it.
	slow = 20 * time.Millisecond
	// moment is how long a caller stays after its time.
	moment = 50 * time.Millisecond
	// most is how many callers share one piece of work.
	most = 64
)

// Group does the work of many callers together. It is safe for use by many goroutines.
type Group[In, Out any] struct {
	work Work[In, Out]
	// held says whose work belongs to a transaction.
	held func(context.Context) bool

	mu      sync.Mutex
	waiting []*call[In, Out]
	// working says that what waits will be taken by somebody who is at work, unless he is slow.
	working bool
}

type call[In, Out any] struct {
	ctx  context.Context
	in   In
	out  Out
	err  error
	done chan struct{}
}

// Work is one statement for all of in, with one Out for each, in their order. Its error is every caller's. Its context has
// the values of one of the callers and ends when the last of them would.
type Work[In, Out any] func(ctx context.Context, in []In) ([]Out, error)

// New makes a group whose work writes in a database.
func New[In, Out any](db *sqldb.DB, work Work[In, Out]) *Group[In, Out] {
	return &Group[In, Out]{work: work, held: db.HoldsWrites}
}

// Do has in worked on. A caller whose ctx ends first leaves with its error; whether the work was done is unknown then. Who
// holds a transaction, or is about to write in one, works in it, alone, and so does who must not wait for a connection any
// more.
func (g *Group[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	if g.held(ctx) || sqldb.WasRefused(ctx) {
		return g.alone(ctx, in)
	}
	c := &call[In, Out]{ctx: ctx, in: in, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	begin := !g.working
	g.working = true
	g.mu.Unlock()
	if begin {
		go g.serve()
	}
	if !c.answered(ctx) {
		var none Out
		return none, ctx.Err()
	}
	sqldb.Refused(ctx, c.err)
	return c.out, c.err
}

// answered waits for an answer until ctx ends, and a moment more: a process that was stopped for a while finds that time is
// over and that its answer is there, and the answer says more.
func (c *call[In, Out]) answered(ctx context.Context) bool {
	select {
	case <-c.done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-c.done:
		return true
	case <-time.After(moment):
	}
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// serve works until nobody waits, and lets those in who are about to ask. When one piece of work is slow somebody else goes
// on with the rest, and this one ends with it.
func (g *Group[In, Out]) serve() {
	for {
		runtime.Gosched()
		calls := g.take()
		if calls == nil {
			return
		}
		relieved := time.AfterFunc(slow, g.serve)
		g.answer(calls)
		if !relieved.Stop() {
			return
		}
	}
}

// take is what waits now; nil means that nobody is at work any more.
func (g *Group[In, Out]) take() []*call[In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), most)
	if n == 0 {
		g.working = false
		return nil
	}
	calls := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return calls
}

func (g *Group[In, Out]) answer(calls []*call[In, Out]) {
	in := make([]In, len(calls))
	for i, c := range calls {
		in[i] = c.in
	}
	ctx, cancel := shared(calls)
	defer cancel()
	out, err := g.safely(ctx, in)
	if len(calls) > 1 && sqldb.Undone(err) && ctx.Err() == nil {
		g.apart(ctx, calls)
		return
	}
	for i, c := range calls {
		if c.err = err; err == nil {
			c.out = out[i]
		}
		close(c.done)
	}
}

// apart works for each caller alone who has not left, so that nobody pays or waits for another's data.
func (g *Group[In, Out]) apart(ctx context.Context, calls []*call[In, Out]) {
	var working sync.WaitGroup
	for _, c := range calls {
		working.Go(func() {
			defer close(c.done)
			if c.err = c.ctx.Err(); c.err == nil {
				c.out, c.err = g.alone(ctx, c.in)
			}
		})
	}
	working.Wait()
}

// alone works for one caller.
func (g *Group[In, Out]) alone(ctx context.Context, in In) (out Out, err error) {
	outs, err := g.safely(ctx, []In{in})
	if err == nil {
		out = outs[0]
	}
	return out, err
}

func (g *Group[In, Out]) safely(ctx context.Context, in []In) (out []Out, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	out, err = g.work(ctx, in)
	if err == nil && len(out) != len(in) {
		err = fmt.Errorf("work for %d callers has %d answers", len(in), len(out))
	}
	return out, err
}

// shared is the context of work for all of them.
func shared[In, Out any](calls []*call[In, Out]) (context.Context, context.CancelFunc) {
	ctx := sqldb.Outside(calls[0].ctx)
	var last time.Time
	for _, c := range calls {
		deadline, ends := c.ctx.Deadline()
		if !ends {
			return context.WithCancel(ctx)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return context.WithDeadline(ctx, last)
}
