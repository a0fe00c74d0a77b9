package shop

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Replica is one server process of a house. Its methods fail the test, so they are for the test's own goroutine.
type Replica struct {
	URL string
	// Proxy is the line of this replica to PostgreSQL, nil in a house without proxies.
	Proxy *Proxy

	t                   testing.TB
	process             *process
	client              *http.Client
	failpoints, metrics string // addresses
}

// PID is that of the process, 0 when it is not running.
func (r *Replica) PID() int { return r.process.pid() }

// Running tells whether the process lives, paused or not.
func (r *Replica) Running() bool { return r.process.running() }

// Log is what all lives of this replica printed.
func (r *Replica) Log() string { return r.process.log.String() }

// Kill ends the process with SIGKILL and returns when it is gone.
func (r *Replica) Kill() {
	r.t.Helper()
	require.NoError(r.t, r.process.kill())
}

// Stop ends the process with SIGTERM; it must end cleanly and in time.
func (r *Replica) Stop() {
	r.t.Helper()
	require.NoError(r.t, r.process.stop(), "stop server: %s", r.process.log)
}

// Terminate sends SIGTERM and returns at once; AwaitEnd tells how that ended.
func (r *Replica) Terminate() {
	r.t.Helper()
	require.NoError(r.t, r.process.signal(syscall.SIGTERM))
}

// AwaitEnd returns when the process has ended by itself; it must have ended cleanly and in time.
func (r *Replica) AwaitEnd() {
	r.t.Helper()
	exit, err := r.process.wait(stopLimit)
	require.NoError(r.t, err)
	require.NoError(r.t, exit, "%s", r.process.log)
}

// Start runs a replica that is not running and returns when it is ready. Further settings, NAME=value, are for this life
// only.
func (r *Replica) Start(settings ...string) {
	r.t.Helper()
	r.Launch(settings...)
	r.AwaitReady()
}

// Launch is Start that does not wait until the replica is ready.
func (r *Replica) Launch(settings ...string) {
	r.t.Helper()
	require.NoError(r.t, r.process.start(settings...))
}

// AwaitReady returns when the replica is ready to serve.
func (r *Replica) AwaitReady() {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return r.Ready() || !r.Running() }, startLimit, probeEvery, "the server did not become ready: %s", r.process.log)
	require.True(r.t, r.Running(), "the server ended: %s", r.process.log)
}

// Restart kills the process when it is running, and starts it again.
func (r *Replica) Restart(settings ...string) {
	r.t.Helper()
	r.Kill()
	r.Start(settings...)
}

// Pause stops the process in its tracks, as a machine that is overloaded or being moved; connections stay open. It returns
// when every thread has stopped, which takes a moment longer than to tell them.
func (r *Replica) Pause() {
	r.t.Helper()
	require.NoError(r.t, r.process.signal(syscall.SIGSTOP))
	require.Eventually(r.t, func() bool { return stopped(r.t, r.PID()) }, waitLimit, time.Millisecond)
}

// stopped tells whether the kernel has stopped all threads of a process.
func stopped(t testing.TB, pid int) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	require.NoError(t, err)
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		_, state, _ := strings.Cut(string(text), ") ")
		if err == nil && !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return true
}

// Resume lets a paused process go on.
func (r *Replica) Resume() {
	r.t.Helper()
	require.NoError(r.t, r.process.signal(syscall.SIGCONT))
}

// WaitForDeath returns when the process has ended by itself, such as by a failpoint that kills.
func (r *Replica) WaitForDeath() {
	r.t.Helper()
	_, err := r.process.wait(waitLimit)
	require.NoError(r.t, err)
}

// Ready tells what /readyz says.
func (r *Replica) Ready() bool { return r.probe("/readyz") == http.StatusOK }

// Live tells what /livez says.
func (r *Replica) Live() bool { return r.probe("/livez") == http.StatusOK }

// probe answers the status, 0 without an answer. A paused process accepts connections and says nothing.
func (r *Replica) probe(path string) int {
	const patience = 2 * time.Second
	quick := http.Client{Transport: r.client.Transport, Timeout: patience}
	res, err := quick.Get(r.URL + path)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// Metrics is all that the process serves to who scrapes it.
func (r *Replica) Metrics(t testing.TB) string {
	t.Helper()
	res, err := r.client.Get("http://" + r.metrics + "/metrics")
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(text)
}

// Metric adds up the series of a metric, such as "go_goroutines". It answers false when there are none.
func (r *Replica) Metric(name string) (float64, bool) {
	r.t.Helper()
	var sum float64
	var found bool
	for line := range strings.Lines(r.Metrics(r.t)) {
		series, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if base, _, _ := strings.Cut(series, "{"); base != name {
			continue
		}
		n, err := strconv.ParseFloat(value[strings.LastIndexByte(value, ' ')+1:], 64)
		require.NoError(r.t, err)
		sum, found = sum+n, true
	}
	return sum, found
}

// Resident is how much memory the process takes, in KiB.
func (r *Replica) Resident(t testing.TB) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.PID()))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			require.NoError(t, err)
			return kib
		}
	}
	require.FailNow(t, "the process does not say how much memory it takes")
	return 0
}

// finish ends the replica with the test and answers what was wrong with its end. Who waits at a failpoint is let go first.
func (r *Replica) finish() error {
	if !r.Running() {
		return nil
	}
	_ = r.process.signal(syscall.SIGCONT)
	if r.failpoints != "" {
		r.releaseAll()
	}
	if r.t.Failed() {
		return r.process.kill()
	}
	if err := r.process.stop(); err != nil {
		return fmt.Errorf("server at %s ended badly: %w", r.URL, err)
	}
	return nil
}

// raced tells whether the race detector found something in any life.
func (r *Replica) raced() bool { return strings.Contains(r.Log(), "WARNING: DATA RACE") }

func (h *House) running() []*Replica {
	return slices.DeleteFunc(h.processes(), func(r *Replica) bool { return !r.Running() })
}
