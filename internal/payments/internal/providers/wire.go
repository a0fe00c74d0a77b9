package providers

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// authorization is what a provider says of money that it holds, or not.
type authorization struct {
	ID          string     `json:"id"`
	Account     string     `json:"account"`
	Mode        string     `json:"mode"`
	Reference   string     `json:"reference"`
	Amount      int64      `json:"amount"`
	Currency    string     `json:"currency"`
	Status      string     `json:"status"`
	DeclineCode string     `json:"decline_code"`
	RedirectURL string     `json:"redirect_url"`
	ExpiresAt   *time.Time `json:"expires_at"`
	Captured    int64      `json:"captured"`
	Refunded    int64      `json:"refunded"`
}

// statuses are the words of the protocol in those of attempts.
func statuses() map[string]string {
	return map[string]string{"authorized": attempt.SaysAuthorized, "action_required": attempt.SaysActionRequired,
		"declined": attempt.SaysDeclined, "pending": attempt.SaysPending, "expired": attempt.SaysExpired, "voided": attempt.SaysVoided}
}

// longestID bounds what is kept of a provider's ids.
const longestID = 255

// word is what was said, or an error when it makes no sense. Whose it is decides a person, not an error.
func (a authorization) word(account, mode string) (attempt.Word, error) {
	status, known := statuses()[a.Status]
	if !known || a.ID == "" || len(a.ID) > longestID {
		return attempt.Word{}, errors.New("read authorization: it has no id or an unknown status")
	}
	if strings.ContainsRune(a.ID+a.Reference+a.Currency+a.RedirectURL, 0) {
		return attempt.Word{}, errors.New("read authorization: it holds the character U+0000")
	}
	w := attempt.Word{Status: status, ID: a.ID, Reference: a.Reference, Currency: a.Currency, Amount: a.Amount,
		Captured: a.Captured, Refunded: a.Refunded, DeclineCode: "declined"}
	if plainCode.MatchString(a.DeclineCode) {
		w.DeclineCode = a.DeclineCode
	}
	if a.ExpiresAt != nil {
		w.ExpiresAt = a.ExpiresAt.UTC().Truncate(time.Microsecond)
	}
	if status == attempt.SaysActionRequired {
		if !isWeb(a.RedirectURL) {
			return attempt.Word{}, errors.New("read authorization: it requires an action that is not at a web address")
		}
		w.ActionURL = a.RedirectURL
	}
	switch {
	case a.Account != account:
		w.Foreign = "account"
	case a.Mode != mode:
		w.Foreign = "mode"
	}
	return w, nil
}

// isWeb keeps a shopper from being sent to a script.
func isWeb(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Host != ""
}

// event is what a provider tells by itself.
type event struct {
	Type    string `json:"type"`
	Account string `json:"account"`
	Mode    string `json:"mode"`
	Data    struct {
		Authorization *authorization `json:"authorization"`
		Movement      *movement      `json:"movement"`
	} `json:"data"`
}

// Read implements paying.Reader. It trusts nothing but the signature that was checked before: account and mode count for
// the event as for what it is about, and what it is called must be what it says.
func (r *Remote) Read(body []byte) (attempt.Word, error) {
	var told event
	if err := json.Unmarshal(body, &told); err != nil {
		return attempt.Word{}, fmt.Errorf("read event: %w", err)
	}
	if told.Data.Authorization == nil {
		return attempt.Word{}, errors.New("read event: it is about no authorization")
	}
	held := *told.Data.Authorization
	w, err := held.word(r.cfg.Account, r.cfg.Mode)
	if err != nil {
		return w, err
	}
	named, isStatus := strings.CutPrefix(told.Type, "authorization.")
	switch moved := told.Data.Movement; {
	case told.Account != r.cfg.Account:
		w.Foreign = "account"
	case told.Mode != r.cfg.Mode:
		w.Foreign = "mode"
	case isStatus && named != held.Status:
		w.Foreign = "status"
	case moved != nil && moved.Currency != held.Currency:
		w.Foreign = "currency"
	case moved != nil && (moved.Amount <= 0 || moved.Amount > max(held.Captured, held.Refunded)):
		w.Foreign = "amount"
	}
	return w, nil
}
