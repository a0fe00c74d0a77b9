package httpserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

func TestB19TooManyOrTooLongHeadersAreRefused(t *testing.T) {
	o := newOuter(t)
	many := httptest.NewRequest(http.MethodGet, "/things/1", nil)
	for i := range 1000 {
		many.Header.Set("X-"+strconv.Itoa(i), "1")
	}
	repeated := httptest.NewRequest(http.MethodGet, "/things/1", nil)
	repeated.Header["X-A"] = make([]string, 1000)
	long := httptest.NewRequest(http.MethodGet, "/things/1", nil)
	long.Header.Set("X-Long", strings.Repeat("x", 33<<10))
	uri := httptest.NewRequest(http.MethodGet, "/things/"+strings.Repeat("x", 33<<10), nil)

	for name, r := range map[string]*http.Request{"many": many, "repeated": repeated, "long": long, "address": uri} {
		w := o.do(r)
		assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, w.Code, name)
		assert.Equal(t, "header_too_large", code(t, w), name)
	}
}

func TestB03BodiesOverTheLimitAreRefused(t *testing.T) {
	o := newOuter(t, func(ro *httpserver.RouterOptions) { ro.MaxBody = 10 })
	post := func(body io.Reader) *httptest.ResponseRecorder {
		return o.do(httptest.NewRequest(http.MethodPost, "/things/1", body))
	}

	assert.Equal(t, http.StatusOK, post(strings.NewReader(strings.Repeat("x", 10))).Code)
	assert.Equal(t, http.StatusOK, post(io.MultiReader(strings.NewReader(strings.Repeat("x", 10)))).Code)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"announced": post(strings.NewReader(strings.Repeat("x", 11))),
		"chunked":   post(io.MultiReader(strings.NewReader(strings.Repeat("x", 11)))),
	} {
		assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code, name)
		assert.Equal(t, "payload_too_large", code(t, w), name)
		assert.Equal(t, name == "announced", w.Header().Get("Connection") == "close", "only what was not read ends the connection")
	}
}

func TestARequestThatTakesTooLongIsATimeout(t *testing.T) {
	o := newOuter(t, func(ro *httpserver.RouterOptions) { ro.Deadline = time.Millisecond })
	o.Get("/slow", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		problem.Write(w, r, fmt.Errorf("query: %w", r.Context().Err()))
	})

	w := o.get("/slow")

	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "timeout", code(t, w))
	assert.NotEmpty(t, w.Header().Get("Retry-After"))
}

func TestADeadlineIsSetUnlessChosen(t *testing.T) {
	o := newOuter(t)
	var left time.Duration
	o.Get("/deadline", func(_ http.ResponseWriter, r *http.Request) {
		deadline, ok := r.Context().Deadline()
		require.True(t, ok)
		left = time.Until(deadline)
	})

	o.get("/deadline")

	assert.InDelta(t, 10*time.Second, left, float64(time.Second))
}
