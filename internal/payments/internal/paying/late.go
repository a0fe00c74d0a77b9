package paying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// How late money is given back.
const (
	byVoid   = "void"
	byRefund = "refund"
)

// Keys of the movements that late money causes.
const (
	// keyTaken is that of a capture that somebody else did.
	keyTaken = "captured_elsewhere"
	// keyLate is that of the refund of late money.
	keyLate = "late_payment"
)

// returnLate gives back what a provider is said to hold for a payment that has ended. The word may be old, so the provider
// is asked how things stand, and where it does not say its own answer counts; that money goes back is written down before
// it is told to. What it has not decided goes back before it comes.
func (p *Payments) returnLate(ctx context.Context, provider Provider, after aftermath) (attempt.Attempt, error) {
	a := after.attempt
	now, err := provider.Find(ctx, Lookup{Key: a.ID, ProviderRef: after.word.ID})
	if errors.Is(err, ErrNothingThere) {
		return a, nil
	}
	switch {
	case err != nil && after.answered:
		now = after.word
	case err != nil:
		return a, payments.ErrProviderUnavailable.Wrap(err)
	}
	if now.Gone() {
		return a, nil
	}
	err = p.store.InTx(ctx, func(tx Store) error {
		if a, err = tx.Lock(ctx, a.Reference); err != nil || a.GivingBack || !a.Ended() {
			return err
		}
		a, err = p.markLate(ctx, tx, a, aftermath{method: after.method, word: now})
		return err
	})
	if err != nil || !a.GivingBack {
		return a, err
	}
	return p.giveBack(ctx, provider, a)
}

// markLate decides that what is held goes back, or leaves to a person what cannot be voided or must not be believed.
func (p *Payments) markLate(ctx context.Context, tx Store, a attempt.Attempt, now aftermath) (attempt.Attempt, error) {
	w := now.word
	if difference := a.Difference(w); difference != "" {
		return p.disbelieve(ctx, tx, a, hearsay{word: w}, difference)
	}
	if w.Captured > 0 {
		return a, openLateCapture(ctx, tx, a, w)
	}
	a.GivingBack, a.ProviderRef, a.Method = true, w.ID, now.method
	if a.Currency == "" {
		a.Currency, a.Amount = w.Currency, w.Amount
	}
	return a, tx.Save(ctx, a, p.next(a, nil))
}

func openLateCapture(ctx context.Context, tx Store, a attempt.Attempt, w attempt.Word) error {
	rest := w.Amount - w.Captured
	if w.Over() {
		rest = 0
	}
	return open(ctx, tx, Review{Reference: a.Reference, Reason: ReasonLateCapture, Subject: w.ID, Details: map[string]any{
		"authorization": w.ID, "captured": w.Captured, "rest": rest, "currency": w.Currency}})
}

// giveBack has the provider void what is marked for it. Until it holds nothing, the background goes on; where it refuses,
// or somebody has captured, a person does.
func (p *Payments) giveBack(ctx context.Context, provider Provider, a attempt.Attempt) (attempt.Attempt, error) {
	if provider == nil {
		return a, fmt.Errorf("payment of %s: nobody to give the money back", a.Reference)
	}
	word, askErr := provider.Void(ctx, voiding(a))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	err := p.store.InTx(ctx, func(tx Store) error {
		var err error
		if a, err = tx.Lock(ctx, a.Reference); err != nil || !a.Undone() {
			return err
		}
		var no *Refusal
		switch {
		case errors.As(askErr, &no):
			return p.leaveToPerson(ctx, tx, a, no.Code)
		case word.Kept() > 0:
			return p.leaveToPerson(ctx, tx, a, "captured")
		case askErr != nil || !word.Gone():
			return tx.Save(ctx, a, p.next(a, askErr))
		default:
			a, err = returned(ctx, tx, a)
			return err
		}
	})
	return a, err
}

// muchLater is when the background tries again what a person was asked to look at.
const muchLater = time.Hour

func (p *Payments) leaveToPerson(ctx context.Context, tx Store, a attempt.Attempt, code string) error {
	review := Review{Reference: a.Reference, Reason: ReasonRefused, Subject: byVoid, Details: map[string]any{"refusal": code, "status": a.Status}}
	if err := open(ctx, tx, review); err != nil {
		return err
	}
	return tx.Save(ctx, a, muchLater)
}

// returned records that the provider gave the money back, and tells so: of the attempt's state, and of late money.
func returned(ctx context.Context, tx Store, a attempt.Attempt) (attempt.Attempt, error) {
	if a.Status == payments.StatusVoidPending {
		var err error
		if a, err = a.FinishVoid(); err != nil {
			return a, err
		}
		a.Seq++
		if err := tx.Announce(ctx, a, a.Changed()); err != nil {
			return a, err
		}
	}
	if a.GivingBack {
		a.GivingBack = false
		a.Seq++
		if err := tx.Announce(ctx, a, a.Late(a.Amount, byVoid)); err != nil {
			return a, err
		}
	}
	return a, tx.Save(ctx, a, 0)
}

// refundLate records that somebody captured what had been given up, and promises to give it back: the background asks the
// provider. The rest of what was captured in part a provider does not void, so it is left to a person.
func (p *Payments) refundLate(ctx context.Context, tx Store, before attempt.Attempt, w attempt.Word) (attempt.Attempt, error) {
	before.ProviderRef = w.ID
	a, err := before.Authorize()
	if err != nil {
		return a, err
	}
	if a, err = p.keep(ctx, tx, before, a, hearsay{}); err != nil {
		return a, err
	}
	if !w.Over() && w.Captured < w.Amount {
		if err := openLateCapture(ctx, tx, a, w); err != nil {
			return a, err
		}
	}
	kept := min(w.Kept(), a.Amount)
	for _, m := range []attempt.Movement{
		{Kind: attempt.KindCapture, Key: keyTaken, Amount: kept},
		{Kind: attempt.KindRefund, Key: keyLate, Amount: kept, Reason: "paid too late"},
	} {
		m.ID, m.Reference, m.RequestHash = p.newID(), a.Reference, attempt.RequestHash(nil, m.Reason)
		reserved, err := tx.Reserve(ctx, &m, attempt.From(verbOf(m.Kind)))
		if err != nil || !reserved {
			return a, errors.Join(err, fmt.Errorf("promise %s of late money: %w", m.Kind, payments.ErrIllegalTransition))
		}
		if m.Kind == attempt.KindRefund {
			break
		}
		if a, err = book(ctx, tx, m); err != nil {
			return a, err
		}
	}
	return a, nil
}
