package paymentsmod_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments/paymentsmod"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const (
	oldSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	noSecret  = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// hooked is the module behind a router, with a provider that nobody asks.
type hooked struct {
	*paymentsmod.Module
	db     *testdb.Database
	router chi.Router
}

func openHooked(t *testing.T) hooked {
	t.Helper()
	secrets, err := paymentsmod.ParseEventSecrets(oldSecret + "," + newSecret)
	require.NoError(t, err)
	h := hooked{db: testdb.New(t), router: chi.NewRouter()}
	h.Module = paymentsmod.New(paymentsmod.Deps{DB: h.db.Module("payments"), Outbox: outbox.New("payments", nil, ids.New), NewID: ids.New,
		Cursors: pagination.NewCodec([]byte("key")), Provider: paymentsmod.Provider{URL: "http://127.0.0.1:1", Key: "k", Account: "acct_test", Mode: "test",
			Timeout: time.Second, EventSecrets: secrets}})
	h.Mount(h.router)
	return h
}

// event is a rightly signed one; change spoils the request.
func (h hooked) event(t *testing.T, id, secret string, at time.Time, change func(*http.Request)) int {
	t.Helper()
	body := []byte(`{"id":"evt","spaces" : "stay as they are"}`)
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	signature, err := signer.Sign(id, at, body)
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, "/hooks/v1/payments/fake", bytes.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	change(r)
	w := httptest.NewRecorder()
	h.router.ServeHTTP(w, r)
	return w.Code
}

func (h hooked) stored(t *testing.T) int {
	t.Helper()
	var n int
	require.NoError(t, h.db.Admin().Get(t.Context(), &n, `SELECT count(*) FROM payments.provider_events`))
	return n
}

func unchanged(*http.Request) {}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestS20OnlyRightlySignedEventsAreTaken(t *testing.T) {
	h := openHooked(t)
	now := time.Now()
	for name, status := range map[string]int{
		"missing signature": h.event(t, "a", oldSecret, now, func(r *http.Request) { r.Header.Del("webhook-signature") }),
		"missing timestamp": h.event(t, "a", oldSecret, now, func(r *http.Request) { r.Header.Del("webhook-timestamp") }),
		"missing id":        h.event(t, "a", oldSecret, now, func(r *http.Request) { r.Header.Del("webhook-id") }),
		"empty signature":   h.event(t, "a", oldSecret, now, with("webhook-signature", "")),
		"wrong signature":   h.event(t, "a", oldSecret, now, with("webhook-signature", "v1,"+strings.Repeat("A", 43)+"=")),
		"empty v1":          h.event(t, "a", oldSecret, now, with("webhook-signature", "v1,")),
		"v0": h.event(t, "a", oldSecret, now, func(r *http.Request) {
			r.Header.Set("webhook-signature", strings.Replace(r.Header.Get("webhook-signature"), "v1,", "v0,", 1))
		}),
		"other body": h.event(t, "a", oldSecret, now, func(r *http.Request) {
			r.Body = http.NoBody
		}),
		"other id":        h.event(t, "a", oldSecret, now, with("webhook-id", "b")),
		"other timestamp": h.event(t, "a", oldSecret, now, with("webhook-timestamp", strconv.FormatInt(now.Unix()+1, 10))),
		"odd timestamp":   h.event(t, "a", oldSecret, now, with("webhook-timestamp", "now")),
		"other secret":    h.event(t, "a", noSecret, now, unchanged),
		"old":             h.event(t, "a", oldSecret, now.Add(-6*time.Minute), unchanged),
		"from tomorrow":   h.event(t, "a", oldSecret, now.Add(24*time.Hour), unchanged),
		"S22 an hour old": h.event(t, "a", oldSecret, now.Add(-time.Hour), unchanged),
		"S22 a month old": h.event(t, "a", oldSecret, now.Add(-30*24*time.Hour), unchanged),
	} {
		require.Equal(t, http.StatusUnauthorized, status, name)
	}
	require.Zero(t, h.stored(t))

	require.Equal(t, http.StatusNoContent, h.event(t, "a", oldSecret, now, unchanged))
	require.Equal(t, http.StatusNoContent, h.event(t, "a", oldSecret, now.Add(time.Minute), unchanged), "sent again")
	require.Equal(t, http.StatusNoContent, h.event(t, "b", newSecret, now, unchanged), "while secrets rotate")
	require.Equal(t, http.StatusNoContent, h.event(t, "c", newSecret, now, func(r *http.Request) {
		r.Header.Set("webhook-signature", "v1,AAAA v2,x "+r.Header.Get("webhook-signature"))
	}), "one of several signatures")
	require.Equal(t, 3, h.stored(t))
	var body string
	require.NoError(t, h.db.Admin().Get(t.Context(), &body, `SELECT convert_from(body, 'UTF8') FROM payments.provider_events WHERE event_id = 'a'`))
	require.Equal(t, `{"id":"evt","spaces" : "stay as they are"}`, body)
}

