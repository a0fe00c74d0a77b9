package paying

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// Authorize implements payments.Service. What a provider is asked for is durable before it hears of it, so that whoever
// continues after a crash asks with the same key and gets the same answer.
func (p *Payments) Authorize(ctx context.Context, req payments.AuthorizeRequest) (payments.Attempt, error) {
	a, err := p.authorize(ctx, req)
	if err != nil {
		return payments.Attempt{}, fmt.Errorf("authorize %s: %w", req.Reference, err)
	}
	return p.answer(a), nil
}

func (p *Payments) authorize(ctx context.Context, req payments.AuthorizeRequest) (attempt.Attempt, error) {
	provider, err := p.provider(req.Method)
	if err != nil {
		return attempt.Attempt{}, err
	}
	fresh := attempt.New(p.newID(), req)
	if provider == nil {
		if fresh, err = fresh.Authorize(); err != nil {
			return attempt.Attempt{}, err
		}
	}
	a, err := p.open(ctx, fresh)
	if err != nil {
		return attempt.Attempt{}, err
	}
	if err := a.Answers(req); err != nil || !a.Unsettled() {
		return a, err
	}
	if a, err = p.settle(ctx, provider, a); err != nil {
		return attempt.Attempt{}, err
	}
	return a, a.Answers(req)
}

// open makes the attempt of a reference, or answers the one there is.
func (p *Payments) open(ctx context.Context, fresh attempt.Attempt) (attempt.Attempt, error) {
	inserted, err := p.store.Insert(ctx, fresh)
	if err != nil || inserted {
		return fresh, err
	}
	return p.store.Attempt(ctx, fresh.Reference)
}

// settle asks the provider for its word and records it. Several may ask at once: the key makes the answers equal, and
// who comes later finds the attempt settled.
func (p *Payments) settle(ctx context.Context, provider Provider, a attempt.Attempt) (attempt.Attempt, error) {
	reference := a.Reference
	outcome, askErr := provider.Authorize(ctx, Authorization{Key: a.ID, Amount: money.MustNew(a.Amount, a.Currency), Token: a.Token})
	err := p.store.InTx(ctx, func(tx Store) error {
		var err error
		if a, err = tx.Lock(ctx, reference); err != nil || !a.Unsettled() {
			return err
		}
		settled, err := record(a, outcome, askErr)
		if err != nil || settled == a {
			return err
		}
		a = settled
		return tx.Save(ctx, a)
	})
	return a, err
}

// record applies what the provider said. No answer is a state and not an error: the hold may well exist.
func record(a attempt.Attempt, outcome Outcome, askErr error) (attempt.Attempt, error) {
	switch {
	case askErr != nil && a.Status == payments.StatusUnknown:
		return a, nil
	case askErr != nil:
		return a.Lose()
	case outcome.Declined:
		return a.Decline(outcome.DeclineCode)
	default:
		return a.Authorize()
	}
}
