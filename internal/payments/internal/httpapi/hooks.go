package httpapi

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

const (
	// HookPattern is where providers tell what they decided.
	HookPattern = "/hooks/v1/payments/{provider}"
	// maxEvent is how large an event may be, in bytes.
	maxEvent = 64 << 10
	// tolerance is how far from now an event may have been signed, as Standard Webhooks recommends.
	tolerance = 5 * time.Minute
)

var (
	errSignature = fault.New("invalid_signature", "The event is not signed by a secret of this shop, or too long ago.")
	errTooLarge  = fault.New("payload_too_large", "An event has at most 64 KiB.")
)

// Events keeps what providers tell.
type Events interface {
	// Receive stores an event, unless it is stored already, and answers false when it was not sent within tolerance.
	Receive(ctx context.Context, e paying.Event, sent int64, tolerance time.Duration) (timely bool, err error)
}

// Hooks takes events from providers. A provider without a secret has no hook.
type Hooks struct {
	Events Events
	// Secrets are those of a provider, by its code: an event is signed with one of them.
	Secrets map[string][]*standardwebhooks.Webhook
	// Wake has stored events acted upon.
	Wake func()
}

// ParseSecrets reads secrets as Standard Webhooks spells them: "whsec_" and base64.
func ParseSecrets(secrets []string) ([]*standardwebhooks.Webhook, error) {
	// The standard asks for 24 to 64 bytes.
	const shortest = 24
	parsed := make([]*standardwebhooks.Webhook, len(secrets))
	for i, secret := range secrets {
		encoded, named := strings.CutPrefix(strings.TrimSpace(secret), "whsec_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !named || err != nil || len(key) < shortest {
			return nil, fmt.Errorf("a secret is whsec_ and %d bytes or more in base64", shortest)
		}
		if parsed[i], err = standardwebhooks.NewWebhookRaw(key); err != nil {
			return nil, err
		}
	}
	return parsed, nil
}

// ServeHTTP stores an event that is signed rightly. What it says is looked at afterwards, so that nothing it says can keep
// it from being taken.
func (h *Hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.receive(r); err != nil {
		problem.Write(w, r, err)
		return
	}
	h.Wake()
	w.WriteHeader(http.StatusNoContent)
}

func (h *Hooks) receive(r *http.Request) error {
	provider := chi.URLParam(r, "provider")
	secrets := h.Secrets[provider]
	if len(secrets) == 0 {
		return payments.ErrNotFound.Detailf("there is no such provider")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxEvent+1))
	if err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if len(body) > maxEvent {
		return errTooLarge
	}
	if !signed(secrets, body, r.Header) {
		return errSignature
	}
	sent, err := strconv.ParseInt(r.Header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return errSignature
	}
	e := paying.Event{Provider: provider, ID: r.Header.Get(standardwebhooks.HeaderWebhookID), Body: body}
	timely, err := h.Events.Receive(r.Context(), e, sent, tolerance)
	if err != nil {
		return err
	}
	if !timely {
		return errSignature
	}
	return failpoint.Hit(r.Context(), "payments.event_stored")
}

// signed leaves the time to the database, because this process's clock may be wrong.
func signed(secrets []*standardwebhooks.Webhook, body []byte, header http.Header) bool {
	for _, secret := range secrets {
		if secret.VerifyIgnoringTimestamp(body, header) == nil {
			return true
		}
	}
	return false
}
