// Package paying holds the use cases of payments: authorize, void, capture, refund. It decides what is committed before a
// provider is asked and what after it has answered, and never asks a provider inside a transaction.
package paying

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// Store keeps attempts and their movements. Its errors for the caller to act on are ErrNoMovement, ErrKeyTaken and
// payments.ErrNotFound.
type Store interface {
	// InTx runs do in one transaction; do must use only the Store it is given.
	InTx(ctx context.Context, do func(tx Store) error) error
	// Insert writes the first row of a reference and answers false when there is one.
	Insert(ctx context.Context, a attempt.Attempt) (bool, error)
	Attempt(ctx context.Context, reference string) (attempt.Attempt, error)
	// Lock reads an attempt and keeps others from changing it until the transaction ends.
	Lock(ctx context.Context, reference string) (attempt.Attempt, error)
	// Save writes state and totals of an attempt that is locked.
	Save(ctx context.Context, a attempt.Attempt) error
	// Reserve writes a movement and promises its amount to the provider, if the attempt still has that much left and is in
	// one of the states; it answers false when not.
	Reserve(ctx context.Context, m *attempt.Movement, from []string) (bool, error)
	Movement(ctx context.Context, reference, kind, key string) (attempt.Movement, error)
	// Movements answers what is done, oldest first.
	Movements(ctx context.Context, reference string) ([]attempt.Movement, error)
	// MarkDone answers false when the movement was done before.
	MarkDone(ctx context.Context, movementID string) (bool, error)
	// Post writes the ledger transaction of a movement.
	Post(ctx context.Context, m attempt.Movement, currency string, entries []attempt.Entry) error
	// Announce appends the event that tells where the attempt stands.
	Announce(ctx context.Context, a attempt.Attempt) error
}

// Errors of Store.
var (
	ErrNoMovement = errors.New("there is no movement with this key")
	ErrKeyTaken   = errors.New("another request with this key was faster")
)

// Provider moves money outside this database. Every call carries a key; a repeated key does nothing twice and gets the
// same answer. An error means that nobody knows whether it was done.
type Provider interface {
	Authorize(ctx context.Context, req Authorization) (Outcome, error)
	Void(ctx context.Context, key string) error
	Capture(ctx context.Context, req Transfer) error
	Refund(ctx context.Context, req Transfer) error
}

// Authorization asks a provider to hold money.
type Authorization struct {
	Key    string
	Amount money.Money
	Token  string
}

// Outcome is a provider's word on an authorization: held, or declined for a reason.
type Outcome struct {
	Declined    bool
	DeclineCode string
}

// Transfer asks a provider to take or give back money of the authorization that Authorization names by its key.
type Transfer struct {
	Key           string
	Authorization string
	Amount        money.Money
}

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
}

// New makes the service; methods are in the order to show them.
func New(store Store, methods []Method, newID func() string) *Payments {
	return &Payments{store: store, methods: methods, newID: newID}
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
