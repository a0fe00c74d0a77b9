// Package paying holds the use cases of payments: authorize, void, capture, refund, what providers tell by themselves, and
// the background work that finishes what was left open. It decides what is committed before a provider is asked and what
// after it has answered, and never asks a provider inside a transaction.
package paying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// Store keeps attempts and their movements. Its errors for the caller to act on are ErrNoMovement, ErrKeyTaken and
// payments.ErrNotFound.
type Store interface {
	// InTx runs do in one transaction; do must use only the Store it is given.
	InTx(ctx context.Context, do func(tx Store) error) error
	// Insert writes the first row of a reference and answers false when there is one. An unsettled attempt is being asked
	// for from that moment on, for at most asking.
	Insert(ctx context.Context, a attempt.Attempt, asking time.Duration) (bool, error)
	Attempt(ctx context.Context, reference string) (attempt.Attempt, error)
	// Claim takes the right to ask for an unsettled attempt, for at most asking. It answers false when somebody else is
	// asking, or has asked less than rest ago, or there is nothing left to ask.
	Claim(ctx context.Context, reference string, rest, asking time.Duration) (attempt.Attempt, bool, error)
	// GiveUp marks an unsettled attempt as wanted by nobody, and answers false when it is settled.
	GiveUp(ctx context.Context, reference string) (attempt.Attempt, bool, error)
	// Lock reads an attempt and keeps others from changing it until the transaction ends.
	Lock(ctx context.Context, reference string) (attempt.Attempt, error)
	// Save writes state and totals of an attempt that is locked. Nobody asks for it any more; the background does after next.
	Save(ctx context.Context, a attempt.Attempt, next time.Duration) error
	// Reserve writes a movement and promises its amount to the provider, if the attempt still has that much left and is in
	// one of the states; it answers false when not.
	Reserve(ctx context.Context, m *attempt.Movement, from []string) (bool, error)
	Movement(ctx context.Context, reference, kind, key string) (attempt.Movement, error)
	// Movements answers what is done, oldest first.
	Movements(ctx context.Context, reference string) ([]attempt.Movement, error)
	// MarkDone answers false when the movement was done, or refused, before.
	MarkDone(ctx context.Context, movementID string) (bool, error)
	// MarkRefused answers false when the movement was done, or refused, before.
	MarkRefused(ctx context.Context, movementID, code string) (bool, error)
	// Post writes the ledger transaction of a movement.
	Post(ctx context.Context, m attempt.Movement, currency string, entries []attempt.Entry) error
	// Announce appends an event of the attempt, under the attempt's Seq.
	Announce(ctx context.Context, a attempt.Attempt, event outbox.Event) error
	// Open opens a review, unless there was one for the same thing; it answers whether it is new.
	Open(ctx context.Context, r Review) (bool, error)
}

// Review is something that a person has to look at. Subject tells apart what one reference has for one reason.
type Review struct {
	Reference string
	Reason    string
	Subject   string
	Details   map[string]any
}

// Reasons of reviews.
const (
	// ReasonDiffers: a provider's word contradicts the attempt, and was not believed.
	ReasonDiffers = "provider_differs"
	// ReasonUndecided: a provider has not decided an authorization for a day.
	ReasonUndecided = "payment_unknown"
	// ReasonUnmoved: a provider has not answered a capture, a refund or a void for a day.
	ReasonUnmoved = "movement_unknown"
	// ReasonRefused: a provider refused to capture, refund or void what by our books it can.
	ReasonRefused = "provider_refused"
	// ReasonLateCapture: money was captured by somebody else for a payment that had ended, or a part of it for one that had
	// been given up: a provider does not void the rest.
	ReasonLateCapture = "late_capture"
	// ReasonUnmatched: an event is about nothing that is known here.
	ReasonUnmatched = "event_unmatched"
	// ReasonUnreadable: an event was signed rightly and cannot be read.
	ReasonUnreadable = "event_unreadable"
)

// Errors of Store.
var (
	ErrNoMovement = errors.New("there is no movement with this key")
	ErrKeyTaken   = errors.New("another request with this key was faster")
)

// Method is a way to pay and who carries it out.
type Method struct {
	payments.Method
	CapturesItself bool
	// Provider is nil when the money moves outside Rialto, so that nobody has to be asked and one commit is enough.
	Provider Provider
}

// Payments implements payments.Service.
type Payments struct {
	store   Store
	methods []Method
	newID   func() string
	// asking bounds how long one question to a provider, with everything that has to be written around it, may take.
	asking time.Duration
}

// margin is what a question to a provider takes beside the provider.
const margin = 2 * time.Second

// New makes the service; methods are in the order to show them, and timeout is how long their providers take at most.
func New(store Store, methods []Method, newID func() string, timeout time.Duration) *Payments {
	return &Payments{store: store, methods: methods, newID: newID, asking: timeout + margin}
}

// Methods implements payments.Service. The built-in methods serve every currency and country.
func (p *Payments) Methods(context.Context, payments.MethodsRequest) (payments.MethodsAnswer, error) {
	answer := payments.MethodsAnswer{Methods: []payments.Method{}}
	for _, method := range p.methods {
		answer.Methods = append(answer.Methods, method.Method)
	}
	return answer, nil
}

// Attempt implements payments.Service.
func (p *Payments) Attempt(ctx context.Context, req payments.AttemptRequest) (payments.Attempt, error) {
	a, err := p.store.Attempt(ctx, req.Reference)
	if err != nil {
		return payments.Attempt{}, fmt.Errorf("read payment of %s: %w", req.Reference, err)
	}
	return p.answer(a), nil
}

// Movements implements payments.Service.
func (p *Payments) Movements(ctx context.Context, req payments.MovementsRequest) (payments.MovementsAnswer, error) {
	answer := payments.MovementsAnswer{Captures: []payments.Capture{}, Refunds: []payments.Refund{}}
	a, err := p.store.Attempt(ctx, req.Reference)
	if errors.Is(err, payments.ErrNotFound) {
		return answer, nil
	}
	if err != nil {
		return payments.MovementsAnswer{}, fmt.Errorf("read payment of %s: %w", req.Reference, err)
	}
	movements, err := p.store.Movements(ctx, req.Reference)
	if err != nil {
		return payments.MovementsAnswer{}, fmt.Errorf("read movements of %s: %w", req.Reference, err)
	}
	for _, m := range movements {
		if m.Kind == attempt.KindCapture {
			answer.Captures = append(answer.Captures, a.Capture(m))
		} else {
			answer.Refunds = append(answer.Refunds, a.Refund(m))
		}
	}
	return answer, nil
}

func (p *Payments) answer(a attempt.Attempt) payments.Attempt {
	method, _ := p.method(a.Method)
	return a.Answer(method.CapturesItself)
}

func (p *Payments) method(code string) (Method, bool) {
	for _, method := range p.methods {
		if method.Code == code {
			return method, true
		}
	}
	return Method{}, false
}

// provider is who carries out the method, nil when nobody has to be asked.
func (p *Payments) provider(code string) (Provider, error) {
	method, ok := p.method(code)
	if !ok {
		return nil, payments.ErrMethodUnavailable.Detailf("the payment method %q is not offered here", code)
	}
	return method.Provider, nil
}
