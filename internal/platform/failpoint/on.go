//go:build failpoints

package failpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Settings of a binary with failpoints.
const (
	settingAddr  = "RIALTO_FAILPOINTS_ADDR"
	settingSetup = "RIALTO_FAILPOINTS"
	settingClock = "RIALTO_CLOCK_OFFSET"
)

// Actions of a failpoint.
const (
	actionKill  = "kill"
	actionSleep = "sleep"
	actionError = "error"
	actionPause = "pause"
)

// ErrInjected is what a failpoint with the action "error" answers.
var ErrInjected = errors.New("a failpoint failed here")

// plan is what happens at a place. It happens Times times (0: always) after Skip passages. Hits counts passages, Waiting
// those that are held by "pause" at this moment.
type plan struct {
	Action  string `json:"action,omitempty"`
	For     string `json:"for,omitempty"`
	Times   int    `json:"times,omitempty"`
	Skip    int    `json:"skip,omitempty"`
	Hits    int    `json:"hits"`
	Done    int    `json:"done"`
	Waiting int    `json:"waiting"`

	pause   time.Duration
	release chan struct{}
}

// points is the state of this process, which every place must reach without being handed it.
type points struct {
	mu     sync.Mutex
	plans  map[string]*plan
	offset time.Duration
}

var all = &points{plans: map[string]*plan{}}

// Settings are the environment variables that switch failpoints on.
func Settings() []string { return []string{settingAddr, settingSetup, settingClock} }

// Hit does what was planned for the place called name. Errors: ErrInjected, or the context's when it ends first.
func Hit(ctx context.Context, name string) error {
	p := all.pass(name)
	if p == nil {
		return nil
	}
	switch p.Action {
	case actionKill:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case actionError:
		return fmt.Errorf("%s: %w", name, ErrInjected)
	case actionSleep:
		return wait(ctx, time.After(p.pause))
	default:
		defer all.leave(name)
		return wait(ctx, p.release)
	}
}

func wait[T any](ctx context.Context, end <-chan T) error {
	select {
	case <-end:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Now is the clock, put forward or back.
func Now() time.Time { return time.Now().Add(all.offset) }

// pass counts a passage and answers what is to happen, or nil.
func (ps *points) pass(name string) *plan {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.plans[name]
	if p == nil {
		p = &plan{}
		ps.plans[name] = p
	}
	p.Hits++
	if p.Action == "" || p.Hits <= p.Skip || p.Times > 0 && p.Done >= p.Times {
		return nil
	}
	p.Done++
	if p.Action == actionPause {
		p.Waiting++
	}
	current := *p
	return &current
}

func (ps *points) leave(name string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.plans[name].Waiting--
}

func (ps *points) set(name string, p plan) error {
	switch p.Action {
	case actionKill, actionError, actionPause, "":
	case actionSleep:
		var err error
		if p.pause, err = time.ParseDuration(p.For); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown action %q", p.Action)
	}
	p.release = make(chan struct{})
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if before := ps.plans[name]; before != nil && before.release != nil {
		close(before.release)
		p.Waiting = before.Waiting
	}
	p.Hits, p.Done = 0, 0
	ps.plans[name] = &p
	return nil
}

// Open reads the settings and, where an address is given, listens on it: GET / tells all places passed so far, PUT
// /{name} plans, DELETE /{name} plans nothing and releases who waits there.
func Open() error {
	if offset := os.Getenv(settingClock); offset != "" {
		var err error
		if all.offset, err = time.ParseDuration(offset); err != nil {
			return fmt.Errorf("%s: %w", settingClock, err)
		}
	}
	for entry := range strings.FieldsFuncSeq(os.Getenv(settingSetup), func(r rune) bool { return r == ',' }) {
		name, action, _ := strings.Cut(entry, "=")
		action, length, _ := strings.Cut(action, ":")
		if err := all.set(name, plan{Action: action, For: length}); err != nil {
			return fmt.Errorf("%s: %w", settingSetup, err)
		}
	}
	addr := os.Getenv(settingAddr)
	if addr == "" {
		return nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(listener, handler()) }()
	return nil
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		all.mu.Lock()
		defer all.mu.Unlock()
		_ = json.NewEncoder(w).Encode(all.plans)
	})
	mux.HandleFunc("PUT /{name}", func(w http.ResponseWriter, r *http.Request) {
		var p plan
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := all.set(r.PathValue("name"), p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("DELETE /{name}", func(w http.ResponseWriter, r *http.Request) {
		_ = all.set(r.PathValue("name"), plan{})
	})
	return mux
}
