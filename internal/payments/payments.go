package payments

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
)

// Prefixes of public ids.
const (
	AttemptPrefix = "pay"
	CapturePrefix = "cap"
	RefundPrefix  = "ref"
	ReviewPrefix  = "prv"
)

// Built-in payment methods.
const (
	// MethodManual is paid outside Rialto (bank transfer, cash); capturing it records that the money arrived.
	MethodManual = "manual"
	// MethodFake is for development: the token decides what happens. "tok_success" succeeds, "tok_declined" and
	// "tok_declined_<code>" are declined.
	MethodFake = "fake"
)

// Statuses of a payment attempt.
const (
	StatusCreated        = "created"
	StatusSubmitted      = "submitted"
	StatusAuthorized     = "authorized"
	StatusActionRequired = "action_required"
	StatusDeclined       = "declined"
	StatusUnknown        = "unknown"
	StatusCaptured       = "captured"
	StatusVoidPending    = "void_pending"
	StatusVoided         = "voided"
	StatusExpired        = "expired"
)

// Service moves money, once.
type Service interface {
	// Methods answers what a shopper can pay with.
	Methods(ctx context.Context, req MethodsRequest) (MethodsAnswer, error)
	// Authorize has the amount held under the reference. The same reference again answers the same attempt, and asks the
	// provider again if the last question is old enough. Whatever the provider does is an answer with a status: a decline
	// is StatusDeclined, silence is StatusUnknown. What changes in this call is not announced.
	// Errors: ErrMethodUnavailable, ErrReferenceClosed, ErrAuthorizationMismatch, ErrPaymentsUnavailable.
	Authorize(ctx context.Context, req AuthorizeRequest) (Attempt, error)
	// Void gives up what is authorized and not captured, and closes the reference: an Authorize that arrives later is
	// refused. An unknown reference is closed too; voiding twice, or what was declined, changes nothing. Once Void has
	// answered, nothing has to be held for the payment any more: where the provider does not say whether it holds money, or
	// does not give it back at once, payments see to it by themselves, and the answer has the status of that moment.
	// Errors: ErrIllegalTransition (something was captured).
	Void(ctx context.Context, req VoidRequest) (Attempt, error)
	// Capture takes authorized money; no amount means all that is left. Key makes the call idempotent per reference.
	// Errors: ErrNotFound, ErrCaptureExceeds, ErrIllegalTransition, ErrIdempotencyKeyReused, ErrCurrencyMismatch, ErrAmountMustBePositive,
	// ErrProviderUnavailable (it is promised; repeat with the same key, or wait: payments finish it by themselves).
	Capture(ctx context.Context, req CaptureRequest) (CaptureAnswer, error)
	// Refund gives captured money back; no amount means all that is left. Key makes the call idempotent per reference.
	// Errors: ErrNotFound, ErrRefundExceeds, ErrIllegalTransition, ErrIdempotencyKeyReused, ErrCurrencyMismatch, ErrAmountMustBePositive,
	// ErrProviderUnavailable (it is promised; repeat with the same key, or wait: payments finish it by themselves).
	Refund(ctx context.Context, req RefundRequest) (RefundAnswer, error)
	// Attempt answers where the payment of a reference stands.
	// Errors: ErrNotFound.
	Attempt(ctx context.Context, req AttemptRequest) (Attempt, error)
	// Movements answers the captures and refunds of a reference, oldest first; none for an unknown reference.
	Movements(ctx context.Context, req MovementsRequest) (MovementsAnswer, error)
}

// Attempt is the payment of one reference. A reference that was closed before anything was known of it has neither
// method nor amounts.
type Attempt struct {
	ID          string      `json:"id"`
	Reference   string      `json:"reference"`
	Method      string      `json:"method"`
	Status      string      `json:"status"`
	Amount      money.Money `json:"amount,omitzero"`
	Authorized  money.Money `json:"authorized,omitzero"`
	Captured    money.Money `json:"captured,omitzero"`
	Refunded    money.Money `json:"refunded,omitzero"`
	DeclineCode string      `json:"decline_code"`
	// Action is set while Status is StatusActionRequired.
	Action *Action `json:"action,omitempty"`
	// CapturesItself says that the method's money is taken without anyone asking, where the channel's policy allows.
	CapturesItself bool `json:"captures_itself"`
	// Seq grows by one with each change after the authorization.
	Seq int64 `json:"seq"`
}

// Kinds of what a shopper must do.
const ActionRedirect = "redirect"

// Action is what the shopper must do before the payment is decided, such as going to a page of the provider.
type Action struct {
	Type string `json:"type"`
	URL  string `json:"url"`
	// ExpiresAt is zero where the provider names no end.
	ExpiresAt time.Time `json:"expires_at"`
}

// Method is something to pay with.
type Method struct {
	Code string `json:"code"`
	Name string `json:"name"`
	// NeedsToken says that the front end must send a token from the provider.
	NeedsToken bool `json:"needs_token"`
}

// MethodsRequest says for what; methods may differ by currency and country.
type MethodsRequest struct {
	Currency string `json:"currency"`
	Country  string `json:"country"`
}

// MethodsAnswer holds the methods in the order to show them.
type MethodsAnswer struct {
	Methods []Method `json:"methods"`
}

// AuthorizeRequest asks to hold money for a reference.
type AuthorizeRequest struct {
	Reference string      `json:"reference"`
	Amount    money.Money `json:"amount"`
	Method    string      `json:"method"`
	Token     string      `json:"token"`
	// ReturnURL is where a provider sends the shopper back to after an action.
	ReturnURL string `json:"return_url,omitempty"`
}

// VoidRequest names the reference to give up.
type VoidRequest struct {
	Reference string `json:"reference"`
}

// AttemptRequest names a reference.
type AttemptRequest struct {
	Reference string `json:"reference"`
}

// MovementsRequest names a reference.
type MovementsRequest struct {
	Reference string `json:"reference"`
}

// MovementsAnswer holds what was taken and what was given back, oldest first.
type MovementsAnswer struct {
	Captures []Capture `json:"captures"`
	Refunds  []Refund  `json:"refunds"`
}

// CaptureRequest asks to take money.
type CaptureRequest struct {
	Reference string       `json:"reference"`
	Amount    *money.Money `json:"amount,omitempty"`
	Key       string       `json:"key"`
}

// Capture is money taken.
type Capture struct {
	ID        string      `json:"id"`
	Amount    money.Money `json:"amount"`
	CreatedAt time.Time   `json:"created_at"`
}

// CaptureAnswer holds the capture and where the payment stands after it. Replayed says that an earlier call did it.
type CaptureAnswer struct {
	Capture  Capture `json:"capture"`
	Attempt  Attempt `json:"attempt"`
	Replayed bool    `json:"replayed"`
}

// RefundRequest asks to give money back.
type RefundRequest struct {
	Reference string       `json:"reference"`
	Amount    *money.Money `json:"amount,omitempty"`
	Key       string       `json:"key"`
	Reason    string       `json:"reason"`
}

// Refund is money given back.
type Refund struct {
	ID        string      `json:"id"`
	Amount    money.Money `json:"amount"`
	Reason    string      `json:"reason"`
	CreatedAt time.Time   `json:"created_at"`
}

// RefundAnswer holds the refund and where the payment stands after it. Replayed says that an earlier call did it.
type RefundAnswer struct {
	Refund   Refund  `json:"refund"`
	Attempt  Attempt `json:"attempt"`
	Replayed bool    `json:"replayed"`
}
