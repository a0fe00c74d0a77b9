package paying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

// rest is how long a provider is left alone after a question, however often callers repeat themselves.
const rest = time.Second

// Authorize implements payments.Service. What a provider is asked for is durable before it hears of it, so that whoever
// continues after a crash asks with the same key and gets the same answer.
func (p *Payments) Authorize(ctx context.Context, req payments.AuthorizeRequest) (payments.Attempt, error) {
	a, err := p.authorize(ctx, req)
	if err == nil {
		err = a.Answers(req)
	}
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
		a, _, err := p.open(ctx, fresh)
		return a, err
	}
	if down := provider.Ready(ctx); down != nil {
		return p.standing(ctx, req.Reference, down)
	}
	a, first, err := p.open(ctx, fresh)
	if err != nil || !first {
		return p.resume(ctx, provider, a, req, err)
	}
	return p.submit(ctx, provider, a)
}

// standing answers a known attempt as it is. Of an unknown one nothing is written.
func (p *Payments) standing(ctx context.Context, reference string, down error) (attempt.Attempt, error) {
	a, err := p.store.Attempt(ctx, reference)
	if errors.Is(err, payments.ErrNotFound) {
		return a, down
	}
	return a, err
}

// open makes the attempt of a reference, or answers the one there is.
func (p *Payments) open(ctx context.Context, fresh attempt.Attempt) (a attempt.Attempt, first bool, err error) {
	first, err = p.store.Insert(ctx, fresh, p.asking)
	if err != nil || first {
		return fresh, first, err
	}
	a, err = p.store.Attempt(ctx, fresh.Reference)
	return a, false, err
}

// submit asks for an attempt that was made just now. Where no try reached the provider nothing is held: giving the attempt
// up and saying so spares the caller the wait.
func (p *Payments) submit(ctx context.Context, provider Provider, a attempt.Attempt) (attempt.Attempt, error) {
	if err := failpoint.Hit(ctx, "payments.submitted"); err != nil {
		return a, err
	}
	word, askErr := provider.Authorize(ctx, authorization(a))
	settled, err := p.settle(ctx, provider, a, hearsay{word: word, err: askErr, quiet: true})
	if err != nil || !settled.Unsettled() || !errors.Is(askErr, ErrNotSent) {
		return settled, err
	}
	if settled, _, err = p.store.GiveUp(context.WithoutCancel(ctx), a.Reference); err != nil {
		return settled, err
	}
	return settled, payments.ErrPaymentsUnavailable.Wrap(askErr)
}

// resume asks again for an attempt that is undecided, unless somebody else is asking or has just asked.
func (p *Payments) resume(ctx context.Context, provider Provider, a attempt.Attempt, req payments.AuthorizeRequest, err error) (attempt.Attempt, error) {
	if err != nil || a.Answers(req) != nil || !a.Unsettled() {
		return a, err
	}
	claimed, ok, err := p.store.Claim(ctx, a.Reference, rest, p.asking)
	if err != nil || !ok {
		return a, err
	}
	if err := failpoint.Hit(ctx, "payments.submitted"); err != nil {
		return a, err
	}
	word, askErr := inquire(ctx, provider, claimed, true)
	return p.settle(ctx, provider, claimed, hearsay{word: word, err: askErr, quiet: true})
}
