package contract_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

// answering serves GET /things with handler, its answers checked or not.
func answering(t *testing.T, checked bool, handler http.HandlerFunc) http.Handler {
	t.Helper()
	c, err := contract.Load([]byte(document), contract.Options{CheckResponses: checked})
	require.NoError(t, err)
	router := chi.NewRouter()
	router.With(c.Middlewares(authenticate)...).Get("/things", handler)
	return router
}

func fetch(h http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	w.Header().Set("X-Before", "1")
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/things", nil))
	return w
}

func send(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		for i := 0; i < len(headers); i += 2 {
			if headers[i+1] == "" {
				w.Header().Del(headers[i])
				continue
			}
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

func TestAnswersTheDocumentAllowsAreSentAsTheyAre(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"body":            send(200, jsonType, `{"name":"ab","quantity":7}`, "X-Total", "3"),
		"charset":         send(200, jsonType+"; charset=utf-8", `{}`),
		"no content":      send(204, "", ""),
		"not modified":    send(304, "", ""),
		"problem":         send(404, problemType, `{"code":"not_found"}`),
		"range of status": send(418, problemType, `{"code":"teapot"}`),
		"implicit 200": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", "1")
			w.Header().Set("Content-Type", jsonType)
			_, _ = w.Write([]byte(`{}`))
		},
	} {
		plain, checked := fetch(answering(t, false, handler)), fetch(answering(t, true, handler))
		assert.Equal(t, plain.Code, checked.Code, name+checked.Body.String())
		assert.Equal(t, plain.Body.String(), checked.Body.String(), name)
		assert.Equal(t, plain.Header(), checked.Header(), name)
		assert.Equal(t, "1", checked.Header().Get("X-Before"), name)
	}
}

func TestAnAnswerTheDocumentDoesNotAllowBecomesA500(t *testing.T) {
	for name, attempt := range map[string]struct {
		handler http.HandlerFunc
		reason  string
	}{
		"status":             {send(201, jsonType, `{}`), "status is not documented"},
		"5xx":                {send(502, problemType, `{"code":"x"}`), "status is not documented"},
		"content type":       {send(200, "text/html", `{}`), "content type"},
		"no content type":    {send(200, "", `{}`), "content type"},
		"problem as JSON":    {send(404, jsonType, `{"code":"x"}`), "content type"},
		"plain text error":   {send(404, "text/plain; charset=utf-8", `404 page not found`), "content type"},
		"not JSON":           {send(200, jsonType, `<html>`), "not valid JSON"},
		"no body":            {send(200, jsonType, ``), "empty"},
		"two values":         {send(200, jsonType, `{}{}`), "goes on"},
		"type":               {send(200, jsonType, `{"quantity":"7"}`), "must be an integer"},
		"range":              {send(200, jsonType, `{"quantity":0}`), "at least 1"},
		"enum":               {send(200, jsonType, `{"kind":"huge"}`), "must be one of small large"},
		"null":               {send(200, jsonType, `{"name":null}`), "must not be null"},
		"required":           {send(404, problemType, `{}`), "is required"},
		"body where none is": {send(204, jsonType, `{}`), "none is documented"},
		"header missing":     {send(200, jsonType, `{}`, "ETag", ""), "ETag is missing"},
		"header wrong":       {send(200, jsonType, `{}`, "X-Total", "many"), "X-Total must be an integer"},
	} {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		got := fetch(answering(t, true, attempt.handler))
		slog.SetDefault(before)

		assert.Equal(t, http.StatusInternalServerError, got.Code, name)
		assert.Equal(t, problemType, got.Header().Get("Content-Type"), name)
		assert.Contains(t, got.Body.String(), "internal_error", name)
		assert.NotContains(t, got.Body.String(), attempt.reason, name)
		assert.Empty(t, got.Header().Get("ETag"), name)
		assert.Equal(t, "1", got.Header().Get("X-Before"), name)
		assert.Contains(t, log.String(), attempt.reason, name)
		assert.Contains(t, log.String(), "GET /things", name)
	}
}

func TestProductionDoesNotHoldAnswersBack(t *testing.T) {
	got := fetch(answering(t, false, send(201, "text/html", "<html>")))

	assert.Equal(t, http.StatusCreated, got.Code)
}

func TestProblemsOfTheMiddlewaresAreCheckedToo(t *testing.T) {
	h := answering(t, true, func(http.ResponseWriter, *http.Request) {})
	w := httptest.NewRecorder()

	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/things?limit=0", nil))

	assert.Equal(t, http.StatusBadRequest, w.Code, "400 is documented as 4XX")
}

func TestAFlushLeavesWithTheAnswer(t *testing.T) {
	w := fetch(answering(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		assert.NoError(t, http.NewResponseController(w).Flush())
		send(http.StatusUnprocessableEntity, problemType, `{"type":"/errors/x","title":"x","status":422,"code":"x"}`)(w, r)
	}))

	assert.NotEqual(t, http.StatusOK, w.Code)
}

func TestAHandlerMayReplaceHeadersSetBeforeIt(t *testing.T) {
	h := answering(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Before", "2")
		w.Header().Set("ETag", `"1"`)
		problem.Write(w, r, fault.New("not_found", ""))
	})

	got := fetch(h)

	assert.Equal(t, http.StatusNotFound, got.Code)
	assert.Equal(t, "2", got.Header().Get("X-Before"))
	assert.Empty(t, got.Header().Get("ETag"), "removed by the problem")
}

func TestAHandlerMayRemoveHeadersSetBeforeIt(t *testing.T) {
	h := answering(t, true, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Del("X-Before")
		w.WriteHeader(http.StatusNoContent)
	})

	got := fetch(h)

	assert.Equal(t, http.StatusNoContent, got.Code)
	assert.Empty(t, got.Header().Get("X-Before"))
}

func TestAnAnswerToAClientThatWentAwayIsNotChecked(t *testing.T) {
	h := answering(t, true, func(w http.ResponseWriter, r *http.Request) { problem.Write(w, r, r.Context().Err()) })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := httptest.NewRecorder()

	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/things", nil).WithContext(ctx))

	assert.Equal(t, 499, w.Code)
}
