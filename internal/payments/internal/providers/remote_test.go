package providers_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/payments/internal/providers"
)

const held = `{"id":"auth_1","account":"acct_1","mode":"test","reference":"co_1","amount":100,"currency":"EUR","status":"authorized","captured":0,"refunded":0}`

// wire is a provider that answers as a test wants, and notes what it was asked.
type wire struct {
	*providers.Remote
	server *httptest.Server

	mu    sync.Mutex
	asked []string
}

// dial serves answer; n counts requests from 1.
func dial(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *wire {
	t.Helper()
	p := &wire{}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		p.asked = append(p.asked, strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), string(body)}, " "))
		n := len(p.asked)
		p.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer sk" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(n, w, r)
	}))
	t.Cleanup(p.server.Close)
	p.Remote = providers.NewRemote(config(p.server.URL))
	return p
}

func config(url string) providers.Config {
	return providers.Config{URL: url, Key: "sk", Account: "acct_1", Mode: "test", Timeout: time.Second}
}

func (p *wire) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

func answers(status int, body string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func wanted() paying.Authorization {
	return paying.Authorization{Key: "key-1", Reference: "co_1", Amount: money.MustNew(100, "EUR"), Token: "tok", ReturnURL: "https://shop.example/"}
}

func transfer() paying.Transfer {
	return paying.Transfer{Key: "move-1", Authorization: "key-1", ProviderRef: "auth_1", Amount: money.MustNew(60, "EUR")}
}

func TestAnAuthorizationIsAskedForAsTheProtocolSays(t *testing.T) {
	p := dial(t, answers(http.StatusCreated, held))

	word, err := p.Authorize(t.Context(), wanted())

	require.NoError(t, err)
	require.Equal(t, attempt.Word{Status: attempt.SaysAuthorized, ID: "auth_1", Reference: "co_1", Currency: "EUR", Amount: 100, DeclineCode: "declined"}, word)
	require.Equal(t, []string{`POST /v1/authorizations key-1 {"amount":100,"currency":"EUR","reference":"co_1","return_url":"https://shop.example/","token":"tok"}`}, p.requests())
}

func TestWhatAProviderSaysIsUnderstood(t *testing.T) {
	for status, want := range map[string]attempt.Word{
		`"status":"declined","decline_code":"insufficient_funds"`: {Status: attempt.SaysDeclined, DeclineCode: "insufficient_funds"},
		`"status":"declined","decline_code":"<b>"`:                {Status: attempt.SaysDeclined, DeclineCode: "declined"},
		`"status":"pending"`:                                      {Status: attempt.SaysPending, DeclineCode: "declined"},
		`"status":"voided"`:                                       {Status: attempt.SaysVoided, DeclineCode: "declined"},
		`"status":"expired"`:                                      {Status: attempt.SaysExpired, DeclineCode: "declined"},
		`"status":"action_required","redirect_url":"https://bank.example/1","expires_at":"2026-11-02T09:30:00+01:00"`: {Status: attempt.SaysActionRequired,
			DeclineCode: "declined", ActionURL: "https://bank.example/1", ExpiresAt: time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC)},
	} {
		p := dial(t, answers(http.StatusOK, strings.Replace(held, `"status":"authorized"`, status, 1)))

		word, err := p.Find(t.Context(), paying.Lookup{Key: "key-1"})

		require.NoError(t, err)
		want.ID, want.Reference, want.Currency, want.Amount = "auth_1", "co_1", "EUR", 100
		require.Equal(t, want, word)
		require.Equal(t, []string{"GET /v1/authorizations?key=key-1  "}, p.requests())
	}
}

func TestAWordForAnotherShopIsMarked(t *testing.T) {
	for from, to := range map[string]string{`"acct_1"`: "account", `"test"`: "mode"} {
		p := dial(t, answers(http.StatusCreated, strings.Replace(held, from, `"other"`, 1)))

		word, err := p.Authorize(t.Context(), wanted())

		require.NoError(t, err)
		require.Equal(t, to, word.Foreign)
	}
}

func TestMoneyIsMovedByTheKeyOfItsMovement(t *testing.T) {
	p := dial(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			answers(http.StatusOK, held)(n, w, r)
			return
		}
		answers(http.StatusCreated, `{"id":"cap_1","authorization":"auth_1","amount":60,"currency":"EUR","status":"succeeded"}`)(n, w, r)
	})
	unnamed := transfer()
	unnamed.ProviderRef = ""

	require.NoError(t, p.Capture(t.Context(), transfer()))
	require.NoError(t, p.Refund(t.Context(), unnamed))

	require.Equal(t, []string{
		`POST /v1/authorizations/auth_1/captures move-1 {"amount":60,"currency":"EUR"}`,
		`GET /v1/authorizations?key=key-1  `,
		`POST /v1/authorizations/auth_1/refunds move-1 {"amount":60,"currency":"EUR"}`,
	}, p.requests())
}

func TestAnotherMovementThanTheOneAskedForIsNotBelieved(t *testing.T) {
	for _, body := range []string{`{"amount":61,"currency":"EUR","status":"succeeded"}`, `{"amount":60,"currency":"USD","status":"succeeded"}`,
		`{"amount":60,"currency":"EUR","status":"pending"}`} {
		p := dial(t, answers(http.StatusCreated, body))

		err := p.Capture(t.Context(), transfer())

		var no *paying.Refusal
		require.Error(t, err)
		require.False(t, errors.As(err, &no))
	}
}

func TestRefusalsAreToldApart(t *testing.T) {
	for code, want := range map[string]string{"exceeds_authorized": paying.RefusedExceeds, "exceeds_captured": paying.RefusedExceeds,
		"not_capturable": paying.RefusedState, "key_reused": "key_reused"} {
		p := dial(t, answers(http.StatusConflict, fmt.Sprintf(`{"code":%q}`, code)))

		err := p.Capture(t.Context(), transfer())

		var no *paying.Refusal
		require.ErrorAs(t, err, &no)
		require.Equal(t, want, no.Code)
		require.Len(t, p.requests(), 1)
	}
}

func TestNothingThereIsTheProvidersWordOnly(t *testing.T) {
	p := dial(t, answers(http.StatusNotFound, `{"code":"not_found","detail":"no"}`))
	_, err := p.Find(t.Context(), paying.Lookup{Key: "k"})
	require.ErrorIs(t, err, paying.ErrNothingThere)

	var no *paying.Refusal
	_, err = p.Void(t.Context(), paying.Voiding{Key: "void-k", Authorization: "k"})
	require.ErrorAs(t, err, &no)

	somebodyElse := dial(t, answers(http.StatusNotFound, `<html>`))
	_, err = somebodyElse.Find(t.Context(), paying.Lookup{Key: "k"})
	require.Error(t, err)
	require.NotErrorIs(t, err, paying.ErrNothingThere)
}

func TestAnActionThatIsNoWebPageIsNoAnswer(t *testing.T) {
	p := dial(t, answers(http.StatusCreated, strings.Replace(held, `"status":"authorized"`, `"status":"action_required","redirect_url":"javascript:alert(1)"`, 1)))

	_, err := p.Authorize(t.Context(), wanted())

	require.Error(t, err)
}
