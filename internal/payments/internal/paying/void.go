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
	a, _, err := p.open(ctx, attempt.Closed(p.newID(), reference))
	if err != nil || a.Ended() {
		return a, err
	}
	provider, err := p.provider(a.Method)
	if err != nil {
		return a, err
	}
	if a.Unsettled() {
		a, err = p.giveUp(ctx, provider, a)
	}
	// What was given up earlier and turned up since is on its way back already.
	if err != nil || a.Ended() || a.GivenUp {
		return a, err
	}
	return p.voidAuthorized(ctx, provider, reference)
}

// giveUp ends an attempt that the provider has not decided. It is asked once; where that does not help, the decision is
// written down, and money that turns up later is given back by whoever finds it.
func (p *Payments) giveUp(ctx context.Context, provider Provider, a attempt.Attempt) (attempt.Attempt, error) {
	claimed, ok, err := p.store.Claim(ctx, a.Reference, 0, p.asking)
	if err != nil {
		return a, err
	}
	if ok {
		word, askErr := callOff(ctx, provider, claimed)
		a, err = p.settle(ctx, provider, claimed, hearsay{word: word, err: askErr, quiet: true})
		if err != nil || !a.Unsettled() {
			return a, err
		}
	}
	marked, ok, err := p.store.GiveUp(ctx, a.Reference)
	if err != nil || ok {
		return marked, err
	}
	return p.store.Attempt(ctx, a.Reference)
}

// callOff finds out how an authorization stands, and has the provider give up one that it has not decided.
func callOff(ctx context.Context, provider Provider, a attempt.Attempt) (attempt.Word, error) {
	word, err := provider.Find(ctx, lookup(a))
	if err != nil {
		return word, err
	}
	return callOffAgain(ctx, provider, a, word)
}

// callOffAgain has the provider give up what, by its word, it has not decided.
func callOffAgain(ctx context.Context, provider Provider, a attempt.Attempt, word attempt.Word) (attempt.Word, error) {
	undecided := word.Status == attempt.SaysPending || word.Status == attempt.SaysActionRequired
	if !undecided || a.Difference(word) != "" {
		return word, nil
	}
	a.ProviderRef = word.ID
	return provider.Void(ctx, voiding(a))
}

// voidAuthorized decides to void in a commit of its own before the provider is told, so that a crash in between is
// finished by the background.
func (p *Payments) voidAuthorized(ctx context.Context, provider Provider, reference string) (attempt.Attempt, error) {
	a, err := p.change(ctx, reference, func(a attempt.Attempt) (attempt.Attempt, error) {
		if a.Status == payments.StatusVoidPending || a.Ended() {
			return a, nil
		}
		voided, err := a.Void()
		if err != nil || provider != nil {
			return voided, err
		}
		return voided.FinishVoid()
	})
	if err != nil || !a.Undone() {
		return a, err
	}
	return p.giveBack(ctx, provider, a)
}

// change loads an attempt, changes and saves it, and announces where it stands. A change that changes nothing announces
// nothing.
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
		changed, err = p.keep(ctx, tx, before, changed, hearsay{})
		return err
	})
	return changed, err
}
