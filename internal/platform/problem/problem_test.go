package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const requestID = "01939f6a-0000-7000-8000-000000000001"

// captureLog sends the default log to the returned buffer until the test ends.
func captureLog(t *testing.T) *bytes.Buffer {
	t.Helper()
	var buf bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &buf
}

func request(id string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/store/v1/checkouts?secret=s3cr3t", nil)
	return r.WithContext(inbound.With(r.Context(), id))
}

func write(r *http.Request, err error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	problem.Write(w, r, err)
	return w
}

func decode(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc), w.Body.String())
	return doc
}

func TestAFaultIsAnsweredWithItsCodeItsFactsAndTheStatusOfTheCatalog(t *testing.T) {
	log := captureLog(t)
	err := fault.New("insufficient_stock", "Not enough stock.").
		With(fault.Field{Pointer: "/lines/0", Code: "insufficient_stock", Members: map[string]any{"available": 3}}).
		Member("checkout_id", "co_1")

	w := write(request(requestID), fmt.Errorf("reserve: %w", err))

	assert.Equal(t, http.StatusConflict, w.Code)
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	doc := decode(t, w)
	assert.NotEmpty(t, doc["title"])
	delete(doc, "title")
	assert.Equal(t, map[string]any{
		"type":        "/errors/insufficient_stock",
		"status":      409.0,
		"detail":      "Not enough stock.",
		"instance":    "urn:uuid:" + requestID,
		"code":        "insufficient_stock",
		"request_id":  requestID,
		"checkout_id": "co_1",
		"errors":      []any{map[string]any{"pointer": "/lines/0", "code": "insufficient_stock", "available": 3.0}},
	}, doc)
	assert.Empty(t, log.String(), "a client's own mistake is not logged")
}

func TestS35AnErrorNobodyCodedIsLoggedAndNotTold(t *testing.T) {
	log := captureLog(t)

	w := write(request(requestID), fmt.Errorf("select from catalog.products: %w", errors.New("pq: relation missing")))

	assert.Equal(t, http.StatusInternalServerError, w.Code)
	doc := decode(t, w)
	assert.Equal(t, "internal_error", doc["code"])
	assert.Equal(t, requestID, doc["request_id"])
	for _, secret := range []string{"pq", "select", "catalog", "s3cr3t", "/store"} {
		assert.NotContains(t, w.Body.String(), secret)
	}
	assert.Contains(t, log.String(), "pq: relation missing")
	assert.Contains(t, log.String(), requestID)
	assert.NotContains(t, log.String(), "s3cr3t")
}

func TestTheCauseOfAFaultIsNotTold(t *testing.T) {
	captureLog(t)

	w := write(request(requestID), fault.New("unavailable", "Try again.").Wrap(errors.New("dial 10.0.0.7: refused")))

	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.NotContains(t, w.Body.String(), "10.0.0.7")
}

func TestACodeMissingFromTheCatalogIsAnInternalError(t *testing.T) {
	log := captureLog(t)

	w := write(request(requestID), fault.New("never_listed", "Hello."))

	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Equal(t, "internal_error", decode(t, w)["code"])
	assert.NotContains(t, w.Body.String(), "Hello")
	assert.Contains(t, log.String(), "Hello")
}

func TestFactsOfAFaultDoNotReplaceTheMembersOfTheStandard(t *testing.T) {
	captureLog(t)
	err := fault.New("not_found", "No such cart.").
		Member("status", 200).Member("code", "fine").Member("instance", "/etc").Member("errors", "none").
		With(fault.Field{Pointer: "/a", Code: "required", Members: map[string]any{"pointer": "/b"}})

	doc := decode(t, write(request(requestID), err))

	assert.EqualValues(t, 404, doc["status"])
	assert.Equal(t, "not_found", doc["code"])
	assert.Equal(t, "urn:uuid:"+requestID, doc["instance"])
	assert.Equal(t, []any{map[string]any{"pointer": "/a", "code": "required"}}, doc["errors"])
}

func TestMembersThatJSONCannotSayAreLeftOut(t *testing.T) {
	log := captureLog(t)

	doc := decode(t, write(request(requestID), fault.New("not_found", "No such cart.").Member("x", make(chan int))))

	assert.Equal(t, "not_found", doc["code"])
	assert.NotContains(t, doc, "x")
	assert.Contains(t, log.String(), "cannot be written")
}

func TestTheInstanceNamesTheRequestInEveryForm(t *testing.T) {
	captureLog(t)
	for id, want := range map[string]any{
		requestID:     "urn:uuid:" + requestID,
		"trace.42_a-": "urn:rialto:request:trace.42_a-",
		"":            nil,
	} {
		doc := decode(t, write(request(id), fault.New("not_found", "")))
		assert.Equal(t, want, doc["instance"])
	}
}

