package shop

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// waitLimit is how long somebody may take to come to a failpoint, or a process to die.
const waitLimit = 30 * time.Second

// plan is what a server with failpoints is told, and tells, of a place.
type plan struct {
	Action  string `json:"action,omitempty"`
	For     string `json:"for,omitempty"`
	Times   int    `json:"times,omitempty"`
	Skip    int    `json:"skip,omitempty"`
	Hits    int    `json:"hits,omitempty"`
	Waiting int    `json:"waiting,omitempty"`
}

// Limit bounds to which passages of a place a plan applies.
type Limit func(*plan)

// Times applies a plan to n passages and no more.
func Times(n int) Limit { return func(p *plan) { p.Times = n } }

// Skip lets n passages go before the plan applies.
func Skip(n int) Limit { return func(p *plan) { p.Skip = n } }

// Plan says what happens in this replica at a place: "kill", "error", "pause" (until Release) or "sleep:2s". It starts to
// count anew, and ends with the process.
func (r *Replica) Plan(name, action string, limits ...Limit) {
	r.t.Helper()
	wanted := plan{}
	wanted.Action, wanted.For, _ = strings.Cut(action, ":")
	for _, limit := range limits {
		limit(&wanted)
	}
	body, err := json.Marshal(wanted)
	require.NoError(r.t, err)
	require.NoError(r.t, r.askFailpoint(http.MethodPut, name, body, nil))
}

// Release ends the plan for a place and lets those go who wait there.
func (r *Replica) Release(name string) {
	r.t.Helper()
	require.NoError(r.t, r.askFailpoint(http.MethodDelete, name, nil, nil))
}

// WaitFor returns when somebody waits at the place.
func (r *Replica) WaitFor(name string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return r.waiting(name) > 0 }, waitLimit, probeEvery, "nobody came to %s", name)
}

// Hits counts who came to the place since it was planned last, or since the process started.
func (r *Replica) Hits(name string) int {
	r.t.Helper()
	places := map[string]plan{}
	require.NoError(r.t, r.askFailpoint(http.MethodGet, "", nil, &places))
	return places[name].Hits
}

// waiting counts who waits at the place; nobody waits in a dead process.
func (r *Replica) waiting(name string) int {
	places := map[string]plan{}
	if err := r.askFailpoint(http.MethodGet, "", nil, &places); err != nil {
		return 0
	}
	return places[name].Waiting
}

// releaseAll lets everybody go, wherever they wait.
func (r *Replica) releaseAll() {
	places := map[string]plan{}
	if r.askFailpoint(http.MethodGet, "", nil, &places) != nil {
		return
	}
	for name := range places {
		_ = r.askFailpoint(http.MethodDelete, name, nil, nil)
	}
}

func (r *Replica) askFailpoint(method, name string, body []byte, into any) error {
	req, err := http.NewRequest(method, "http://"+r.failpoints+"/"+name, bytes.NewReader(body))
	if err != nil {
		return err
	}
	return ask(r.client, req, into)
}

// Plan plans the same in every running replica.
func (h *House) Plan(name, action string, limits ...Limit) {
	h.t.Helper()
	for _, r := range h.running() {
		r.Plan(name, action, limits...)
	}
}

// Release releases in every running replica.
func (h *House) Release(name string) {
	h.t.Helper()
	for _, r := range h.running() {
		r.Release(name)
	}
}

// WaitFor returns a replica in which somebody waits at the place.
func (h *House) WaitFor(name string) *Replica {
	h.t.Helper()
	var found *Replica
	require.Eventually(h.t, func() bool {
		for _, r := range h.running() {
			if r.waiting(name) > 0 {
				found = r
				return true
			}
		}
		return false
	}, waitLimit, probeEvery, "nobody came to %s", name)
	return found
}

// Hits adds up those of every running replica.
func (h *House) Hits(name string) int {
	h.t.Helper()
	hits := 0
	for _, r := range h.running() {
		hits += r.Hits(name)
	}
	return hits
}
