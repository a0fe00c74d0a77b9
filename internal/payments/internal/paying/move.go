package paying

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

// Capture implements payments.Service.
func (p *Payments) Capture(ctx context.Context, req payments.CaptureRequest) (payments.CaptureAnswer, error) {
	done, err := p.move(ctx, move{kind: attempt.KindCapture, reference: req.Reference, key: req.Key, amount: req.Amount})
	if err != nil {
		return payments.CaptureAnswer{}, fmt.Errorf("capture %s: %w", req.Reference, err)
	}
	return payments.CaptureAnswer{Capture: done.attempt.Capture(done.movement), Attempt: p.answer(done.attempt), Replayed: done.replayed}, nil
}

// Refund implements payments.Service.
func (p *Payments) Refund(ctx context.Context, req payments.RefundRequest) (payments.RefundAnswer, error) {
	done, err := p.move(ctx, move{kind: attempt.KindRefund, reference: req.Reference, key: req.Key, amount: req.Amount, reason: req.Reason})
	if err != nil {
		return payments.RefundAnswer{}, fmt.Errorf("refund %s: %w", req.Reference, err)
	}
	return payments.RefundAnswer{Refund: done.attempt.Refund(done.movement), Attempt: p.answer(done.attempt), Replayed: done.replayed}, nil
}

// move is a request to take or give back money.
type move struct {
	kind, reference, key, reason string
	amount                       *money.Money
}

// moved is a movement that is done and the attempt after it.
type moved struct {
	movement attempt.Movement
	attempt  attempt.Attempt
	replayed bool
}

// move promises the amount first and books it when the provider has moved it. A request that finds its key in use
// continues where the earlier one stopped.
func (p *Payments) move(ctx context.Context, req move) (moved, error) {
	fresh := attempt.Movement{ID: p.newID(), Reference: req.reference, Kind: req.kind, Key: req.key,
		RequestHash: attempt.RequestHash(req.amount, req.reason), Reason: req.reason}
	m, err := p.store.Movement(ctx, req.reference, req.kind, req.key)
	if errors.Is(err, ErrNoMovement) {
		m, err = p.first(ctx, fresh, req.amount)
	}
	if err != nil {
		return moved{}, err
	}
	if m.RequestHash != fresh.RequestHash {
		return moved{}, payments.ErrIdempotencyKeyReused
	}
	a, err := p.finish(ctx, m)
	return moved{movement: m, attempt: a, replayed: m.ID != fresh.ID}, err
}

// first promises the movement of a key that was not in use a moment ago. Whoever used it since may be why nothing is left
// to promise, so a refusal counts only when the key still is unknown after it.
func (p *Payments) first(ctx context.Context, fresh attempt.Movement, asked *money.Money) (attempt.Movement, error) {
	m, refusal := p.promise(ctx, fresh, asked)
	if refusal == nil {
		return m, nil
	}
	m, err := p.store.Movement(ctx, fresh.Reference, fresh.Kind, fresh.Key)
	if errors.Is(err, ErrNoMovement) {
		return m, refusal
	}
	return m, err
}

// promise reserves the amount, and books it in the same transaction when nobody has to be asked. When the attempt changed
// between reading and reserving, what is possible is decided anew.
func (p *Payments) promise(ctx context.Context, m attempt.Movement, asked *money.Money) (attempt.Movement, error) {
	for {
		a, err := p.store.Attempt(ctx, m.Reference)
		if err != nil {
			return m, err
		}
		if m.Amount, err = a.Movable(m.Kind, asked); err != nil {
			return m, err
		}
		provider, err := p.provider(a.Method)
		if err != nil {
			return m, err
		}
		reserved := false
		err = p.store.InTx(ctx, func(tx Store) error {
			reserved, err = tx.Reserve(ctx, &m, attempt.From(verbOf(m.Kind)))
			if err != nil || !reserved || provider != nil {
				return err
			}
			_, err = book(ctx, tx, m)
			return err
		})
		if err != nil || reserved {
			m.Done = provider == nil
			return m, err
		}
	}
}

func verbOf(kind string) attempt.Verb {
	if kind == attempt.KindCapture {
		return attempt.Capture
	}
	return attempt.Refund
}

