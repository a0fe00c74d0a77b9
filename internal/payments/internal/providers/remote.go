package providers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// Authorize implements paying.Provider.
func (r *Remote) Authorize(ctx context.Context, req paying.Authorization) (attempt.Word, error) {
	return r.authorization(ctx, question{method: http.MethodPost, path: "/v1/authorizations", key: req.Key, body: map[string]any{
		"reference": req.Reference, "amount": req.Amount.Minor(), "currency": req.Amount.Currency(), "token": req.Token,
		"return_url": req.ReturnURL}})
}

// Find implements paying.Provider.
func (r *Remote) Find(ctx context.Context, req paying.Lookup) (attempt.Word, error) {
	path := "/v1/authorizations?key=" + url.QueryEscape(req.Key)
	if req.ProviderRef != "" {
		path = "/v1/authorizations/" + url.PathEscape(req.ProviderRef)
	}
	word, err := r.authorization(ctx, question{method: http.MethodGet, path: path})
	var no *paying.Refusal
	if errors.As(err, &no) && no.Code == codeNotFound {
		return word, paying.ErrNothingThere
	}
	return word, err
}

// Void implements paying.Provider.
func (r *Remote) Void(ctx context.Context, req paying.Voiding) (attempt.Word, error) {
	id, err := r.idOf(ctx, paying.Lookup{Key: req.Authorization, ProviderRef: req.ProviderRef})
	if err != nil {
		return attempt.Word{}, err
	}
	return r.authorization(ctx, question{method: http.MethodPost, path: "/v1/authorizations/" + url.PathEscape(id) + "/voids",
		key: req.Key, body: map[string]any{}})
}

// Capture implements paying.Provider.
func (r *Remote) Capture(ctx context.Context, req paying.Transfer) error {
	return r.move(ctx, "captures", req)
}

// Refund implements paying.Provider.
func (r *Remote) Refund(ctx context.Context, req paying.Transfer) error {
	return r.move(ctx, "refunds", req)
}

func (r *Remote) move(ctx context.Context, kind string, req paying.Transfer) error {
	id, err := r.idOf(ctx, paying.Lookup{Key: req.Authorization, ProviderRef: req.ProviderRef})
	if err != nil {
		return err
	}
	data, err := r.ask(ctx, question{method: http.MethodPost, path: "/v1/authorizations/" + url.PathEscape(id) + "/" + kind,
		key: req.Key, body: map[string]any{"amount": req.Amount.Minor(), "currency": req.Amount.Currency()}})
	if err != nil {
		return err
	}
	var moved movement
	if err := json.Unmarshal(data, &moved); err != nil {
		return fmt.Errorf("read movement: %w", err)
	}
	return moved.check(req.Amount)
}

// idOf is what the provider calls an authorization. One that it does not know can neither be taken nor given back.
func (r *Remote) idOf(ctx context.Context, at paying.Lookup) (string, error) {
	if at.ProviderRef != "" {
		return at.ProviderRef, nil
	}
	word, err := r.Find(ctx, at)
	if errors.Is(err, paying.ErrNothingThere) {
		return "", &paying.Refusal{Code: codeNotFound}
	}
	return word.ID, err
}

func (r *Remote) authorization(ctx context.Context, q question) (attempt.Word, error) {
	data, err := r.ask(ctx, q)
	if err != nil {
		return attempt.Word{}, err
	}
	var said authorization
	if err := json.Unmarshal(data, &said); err != nil {
		return attempt.Word{}, fmt.Errorf("read authorization: %w", err)
	}
	return said.word(r.cfg.Account, r.cfg.Mode)
}

// Codes of the provider's refusals.
const (
	codeNotFound          = "not_found"
	codeExceedsAuthorized = "exceeds_authorized"
	codeExceedsCaptured   = "exceeds_captured"
	codeNotCapturable     = "not_capturable"
	codeNotVoidable       = "not_voidable"
)

// plainCode bounds what is kept of a provider's words.
var plainCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// refusal reads a refusal. Without a code it is not the provider who speaks.
func refusal(data []byte) error {
	var said struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(data, &said); err != nil {
		return fmt.Errorf("read refusal: %w", err)
	}
	switch {
	case said.Code == codeExceedsAuthorized, said.Code == codeExceedsCaptured:
		return &paying.Refusal{Code: paying.RefusedExceeds}
	case said.Code == codeNotCapturable, said.Code == codeNotVoidable:
		return &paying.Refusal{Code: paying.RefusedState}
	case plainCode.MatchString(said.Code):
		return &paying.Refusal{Code: said.Code}
	default:
		return errors.New("read refusal: it has no code")
	}
}

// encode is the body of a question, nil for one without.
func (q question) encode() (*bytes.Reader, error) {
	if q.body == nil {
		return bytes.NewReader(nil), nil
	}
	data, err := json.Marshal(q.body)
	return bytes.NewReader(data), err
}

// movement is what a provider says of money that it moved.
type movement struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Status   string `json:"status"`
}

// check refuses to believe in another movement than the one that was asked for.
func (m movement) check(asked money.Money) error {
	if m.Status != "succeeded" || m.Amount != asked.Minor() || m.Currency != asked.Currency() {
		return fmt.Errorf("the provider says it moved %d %s (%s)", m.Amount, m.Currency, m.Status)
	}
	return nil
}
