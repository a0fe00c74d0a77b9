package fakeprovider

import (
	"net/http"
	"time"
)

// Operations. Those up to OpVoid are requests; OpLookup and OpRead ask and change nothing; the last three are done to an
// authorization by others than the shop.
const (
	OpAuthorize = "authorize"
	OpCapture   = "capture"
	OpRefund    = "refund"
	OpVoid      = "void"
	OpLookup    = "lookup" // by the key that it was made with
	OpRead      = "read"   // by id
	OpExpire    = "expire"
	OpApprove   = "approve"
	OpDecline   = "decline"
)

// Status of an authorization. One that was captured stays authorized.
const (
	StatusAuthorized     = "authorized"
	StatusActionRequired = "action_required"
	StatusDeclined       = "declined"
	StatusPending        = "pending"
	StatusExpired        = "expired"
	StatusVoided         = "voided"
	// StatusSucceeded is that of every movement.
	StatusSucceeded = "succeeded"
)

// mode is that of everything here; a shop that takes real money must not accept it.
const mode = "test"

// Authorization is money held, or not. Amounts are in minor units of the currency.
type Authorization struct {
	ID          string     `json:"id"`
	Account     string     `json:"account"`
	Mode        string     `json:"mode"`
	Reference   string     `json:"reference"`
	Amount      int64      `json:"amount"`
	Currency    string     `json:"currency"`
	Status      string     `json:"status"`
	DeclineCode string     `json:"decline_code,omitempty"`
	RedirectURL string     `json:"redirect_url,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	Captured    int64      `json:"captured"`
	Refunded    int64      `json:"refunded"`

	token, returnURL string
}

// Movement is money taken or given back.
type Movement struct {
	ID            string `json:"id"`
	Authorization string `json:"authorization"`
	Amount        int64  `json:"amount"`
	Currency      string `json:"currency"`
	Status        string `json:"status"`
}

// Entry is an operation that took effect: a line of the journal. The members after Status are what a restart needs to
// come back to the same state.
type Entry struct {
	Seq           int64     `json:"seq"`
	At            time.Time `json:"at"`
	Op            string    `json:"op"`
	Key           string    `json:"key,omitempty"`
	ID            string    `json:"id"`
	Authorization string    `json:"authorization"`
	Reference     string    `json:"reference"`
	Amount        int64     `json:"amount"`
	Currency      string    `json:"currency"`
	Status        string    `json:"status"`

	Request     string     `json:"request,omitempty"` // hash of what was asked with the key
	Token       string     `json:"token,omitempty"`
	DeclineCode string     `json:"decline_code,omitempty"`
	ReturnURL   string     `json:"return_url,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

// problem is a refusal; it is the body of the answer.
type problem struct {
	status int
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (p problem) Error() string { return p.Code + ": " + p.Detail }

func invalid(detail string) problem {
	return problem{http.StatusBadRequest, "invalid_request", detail}
}

func errUnauthorized() problem {
	return problem{http.StatusUnauthorized, "unauthorized", "The key is missing or wrong."}
}

func errNotFound() problem {
	return problem{http.StatusNotFound, "not_found", "There is no such authorization."}
}

func errKeyReused() problem {
	return problem{http.StatusUnprocessableEntity, "key_reused", "The key was used for another request."}
}

func conflict(code, detail string) problem {
	return problem{http.StatusConflict, code, detail}
}
