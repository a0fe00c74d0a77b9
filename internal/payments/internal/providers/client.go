package providers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// Config says which provider to speak to, and as whom.
type Config struct {
	// URL is where the provider's API is, without a slash at its end.
	URL string
	// Key is the secret that the provider knows this shop by.
	Key string
	// Account and Mode are what everything the provider says must bear.
	Account string
	Mode    string
	// Timeout is how long a question may take, with all its tries.
	Timeout time.Duration
}

const (
	// tries is how often a question is asked within its time.
	tries = 3
	// firstPause is the longest pause before the second try; it doubles. Each is random, so that those who failed together
	// do not come back together.
	firstPause = 200 * time.Millisecond
	// maxAnswer is how much of an answer is read, in bytes.
	maxAnswer = 64 << 10
	// tripAfter is after how many failures in a row the provider counts as down, and openFor how long it is then left alone.
	tripAfter = 5
	openFor   = 5 * time.Second
	// probeLimit is how long a provider that was down may take to show that it is back.
	probeLimit = time.Second
	// manyConnections bounds what one process asks at the same time.
	manyConnections = 64
	idleConnections = 16
	idleLimit       = time.Minute
	// longestWait bounds how long a provider can have itself left alone.
	longestWait = time.Hour
)

// Remote is a provider over HTTP. Whether it is down each process finds out for itself.
type Remote struct {
	cfg     Config
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[reply]
}

// NewRemote makes the client; it connects when it is first asked.
func NewRemote(cfg Config) *Remote {
	transport := &http.Transport{MaxConnsPerHost: manyConnections, MaxIdleConnsPerHost: idleConnections, IdleConnTimeout: idleLimit,
		TLSHandshakeTimeout: cfg.Timeout, DisableCompression: true, ForceAttemptHTTP2: true}
	return &Remote{
		cfg: cfg,
		http: &http.Client{Transport: transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		breaker: gobreaker.NewCircuitBreaker[reply](gobreaker.Settings{
			Name: cfg.URL, Timeout: openFor,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
			IsExcluded:  func(err error) bool { return errors.Is(err, context.Canceled) },
			OnStateChange: func(_ string, from, to gobreaker.State) {
				slog.Warn("payment provider", "was", from.String(), "is", to.String())
			},
		}),
	}
}

// question is one request, however often it is sent. Only one that changes something has a key.
type question struct {
	method, path, key string
	body              map[string]any
}

// reply is an answer that the provider itself gave: it did what was asked, or refused.
type reply struct {
	status int
	data   []byte
}

// Ready implements paying.Provider. A provider that was down is asked something harmless first, by one caller at a time;
// everybody else keeps away until it has answered.
func (r *Remote) Ready(ctx context.Context) error {
	switch r.breaker.State() {
	case gobreaker.StateClosed:
		return nil
	case gobreaker.StateOpen:
		return payments.ErrPaymentsUnavailable
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	probe := question{method: http.MethodGet, path: "/v1/authorizations?key=probe"}
	if _, err := r.breaker.Execute(func() (reply, error) { return r.send(ctx, probe, new(atomic.Bool)) }); err != nil {
		return payments.ErrPaymentsUnavailable.Wrap(err)
	}
	return nil
}

// ask sends a question until it is answered, its time is over, or it has been sent often enough.
func (r *Remote) ask(ctx context.Context, q question) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	var sent atomic.Bool
	for try := 1; ; try++ {
		got, err := r.breaker.Execute(func() (reply, error) { return r.send(ctx, q, &sent) })
		if err == nil {
			return got.read()
		}
		down := errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests)
		if down || try == tries || !r.pause(ctx, try, err) {
			return nil, silence(err, sent.Load())
		}
	}
}

// read is what the answer says.
func (got reply) read() ([]byte, error) {
	if got.status < http.StatusMultipleChoices {
		return got.data, nil
	}
	return nil, refusal(got.data)
}

// silence is the error of a question that was not answered.
func silence(err error, sent bool) error {
	if !sent {
		return fmt.Errorf("%w: %w", paying.ErrNotSent, err)
	}
	return err
}

// pause waits before another try, as long as the provider wants it to, and answers false when there is no time for one.
func (r *Remote) pause(ctx context.Context, try int, cause error) bool {
	wait := rand.N(firstPause << (try - 1))
	var asked *paying.Unanswered
	if errors.As(cause, &asked) {
		wait += asked.After
	}
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) <= wait {
		return false
	}
	return periodic.Pause(ctx, wait)
}

// send sends a question once. An error means that the provider has not answered it; sent is set when it may have got it.
func (r *Remote) send(ctx context.Context, q question, sent *atomic.Bool) (reply, error) {
	body, err := q.encode()
	if err != nil {
		return reply{}, fmt.Errorf("encode request: %w", err)
	}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	req, err := http.NewRequestWithContext(traced, q.method, r.cfg.URL+q.path, body)
	if err != nil {
		return reply{}, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.cfg.Key)
	req.Header.Set("Accept", "application/json")
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", q.key)
	}
	res, err := r.http.Do(req)
	if err != nil {
		return reply{}, &paying.Unanswered{Cause: err}
	}
	defer func() { _ = res.Body.Close() }()
	return receive(ctx, res)
}

func receive(ctx context.Context, res *http.Response) (reply, error) {
	if err := failpoint.Hit(ctx, "payments.answered_unread"); err != nil {
		return reply{}, &paying.Unanswered{Cause: err}
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return reply{}, &paying.Unanswered{Cause: err}
	case !answered(res, data):
		return reply{}, &paying.Unanswered{After: retryAfter(res), Cause: fmt.Errorf("status %d with %d bytes", res.StatusCode, len(data))}
	}
	return reply{status: res.StatusCode, data: data}, nil
}

// answered says whether this is the provider's word: JSON of a sensible size, with a status that tells what was done. One
// that does not let this shop in, is too busy, or sends it elsewhere has said nothing.
func answered(res *http.Response, data []byte) bool {
	switch res.StatusCode {
	case http.StatusOK, http.StatusCreated:
		return len(data) <= maxAnswer && isObject(data)
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
		var no *paying.Refusal
		return len(data) <= maxAnswer && errors.As(refusal(data), &no)
	default:
		return false
	}
}

func isObject(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) && json.Valid(data)
}

// retryAfter is how long the provider wants to be left alone, in whole seconds as it said; a date is not understood.
func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
}
