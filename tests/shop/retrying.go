package shop

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	checkouts = "/store/v1/checkouts"
	// oneTry is a little more than a server takes for any request.
	oneTry       = 12 * time.Second
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Second
)

// CompleteUntilDecided checks out as a patient shopper does: with one key, again and again, at one replica after the
// other, until the answer is final. The test fails when there is none within the time.
func (h *House) CompleteUntilDecided(body Object, key string, within time.Duration, headers ...Header) Answer {
	h.t.Helper()
	answer, err := h.Decide(body, key, within, headers...)
	require.NoError(h.t, err)
	return answer
}

// Decide is CompleteUntilDecided for goroutines, which must not end the test. It answers the last answer with an error
// when time is up.
func (h *House) Decide(body Object, key string, within time.Duration, headers ...Header) (Answer, error) {
	deadline := time.Now().Add(within)
	client := &http.Client{Timeout: oneTry, Transport: h.client.Transport}
	first, backoff := rand.IntN(len(h.Replicas)), firstBackoff
	for try := first; ; try++ {
		at := h.At(try % len(h.Replicas))
		at.client = client
		answer, err := at.Try(http.MethodPost, checkouts, body, append(headers[:len(headers):len(headers)], Once(key))...)
		if err == nil && isFinal(answer) {
			return answer, nil
		}
		if time.Now().Add(backoff).After(deadline) {
			return answer, errors.Join(fmt.Errorf("no decision within %s and %d tries: %d %s", within, try-first+1, answer.Status, answer.Raw), err)
		}
		time.Sleep(backoff/2 + rand.N(backoff/2))
		backoff = min(2*backoff, lastBackoff)
	}
}

// isFinal tells whether asking again with the same key makes no sense: a checkout that is pending is answered by what has
// become of it.
func isFinal(a Answer) bool {
	switch {
	case a.Status >= http.StatusInternalServerError, a.Status == http.StatusTooManyRequests, a.Status == http.StatusAccepted:
		return false
	case a.Status == http.StatusConflict:
		return a.Code() != "idempotency_in_progress" && a.Code() != "checkout_in_progress"
	default:
		return true
	}
}
