package paying

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// Void implements payments.Service. A reference that is unknown becomes one that was voided, which is what refuses an
// Authorize that is still on its way.
func (p *Payments) Void(ctx context.Context, req payments.VoidRequest) (payments.Attempt, error) {
	a, err := p.void(ctx, req.Reference)
	if err != nil {
		return payments.Attempt{}, fmt.Errorf("void %s: %w", req.Reference, err)
	}
	return p.answer(a), nil
}

func (p *Payments) void(ctx context.Context, reference string) (attempt.Attempt, error) {
	a, err := p.open(ctx, attempt.Closed(p.newID(), reference))
	if err != nil || a.GivenUp() {
		return a, err
	}
	provider, err := p.provider(a.Method)
	if err != nil {
		return a, err
	}
	if a.Unsettled() {
		a, err = p.settle(ctx, provider, a)
	}
	if err != nil || a.GivenUp() {
		return a, err
	}
	if a.Unsettled() {
		return a, payments.ErrProviderUnavailable.Detailf("the payment provider has not said whether it holds the money")
	}
	return p.giveUp(ctx, provider, reference)
}

// giveUp decides to void in a commit of its own before the provider is told, so that a crash in between is finished by
// the next Void.
func (p *Payments) giveUp(ctx context.Context, provider Provider, reference string) (attempt.Attempt, error) {
	a, err := p.change(ctx, reference, func(a attempt.Attempt) (attempt.Attempt, error) {
		if a.Status == payments.StatusVoidPending || a.Status == payments.StatusVoided {
			return a, nil
		}
		voided, err := a.Void()
		if err != nil || provider != nil {
			return voided, err
		}
		return finishAtOnce(a, voided)
	})
	if err != nil || provider == nil || a.Status == payments.StatusVoided {
		return a, err
	}
	if err := provider.Void(ctx, a.ID); err != nil {
		return a, payments.ErrProviderUnavailable.Wrap(err)
	}
	return p.change(ctx, reference, func(a attempt.Attempt) (attempt.Attempt, error) {
		if a.Status == payments.StatusVoided {
			return a, nil
		}
		return a.FinishVoid()
	})
}

// finishAtOnce makes one change of two verbs: nobody has to be asked in between.
func finishAtOnce(before, voided attempt.Attempt) (attempt.Attempt, error) {
	finished, err := voided.FinishVoid()
	finished.Seq = before.Seq + 1
	return finished, err
}

// change loads an attempt, changes and saves it, and announces where it stands. A change that changes nothing announces nothing.
func (p *Payments) change(ctx context.Context, reference string, verb func(attempt.Attempt) (attempt.Attempt, error)) (attempt.Attempt, error) {
	var changed attempt.Attempt
	err := p.store.InTx(ctx, func(tx Store) error {
		before, err := tx.Lock(ctx, reference)
		if err != nil {
			return err
		}
		if changed, err = verb(before); err != nil || changed == before {
			return err
		}
		if err := tx.Save(ctx, changed); err != nil {
			return err
		}
		return tx.Announce(ctx, changed)
	})
	return changed, err
}
