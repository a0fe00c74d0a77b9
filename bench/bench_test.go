package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnAnswerIsReadWhateverItsForm(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/long":
			_, _ = io.WriteString(w, long)
		case "/empty":
			w.WriteHeader(http.StatusConflict)
		default:
			sent, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write(sent)
		}
	}))
	defer server.Close()
	w, err := dial(strings.TrimPrefix(server.URL, "http://"), time.Minute)
	require.NoError(t, err)
	defer w.close()
	c := &customer{wire: w}

	for range 2 {
		c.say(`{"id":"`, "one", `"}`)
		status, body, err := c.ask(http.MethodPost, "/echo", "", http.StatusCreated)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status)
		require.Equal(t, "one", field(body, "id"))
		require.Empty(t, field(body, "token"))

		_, body, err = c.ask(http.MethodGet, "/long", "", http.StatusOK)
		require.NoError(t, err)
		require.Equal(t, long, string(body))

		_, body, err = c.ask(http.MethodGet, "/empty", "", http.StatusConflict)
		require.NoError(t, err)
		require.Empty(t, body)
	}
	_, _, err = c.ask(http.MethodPost, "/echo", "", http.StatusOK)
	require.ErrorContains(t, err, `/echo answers 201: {"id":"one"}`)
}

func TestALoadEndsWithTheVisitsItAllows(t *testing.T) {
	var made atomic.Int64
	shop := func() (int, error) { made.Add(1); return http.StatusOK, nil }
	visits, err := load(t.Context(), []shopper{shop, shop, shop}, times(100))
	require.NoError(t, err)
	require.Len(t, visits, 100)
	require.EqualValues(t, 100, made.Load())
	require.IsNonDecreasing(t, []time.Duration{visits[0].ended, visits[50].ended, visits[99].ended})
}

func TestALoadEndsWithTheFirstFailure(t *testing.T) {
	broken := errors.New("broken")
	_, err := load(t.Context(), []shopper{
		func() (int, error) { return 0, broken }, func() (int, error) { return http.StatusOK, nil }}, during(time.Hour))
	require.ErrorIs(t, err, broken)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = load(ended, []shopper{func() (int, error) { return http.StatusOK, nil }}, during(time.Hour))
	require.ErrorIs(t, err, context.Canceled)
}

func TestThePaceIsThatOfTheTimeItIsCountedOver(t *testing.T) {
	var visits []visit
	for i := range 100 {
		visits = append(visits, visit{ended: time.Second + time.Duration(i+1)*10*time.Millisecond, took: time.Duration(i+1) * time.Millisecond})
	}
	p := paceOf(visits, time.Second)
	require.InDelta(t, 100, p.perSecond, 0.001)
	require.Equal(t, 50*time.Millisecond, p.p50)
	require.Equal(t, 99*time.Millisecond, p.p99)
	require.Zero(t, paceOf(nil, 0))
}

func TestTheHotRunIsDividedAtTheLastOrder(t *testing.T) {
	var visits []visit
	for i := range hotUnits + 20 {
		status := http.StatusCreated
		if i == 5 || i > hotUnits {
			status = http.StatusConflict
		}
		visits = append(visits, visit{ended: time.Duration(i + 1), status: status})
	}
	sold, refused, last, err := splitHot(visits)
	require.NoError(t, err)
	require.Len(t, sold, hotUnits)
	require.EqualValues(t, hotUnits+1, last)
	require.Len(t, refused, 19)

	_, _, _, err = splitHot(visits[:hotUnits])
	require.ErrorContains(t, err, "999 orders were answered for 1000 units")
}

func TestTheProxyCountsRoundTripsHoweverTheyArrive(t *testing.T) {
	const startup, query, parse, sync, long = "\x00\x00\x00\x08\x00\x03\x00\x00", "Q\x00\x00\x00\x05\x00", "P\x00\x00\x00\x08\x00SS\x00", "S\x00\x00\x00\x04", "B\x00\x00\x00\x0eSQSQSQSQSQ"
	text := startup + query + parse + long + sync + query + sync
	for _, size := range []int{1, 2, 3, 7, len(text)} {
		var trips atomic.Int64
		m := &messages{trips: &trips}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			wrote, err := m.Write([]byte(rest[:n]))
			require.NoError(t, err)
			require.Equal(t, n, wrote)
			rest = rest[n:]
		}
		require.EqualValues(t, 4, trips.Load(), "in pieces of %d", size)
	}
}