func TestAClientThatWentAwayGetsNoBodyAndIsNoError(t *testing.T) {
	log := captureLog(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := request(requestID).WithContext(ctx)

	w := write(r, fault.New("unavailable", "").Wrap(fmt.Errorf("query: %w", context.Canceled)))

	assert.Equal(t, 499, w.Code)
	assert.Empty(t, w.Body.String())
	assert.Contains(t, log.String(), `"level":"DEBUG"`)
	assert.NotContains(t, log.String(), `"level":"ERROR"`)
}

func TestACancellationWhileTheClientWaitsIsAnInternalError(t *testing.T) {
	captureLog(t)

	w := write(request(requestID), context.Canceled)

	assert.Equal(t, http.StatusInternalServerError, w.Code)
}

func TestAnExceededDeadlineIsATimeoutToRepeat(t *testing.T) {
	captureLog(t)
	expired, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()

	for name, w := range map[string]*httptest.ResponseRecorder{
		"said so":                write(request(requestID), fmt.Errorf("query: %w", context.DeadlineExceeded)),
		"said to be canceled":    write(request(requestID).WithContext(expired), context.Canceled),
		"a deadline of its own":  write(request(requestID), context.DeadlineExceeded),
		"wrapped and in a fault": write(request(requestID), fmt.Errorf("x: %w", errors.Join(io.EOF, context.DeadlineExceeded))),
	} {
		assert.Equal(t, http.StatusServiceUnavailable, w.Code, name)
		assert.Equal(t, "timeout", decode(t, w)["code"], name)
		assert.NotEmpty(t, w.Header().Get("Retry-After"), name)
	}
}

func TestProblemsToRepeatLaterSayWhen(t *testing.T) {
	captureLog(t)
	for _, code := range []string{"unavailable", "overloaded", "rate_limited", "idempotency_in_progress", "timeout", "payments_unavailable"} {
		w := write(request(requestID), fault.New(code, ""))
		assert.Regexp(t, `^[1-9]\d*$`, w.Header().Get("Retry-After"), code)
	}
	assert.Empty(t, write(request(requestID), fault.New("not_found", "")).Header().Get("Retry-After"))
}

func TestWhoeverKnowsTheWaitBetterIsHeard(t *testing.T) {
	captureLog(t)
	w := httptest.NewRecorder()
	w.Header().Set("Retry-After", "77")

	problem.Write(w, request(requestID), fault.New("rate_limited", ""))

	assert.Equal(t, "77", w.Header().Get("Retry-After"))
}

func TestA401NamesTheSchemeToUse(t *testing.T) {
	w := write(request(requestID), fault.New("unauthenticated", ""))

	assert.Equal(t, http.StatusUnauthorized, w.Code)
	assert.Equal(t, `Bearer realm="rialto"`, w.Header().Get("WWW-Authenticate"))
}

func TestHeadersOfTheUnfinishedAnswerAreTakenBack(t *testing.T) {
	w := httptest.NewRecorder()
	for _, name := range []string{"ETag", "Content-Length", "Content-Encoding", "Last-Modified", "Location"} {
		w.Header().Set(name, "5")
	}
	w.Header().Set("X-Request-Id", requestID)

	problem.Write(w, request(requestID), fault.New("not_found", ""))

	for _, name := range []string{"ETag", "Content-Length", "Content-Encoding", "Last-Modified", "Location"} {
		assert.Empty(t, w.Header().Get(name), name)
	}
	assert.Equal(t, requestID, w.Header().Get("X-Request-Id"))
}

func TestABodyOverItsLimitIsTooLarge(t *testing.T) {
	r := request(requestID)
	body := http.MaxBytesReader(nil, io.NopCloser(bytes.NewReader(make([]byte, 11))), 10)
	_, err := io.ReadAll(body)

	w := write(r, fmt.Errorf("read body: %w", err))

	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	assert.Equal(t, "payload_too_large", decode(t, w)["code"])
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s statusWriter) Status() int { return s.status }

type wrapper struct{ http.ResponseWriter }

func (s wrapper) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func TestAnAnswerThatHasBegunIsNotAnsweredAgain(t *testing.T) {
	log := captureLog(t)
	recorder := httptest.NewRecorder()

	problem.Write(wrapper{statusWriter{recorder, 200}}, request(requestID), io.ErrClosedPipe)

	assert.Empty(t, recorder.Body.String())
	assert.Contains(t, log.String(), "answer broke off")

	problem.Write(wrapper{statusWriter{recorder, 0}}, request(requestID), io.ErrClosedPipe)

	assert.NotEmpty(t, recorder.Body.String())
}