// finish has the provider move what was promised, unless that was done, and answers the attempt as it stands.
func (p *Payments) finish(ctx context.Context, m attempt.Movement) (attempt.Attempt, error) {
	a, err := p.store.Attempt(ctx, m.Reference)
	if err != nil || m.Done {
		return a, err
	}
	if m.Refusal != "" {
		return a, refusalOf(m.Kind, m.Refusal)
	}
	provider, err := p.provider(a.Method)
	if err != nil {
		return a, err
	}
	askErr := p.ask(ctx, provider, a, m)
	var no *Refusal
	if askErr != nil && !errors.As(askErr, &no) {
		return a, payments.ErrProviderUnavailable.Wrap(askErr)
	}
	if err := failpoint.Hit(ctx, "payments.moved"); err != nil {
		return a, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	err = p.store.InTx(ctx, func(tx Store) error {
		var err error
		if no != nil {
			a, err = drop(ctx, tx, m, no.Code)
		} else {
			a, err = book(ctx, tx, m)
		}
		return err
	})
	if err == nil && no != nil {
		err = refusalOf(m.Kind, no.Code)
	}
	return a, err
}

// ask has the provider move money, with the same key however often.
func (p *Payments) ask(ctx context.Context, provider Provider, a attempt.Attempt, m attempt.Movement) error {
	if provider == nil {
		return nil
	}
	if !m.MayAskAgain() {
		if done, err := p.recall(ctx, provider, a, m); done || err != nil {
			return err
		}
	}
	transfer := Transfer{Key: m.ID, Authorization: a.ID, ProviderRef: a.ProviderRef, Amount: money.MustNew(m.Amount, a.Currency)}
	transmit := provider.Refund
	if m.Kind == attempt.KindCapture {
		transmit = provider.Capture
	}
	err := transmit(ctx, transfer)
	var no *Refusal
	if !errors.As(err, &no) || no.Code != RefusedExceeds {
		return err
	}
	// A shop that was restored from a backup may have forgotten that it moved just this.
	if done, recallErr := p.recall(ctx, provider, a, m); recallErr != nil || !done {
		return err
	}
	return nil
}

// refusalOf is a provider's refusal in the words of the front door.
func refusalOf(kind, code string) error {
	switch {
	case code != RefusedExceeds:
		return payments.ErrIllegalTransition.Detailf("the payment provider refused (%s)", code)
	case kind == attempt.KindCapture:
		return payments.ErrCaptureExceeds.Detailf("the payment provider refused: more than is left of the authorization")
	default:
		return payments.ErrRefundExceeds.Detailf("the payment provider refused: more than was captured and not yet refunded")
	}
}

// drop takes back what was promised, because the provider refused it. By our books it was possible, so a person has to
// look.
func drop(ctx context.Context, tx Store, m attempt.Movement, code string) (attempt.Attempt, error) {
	a, err := tx.Lock(ctx, m.Reference)
	if err != nil {
		return a, err
	}
	first, err := tx.MarkRefused(ctx, m.ID, code)
	if err != nil || !first {
		return a, err
	}
	a = a.Drop(m)
	if err := tx.Save(ctx, a, 0); err != nil {
		return a, err
	}
	return a, open(ctx, tx, Review{Reference: m.Reference, Reason: ReasonRefused, Subject: m.ID,
		Details: map[string]any{"kind": m.Kind, "amount": m.Amount, "refusal": code}})
}

// book records that a movement is done: totals, ledger and events. Doing it again changes nothing.
func book(ctx context.Context, tx Store, m attempt.Movement) (attempt.Attempt, error) {
	a, err := tx.Lock(ctx, m.Reference)
	if err != nil {
		return a, err
	}
	first, err := tx.MarkDone(ctx, m.ID)
	if err != nil || !first {
		return a, err
	}
	if a, err = a.Book(m); err != nil {
		return a, err
	}
	if err := tx.Post(ctx, m, a.Currency, attempt.Entries(m)); err != nil {
		return a, err
	}
	if err := tx.Announce(ctx, a, a.Changed()); err != nil {
		return a, err
	}
	if m.Kind == attempt.KindRefund && m.Key == keyLate {
		a.Seq++
		if err := tx.Announce(ctx, a, a.Late(m.Amount, byRefund)); err != nil {
			return a, err
		}
	}
	return a, tx.Save(ctx, a, 0)
}
