package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const (
	collection     = "/store/v1/checkouts"
	replayedHeader = "Idempotency-Replayed"
)

// view is the Checkout schema of the document. The order is shown as its owner shows it.
type view struct {
	ID         string       `json:"id"`
	Status     string       `json:"status"`
	CartID     string       `json:"cart_id,omitempty"`
	Order      *orders.View `json:"order,omitempty"`
	Token      string       `json:"token,omitempty"`
	RetryAfter int64        `json:"retry_after,omitempty"`
	Action     *action      `json:"action,omitempty"`
	Failure    *failure     `json:"failure,omitempty"`
	ExpiresAt  *time.Time   `json:"expires_at,omitempty"`
}

type action struct {
	Type      string    `json:"type"`
	URL       string    `json:"url,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
}

type failure struct {
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code,omitempty"`
}

func newView(outcome completing.Outcome) view {
	a := outcome.Attempt
	v := view{ID: a.Reference, Status: a.Status, Order: outcome.Order, Token: outcome.Token}
	if a.CartID != "" {
		v.CartID = ids.Encode(cart.CartPrefix, a.CartID)
	}
	if a.Failure != nil {
		v.Failure = &failure{Code: a.Failure.Code, DeclineCode: declineCode(a.Failure)}
	}
	if a.Action != nil {
		v.Action = &action{Type: a.Action.Type, URL: a.Action.URL, ExpiresAt: a.Action.ExpiresAt.UTC()}
	}
	if !a.Ended() {
		end := expiry(a)
		v.RetryAfter, v.ExpiresAt = retryAfter, &end
	}
	return v
}

// expiry is when the attempt gives up by itself: an open payment is waited for longer than everything else.
func expiry(a attempt.Attempt) time.Time {
	if a.Status == checkout.StatusPaymentUnknown {
		return a.EndsAt.UTC()
	}
	return a.Deadline.UTC()
}

// created answers a POST with exactly these bytes.
type created struct {
	status   int
	location string
	wait     bool
	replayed bool
	body     []byte
}

func newCreated(outcome completing.Outcome) (created, error) {
	body, err := json.Marshal(newView(outcome))
	answer := created{status: http.StatusCreated, location: collection + "/" + outcome.Attempt.Reference,
		replayed: outcome.Replayed, body: body}
	switch {
	case outcome.Attempt.Status != checkout.StatusCompleted:
		answer.status, answer.replayed, answer.wait = http.StatusAccepted, false, true
	case outcome.Earlier:
		answer.status, answer.location = http.StatusOK, ""
	}
	return answer, err
}

// VisitCreateCheckoutResponse implements CreateCheckoutResponseObject.
func (c created) VisitCreateCheckoutResponse(w http.ResponseWriter) error {
	if c.location != "" {
		w.Header().Set("Location", c.location)
	}
	if c.wait {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if c.replayed {
		w.Header().Set(replayedHeader, "true")
	}
	return write(w, c.status, c.body)
}

// declined answers a POST with the problem it is.
type declined struct {
	request  *http.Request
	reason   *fault.Error
	replayed bool
}

// newDeclined names the request that was declined and not the one that asks again, so that a replay is the same to the
// byte.
func newDeclined(ctx context.Context, outcome completing.Outcome) declined {
	reason := outcome.Attempt.Failure
	if first, known := reason.Members["request_id"].(string); known {
		ctx = inbound.With(ctx, first)
	}
	request := &http.Request{Method: http.MethodPost, URL: &url.URL{Path: collection}}
	return declined{request: request.WithContext(ctx), reason: reason, replayed: outcome.Replayed}
}

// VisitCreateCheckoutResponse implements CreateCheckoutResponseObject.
func (d declined) VisitCreateCheckoutResponse(w http.ResponseWriter) error {
	if d.replayed {
		w.Header().Set(replayedHeader, "true")
	}
	problem.Write(w, d.request, d.reason)
	return nil
}

// shown answers where a checkout stands.
type shown struct {
	wait bool
	body []byte
}

func newShown(outcome completing.Outcome) (shown, error) {
	body, err := json.Marshal(newView(outcome))
	return shown{wait: !outcome.Attempt.Ended(), body: body}, err
}

// VisitGetCheckoutResponse implements GetCheckoutResponseObject.
func (s shown) VisitGetCheckoutResponse(w http.ResponseWriter) error {
	if s.wait {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	return write(w, http.StatusOK, s.body)
}

// VisitCancelCheckoutResponse implements CancelCheckoutResponseObject.
func (s shown) VisitCancelCheckoutResponse(w http.ResponseWriter) error {
	return write(w, http.StatusOK, s.body)
}

func write(w http.ResponseWriter, status int, body []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("write checkout: %w", err)
	}
	return nil
}