func TestTheProxyPassesEverythingOn(t *testing.T) {
	dir, behind := t.TempDir(), t.TempDir()
	server, err := net.Listen("unix", filepath.Join(behind, socketName))
	require.NoError(t, err)
	go func() {
		conn, err := server.Accept()
		if err == nil {
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}
	}()
	p, err := openProxy(dir, behind)
	require.NoError(t, err)
	client, err := net.Dial("unix", filepath.Join(dir, socketName))
	require.NoError(t, err)
	const text = "\x00\x00\x00\x08\x00\x03\x00\x00Q\x00\x00\x00\x05\x00"
	_, err = io.WriteString(client, text)
	require.NoError(t, err)
	back := make([]byte, len(text))
	_, err = io.ReadFull(client, back)
	require.NoError(t, err)
	require.Equal(t, text, string(back))
	require.EqualValues(t, 1, p.trips.Load())
	require.NoError(t, client.Close())
	require.NoError(t, p.close())
	require.NoError(t, server.Close())
}

func TestWhatPgbenchLogsIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(path, []byte("0 199 2241 0 1175850568 995598\n1 200 100 0 1175850569 5\n"), 0o600))
	visits, err := readLimitLog(path)
	require.NoError(t, err)
	require.Equal(t, []visit{
		{ended: 1175850568*time.Second + 995598*time.Microsecond, took: 2241 * time.Microsecond},
		{ended: 1175850569*time.Second + 5*time.Microsecond, took: 100 * time.Microsecond}}, visits)

	require.NoError(t, os.WriteFile(path, []byte("0 199 skipped 0 1175850568 995598\n"), 0o600))
	_, err = readLimitLog(path)
	require.Error(t, err)
}

// resultsOf are three rounds of the same figures, and costs within the marks.
func resultsOf(perSecond map[string]float64) results {
	r := results{paces: map[string][]pace{}, counted: map[string]tally{}, commits: map[string][]float64{}}
	for name, value := range perSecond {
		for _, factor := range []float64{0.9, 1, 2} {
			r.paces[name] = append(r.paces[name], pace{perSecond: value * factor, p50: time.Millisecond, p99: 2 * time.Millisecond})
		}
		r.counted[name] = tally{commits: 5, trips: 14}
		r.commits[name] = []float64{5.2, 5.25, 9}
	}
	return r
}

func TestTheRowsAreMediansWithTheirRatios(t *testing.T) {
	r := resultsOf(map[string]float64{limitRow: 4000, atOnceRow: 800, sixCallsRow: 400, hotRow: 600, soldOutRow: 6000, twoRow: 790, splitRow: 600})
	rows := r.rows()
	require.Equal(t, row{PerSecond: 800, Ratio: 0.2, P50: 1, P99: 2, Commits: 5, Trips: 14}, rows[atOnceRow])
	require.InDelta(t, 0.75, rows[hotRow].Ratio, 0.0001)
	require.InDelta(t, 10, rows[soldOutRow].Ratio, 0.0001)
	require.InDelta(t, 0.988, rows[twoRow].Ratio, 0.0001)
	require.Empty(t, missed(rows, marks()))
	behind, known := r.behind(atOnceRow)
	require.True(t, known)
	require.InDelta(t, 0.25, behind, 0.0001)
}

func TestEveryMarkCanBeMissed(t *testing.T) {
	for _, m := range marks() {
		rows := resultsOf(map[string]float64{limitRow: 4000, atOnceRow: 800, sixCallsRow: 400, hotRow: 600, soldOutRow: 6000, twoRow: 790, splitRow: 600}).rows()
		made := rows[m.row]
		if m.atLeast {
			made.Ratio = m.bound - 0.001
		} else {
			made.Commits, made.Trips = 8.01, 20.01
		}
		rows[m.row] = made
		require.Contains(t, table(rows, results{}), "MISSED")
		require.NotEmpty(t, missed(rows, []mark{m}), "%s", m)
	}
}

func TestNothingMeasuredReachesNoMark(t *testing.T) {
	require.Len(t, missed(results{}.rows(), marks()), len(marks()))
}

func TestTheFileHasTheFixedNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out", "checkout.json")
	require.NoError(t, writeJSON(path, resultsOf(map[string]float64{limitRow: 4000, atOnceRow: 800, sixCallsRow: 400, hotRow: 600, soldOutRow: 6000, twoRow: 790, splitRow: 600}).rows()))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var read map[string]map[string]float64
	require.NoError(t, json.Unmarshal(text, &read))
	require.Len(t, read, 7)
	for _, name := range []string{"limit", "all_at_once", "six_calls", "hot_sku", "sold_out", "two_processes", "split"} {
		for _, figure := range []string{"per_s", "ratio", "p50_ms", "p99_ms", "commits", "trips"} {
			require.Contains(t, read[name], figure)
		}
		require.Len(t, read[name], 6)
	}
}