func TestAnEventForNobodyOrOfTooManyBytesIsRefused(t *testing.T) {
	h := openHooked(t)
	for path, want := range map[string]int{"/hooks/v1/payments/manual": http.StatusNotFound, "/hooks/v1/payments/other": http.StatusNotFound} {
		w := httptest.NewRecorder()
		h.router.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}")))
		require.Equal(t, want, w.Code, path)
	}
	w := httptest.NewRecorder()
	h.router.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/hooks/v1/payments/fake", strings.NewReader(strings.Repeat(" ", 64<<10+1))))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Zero(t, h.stored(t))
}

func TestSecretsThatAreNoneAreRefused(t *testing.T) {
	for _, list := range []string{"", "secret", "whsec_", "whsec_AAAA", "whsec_???", oldSecret + ",", oldSecret[6:]} {
		_, err := paymentsmod.ParseEventSecrets(list)
		require.Error(t, err, list)
		if len(list) > 8 {
			require.NotContains(t, err.Error(), list[7:])
		}
	}
}

func (h hooked) ask(t *testing.T, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.router.ServeHTTP(w, r)
	return w
}

func TestReviewsAreListedAndResolvedOnce(t *testing.T) {
	h := openHooked(t)
	for i := range 3 {
		require.Equal(t, http.StatusNoContent, h.event(t, fmt.Sprint("evt_", i), oldSecret, time.Now(), unchanged))
	}
	_, err := h.Work(t.Context())
	require.NoError(t, err)

	first := h.ask(t, http.MethodGet, "/admin/v1/payment-reviews?limit=2&total=true", "")
	require.Contains(t, first.Body.String(), `"total":3`)
	require.Equal(t, 2, strings.Count(first.Body.String(), `"event_unreadable"`))
	id := first.Body.String()[strings.Index(first.Body.String(), "prv_"):][:30]
	resolved := h.ask(t, http.MethodPost, "/admin/v1/payment-reviews/"+id+"/resolution", `{"note":"Not ours."}`)
	again := h.ask(t, http.MethodPost, "/admin/v1/payment-reviews/"+id+"/resolution", `{"note":"Twice."}`)

	require.Equal(t, http.StatusOK, resolved.Code)
	require.Equal(t, resolved.Body.String(), again.Body.String())
	require.Contains(t, resolved.Body.String(), `"status":"resolved"`)
	require.Equal(t, 2, strings.Count(h.ask(t, http.MethodGet, "/admin/v1/payment-reviews?status=open", "").Body.String(), `"prv_`))
	require.Equal(t, 1, strings.Count(h.ask(t, http.MethodGet, "/admin/v1/payment-reviews?status=resolved", "").Body.String(), `"prv_`))
	require.Equal(t, http.StatusNotFound, h.ask(t, http.MethodPost, "/admin/v1/payment-reviews/prv_x/resolution", `{"note":"n"}`).Code)
	require.Equal(t, http.StatusNotFound, h.ask(t, http.MethodPost, "/admin/v1/payment-reviews/"+ids.Encode("prv", ids.New())+"/resolution", `{"note":"n"}`).Code)
}
