package httpserver_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
)

func TestLivezSaysNothingOfTheDatabase(t *testing.T) {
	w := httptest.NewRecorder()

	httpserver.Livez(w, httptest.NewRequest(http.MethodGet, "/livez", nil))

	assert.Equal(t, http.StatusOK, w.Code)
	assert.JSONEq(t, `{"status":"ok"}`, w.Body.String())
}

func TestReadinessFailsWithItsChecksAndWhileDraining(t *testing.T) {
	o := newOuter(t)
	var database error
	ready := httpserver.NewReadiness(
		httpserver.Check{Name: "database", Probe: func(context.Context) error { return database }},
		httpserver.Check{Name: "files", Probe: func(context.Context) error { return nil }},
	)
	o.Method(http.MethodGet, "/readyz", ready)

	w := o.get("/readyz")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.JSONEq(t, `{"status":"ok"}`, w.Body.String())

	database = errors.New("dial tcp 10.0.0.7: refused")
	w = o.get("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "unavailable", code(t, w))
	assert.Contains(t, w.Body.String(), "Not ready: database.")
	assert.NotContains(t, w.Body.String(), "10.0.0.7")
	assert.Contains(t, o.log.String(), "10.0.0.7")

	database = nil
	assert.Equal(t, http.StatusOK, o.get("/readyz").Code)

	ready.Drain()
	assert.Equal(t, http.StatusServiceUnavailable, o.get("/readyz").Code)
}

func TestAReadinessCheckThatHangsIsGivenUp(t *testing.T) {
	ready := httpserver.NewReadiness(httpserver.Check{Name: "database", Probe: func(ctx context.Context) error {
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		assert.Less(t, time.Until(deadline), 3*time.Second)
		return context.DeadlineExceeded
	}})
	w := httptest.NewRecorder()

	ready.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))

	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "unavailable", code(t, w))
}
