package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

func (c *counter) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.app.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// post sends a request that needs no key, and answers how long it took.
func (c *counter) post(path, body string) (*httptest.ResponseRecorder, time.Duration) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "key-"+strconv.FormatInt(time.Now().UnixNano(), 36)+path)
	w := httptest.NewRecorder()
	started := time.Now()
	c.app.Handler().ServeHTTP(w, r)
	return w, time.Since(started)
}

const products = "/store/v1/products?limit=5"

func TestF03AShopOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, testdb.New(t).DSN())
	c := open(t, func(cfg *app.Config) { cfg.DatabaseURL = line.DSN() })
	before := c.get(products)
	require.Equal(t, http.StatusOK, before.Code, before.Body)
	require.Equal(t, http.StatusOK, c.get("/readyz").Code)

	line.Down()

	require.Equal(t, http.StatusOK, c.get("/livez").Code)
	require.Equal(t, http.StatusServiceUnavailable, c.get("/readyz").Code)
	refused, _ := c.post("/store/v1/carts", "{}")
	require.Equal(t, http.StatusServiceUnavailable, refused.Code)
	require.Contains(t, refused.Body.String(), `"unavailable"`)
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	during := c.get(products)
	require.Equal(t, http.StatusOK, during.Code, during.Body)
	require.Equal(t, before.Body.String(), during.Body.String())
	require.NotEmpty(t, during.Header().Get("Age"))
	other := c.get("/store/v1/products?limit=6")
	require.Equal(t, http.StatusServiceUnavailable, other.Code, "an outage is no empty list")

	line.Up()

	require.Equal(t, http.StatusOK, c.get("/readyz").Code)
	require.Empty(t, c.get(products).Header().Get("Age"))
	c.buy()
	require.Equal(t, "paid", c.settle()["payment_status"], "the background came back as well")
}

func TestF04InABlackHoleEveryRequestEndsInTime(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, testdb.New(t).DSN())
	c := open(t, func(cfg *app.Config) { cfg.DatabaseURL = line.DSN() })
	require.Equal(t, http.StatusOK, c.get(products).Code)
	require.Equal(t, http.StatusOK, c.get("/store/v1/categories").Code)

	line.Blackhole()
	var asking sync.WaitGroup
	for range 6 {
		asking.Go(func() {
			w, took := c.post("/store/v1/carts", "{}")
			if w.Code != http.StatusServiceUnavailable || took > 10*time.Second {
				t.Errorf("%d after %v", w.Code, took)
			}
		})
	}
	for _, path := range []string{products, "/store/v1/categories"} {
		started := time.Now()
		w := c.get(path)
		require.Equal(t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
		require.Less(t, time.Since(started), 4*time.Second)
	}
	require.Equal(t, http.StatusServiceUnavailable, c.get("/readyz").Code)
	asking.Wait()

	line.Heal()

	require.Eventually(t, func() bool { return c.get("/readyz").Code == http.StatusOK }, 10*time.Second, 50*time.Millisecond)
	c.buy()
}

func TestF07ABusyShopRefusesSoonAndStillShowsItsShelves(t *testing.T) {
	t.Parallel()
	database := testdb.New(t)
	c := open(t, func(cfg *app.Config) { cfg.DatabaseURL = database.DSN() })

	require.NoError(t, database.Admin().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `LOCK TABLE cart.carts`)
		require.NoError(t, err)
		answers := make(chan string, 30)
		var asking sync.WaitGroup
		for range cap(answers) {
			asking.Go(func() {
				w, took := c.post("/store/v1/carts", "{}")
				overloaded := strings.Contains(w.Body.String(), `"overloaded"`)
				if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || overloaded && took > 1500*time.Millisecond || took > 5*time.Second {
					t.Errorf("%d %s after %v", w.Code, w.Body, took)
				}
				answers <- strconv.FormatBool(overloaded)
			})
		}
		require.Eventually(t, func() bool { return waiting(t, database) == poolRequests }, 5*time.Second, time.Millisecond)
		for _, path := range []string{products, "/store/v1/categories", "/store/v1/collections", "/readyz"} {
			started := time.Now()
			w := c.get(path)
			require.Equal(t, http.StatusOK, w.Code, "%s: %s", path, w.Body)
			if path != "/readyz" {
				require.Less(t, time.Since(started), 300*time.Millisecond, path)
			}
		}
		asking.Wait()
		require.Greater(t, strings.Count(drained(answers), "true"), 20, "those who got no connection")
		return nil
	}))

	w, _ := c.post("/store/v1/carts", "{}")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
}

// waiting answers how many connections wait for a lock.
func waiting(t *testing.T, database *testdb.Database) (n int) {
	t.Helper()
	require.NoError(t, database.Admin().Get(t.Context(), &n,
		`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
	return n
}

func drained(answers chan string) (all string) {
	close(answers)
	for a := range answers {
		all += a + " "
	}
	return all
}

// lines is a log that tests can wait for.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

func TestF10AServerWaitsForItsDatabaseAtTheStart(t *testing.T) {
	t.Parallel()
	line := testdb.NewLine(t, testdb.New(t).DSN())
	line.Down()
	var log lines
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, app.Config{Addr: "127.0.0.1:0", MetricsAddr: "127.0.0.1:0", DatabaseURL: line.DSN(), SecretKey: "a key that only tests derive tokens from",
			StatementCache: true, PoolRequests: poolRequests, PoolReads: 2, PoolBackground: 2, Log: slog.New(slog.NewTextHandler(&log, nil))}, io.Discard)
	}()
	require.Eventually(t, func() bool { return log.count("waiting for the database") == 1 }, 10*time.Second, time.Millisecond)

	line.Up()

	require.Eventually(t, func() bool { return log.count("listening") == 1 }, time.Minute, time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
}

func TestTheWaitAtTheStartHasAnEnd(t *testing.T) {
	t.Parallel()
	var log lines
	logger := slog.New(slog.NewTextHandler(&log, nil))
	broken := errors.New("version 3 is dirty")

	err := app.Until(t.Context(), logger, 200*time.Millisecond, 10*time.Millisecond, func() error { return sqldb.ErrUnavailable })
	require.ErrorContains(t, err, "DATABASE_URL")
	require.ErrorIs(t, err, sqldb.ErrUnavailable)
	require.Greater(t, log.count("waiting"), 2)
	require.Less(t, log.count("waiting"), 9, "it waits longer each time")

	tries := 0
	err = app.Until(t.Context(), logger, time.Minute, time.Minute, func() error { tries++; return broken })
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, tries, "what waiting does not mend")

	ctx, cancel := context.WithCancel(t.Context())
	err = app.Until(ctx, logger, time.Hour, time.Minute, func() error { cancel(); return sqldb.ErrUnavailable })
	require.ErrorIs(t, err, context.Canceled)
}
