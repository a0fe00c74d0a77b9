package providers_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/payments/internal/providers"
)

func TestF18AQuestionThatIsNotAnsweredIsRepeatedWithTheSameKey(t *testing.T) {
	for name, fail := range map[string]func(w http.ResponseWriter){
		"500":         func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"503":         func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"429":         func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"broken JSON": func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"id":`) },
		"no object":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, `[]`) },
		"endless":     func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"id":"`+strings.Repeat("x", 70<<10)+`"}`) },
		"hangs up":    func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"moved": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"no such proxy": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			p := dial(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if n < 3 {
					fail(w)
					return
				}
				answers(http.StatusCreated, held)(n, w, r)
			})

			word, err := p.Authorize(t.Context(), wanted())

			require.NoError(t, err)
			require.Equal(t, attempt.SaysAuthorized, word.Status)
			asked := p.requests()
			require.Len(t, asked, 3)
			require.Equal(t, asked[0], asked[1])
			require.Equal(t, asked[0], asked[2])
		})
	}
}

func TestF18TriesAreCappedAndNothingIsKnownAfterThem(t *testing.T) {
	p := dial(t, answers(http.StatusBadGateway, ""))

	_, err := p.Authorize(t.Context(), wanted())

	require.Error(t, err)
	require.NotErrorIs(t, err, paying.ErrNotSent)
	require.NotErrorIs(t, err, paying.ErrNothingThere)
	require.Len(t, p.requests(), 3)
}

func TestF18AWaitThatTheProviderWantsAndThatIsTooLongEndsTheTries(t *testing.T) {
	p := dial(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	})

	_, err := p.Authorize(t.Context(), wanted())

	var unanswered *paying.Unanswered
	require.ErrorAs(t, err, &unanswered)
	require.Equal(t, 30*time.Second, unanswered.After)
	require.Len(t, p.requests(), 1)
}

func TestF13ASilentProviderIsWaitedForNoLongerThanItsTime(t *testing.T) {
	p := dial(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	began := time.Now()

	_, err := p.Authorize(t.Context(), wanted())

	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, paying.ErrNotSent)
	require.Less(t, time.Since(began), 2*time.Second)
}

func TestF18WhatSurelyNeverReachedTheProviderIsTold(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	unknownIssuer := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknownIssuer.Config.ErrorLog = nil
	unknownIssuer.StartTLS()
	t.Cleanup(unknownIssuer.Close)
	for name, url := range map[string]string{"refused": closed.URL, "TLS": unknownIssuer.URL} {
		_, err := providers.NewRemote(config(url)).Authorize(t.Context(), wanted())

		require.ErrorIs(t, err, paying.ErrNotSent, name)
	}
}

func TestF19AProviderThatIsDownIsLeftAloneAndProbedByOne(t *testing.T) {
	back := make(chan struct{})
	p := dial(t, func(n int, w http.ResponseWriter, r *http.Request) {
		select {
		case <-back:
			answers(http.StatusNotFound, `{"code":"not_found"}`)(n, w, r)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	require.NoError(t, p.Ready(t.Context()))
	for range 2 {
		_, err := p.Authorize(t.Context(), wanted())
		require.Error(t, err)
	}
	before := len(p.requests())

	for range 50 {
		require.ErrorIs(t, p.Ready(t.Context()), payments.ErrPaymentsUnavailable)
		_, err := p.Authorize(t.Context(), wanted())
		require.ErrorIs(t, err, paying.ErrNotSent)
	}
	require.Len(t, p.requests(), before, "nobody asks while it is down")
	close(back)
	require.Eventually(t, func() bool {
		asked := len(p.requests())
		var ready sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			ready.Go(func() { errs[i] = p.Ready(t.Context()) })
		}
		ready.Wait()
		assert.LessOrEqual(t, len(p.requests()), asked+1, "one asks whether it is back")
		return errors.Join(errs...) == nil
	}, 15*time.Second, 50*time.Millisecond)

	require.Equal(t, "GET /v1/authorizations?key=probe  ", p.requests()[before])
}

func TestOthersAreNotPunishedForAShopperWhoLeft(t *testing.T) {
	p := dial(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for range 10 {
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, leave)
		_, err := p.Authorize(ctx, wanted())
		require.Error(t, err)
	}

	require.NoError(t, p.Ready(t.Context()))
}
