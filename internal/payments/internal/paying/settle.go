package paying

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

// recordLimit is the time that writing down a provider's answer has, also when whoever asked has left.
const recordLimit = 5 * time.Second

// inquire finds out how an undecided authorization stands. Only where the provider knows none is the request sent once
// more, with the same key: at once for somebody who waits, else when the first one has surely had its time.
func inquire(ctx context.Context, provider Provider, a attempt.Attempt, waiting bool) (attempt.Word, error) {
	word, err := provider.Find(ctx, lookup(a))
	if !errors.Is(err, ErrNothingThere) {
		return word, err
	}
	nothing := attempt.Word{Status: attempt.SaysNothingThere}
	if !a.MayAskAgain() {
		if !a.TimeEnough() {
			return word, err
		}
		return nothing, nil
	}
	if !waiting && !a.TimeEnough() {
		return word, err
	}
	word, err = provider.Authorize(ctx, authorization(a))
	var no *Refusal
	if errors.As(err, &no) && a.TimeEnough() {
		return nothing, nil
	}
	return word, err
}

// hearsay is what came of a question, or of an event. Quiet keeps what it changes from being announced, because whoever
// waits for it is told.
type hearsay struct {
	word  attempt.Word
	err   error
	quiet bool
	// event is its id when nobody asked.
	event string
}

// settle records what a provider said, or that it said nothing, and sees to what follows from it.
func (p *Payments) settle(ctx context.Context, provider Provider, a attempt.Attempt, heard hearsay) (attempt.Attempt, error) {
	if err := failpoint.Hit(ctx, "payments.answered"); err != nil {
		return a, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	recorded, outcome := a, ""
	err := p.store.InTx(ctx, func(tx Store) error {
		var err error
		if recorded, err = tx.Lock(ctx, a.Reference); err != nil {
			return err
		}
		recorded, outcome, err = p.record(ctx, tx, recorded, heard)
		return err
	})
	if err != nil {
		return recorded, err
	}
	return p.follow(ctx, provider, aftermath{attempt: recorded, method: a.Method, outcome: outcome, word: heard.word, answered: true})
}

// aftermath is what a recorded word came to. The method is that of whoever said it: an attempt that was closed before it
// was known has none.
type aftermath struct {
	attempt attempt.Attempt
	method  string
	outcome string
	word    attempt.Word
	// answered says that the word is the answer to a question just asked, which nobody tells again. An event comes again.
	answered bool
}

// follow does what a recorded word demands of the provider: what is held and not wanted goes back. What fails here is done
// again by the background.
func (p *Payments) follow(ctx context.Context, provider Provider, after aftermath) (attempt.Attempt, error) {
	if after.outcome == outcomeLate {
		return p.returnLate(ctx, provider, after)
	}
	if after.outcome == outcomeApplied && after.attempt.Undone() {
		return p.giveBack(ctx, provider, after.attempt)
	}
	return after.attempt, nil
}

// record applies what was heard to an attempt that is locked, and answers what came of it. No answer is a state and not
// an error: the hold may well exist.
func (p *Payments) record(ctx context.Context, tx Store, before attempt.Attempt, heard hearsay) (attempt.Attempt, string, error) {
	if heard.err != nil {
		after, err := p.keepUnheard(ctx, tx, before, heard)
		return after, outcomeIgnored, err
	}
	if difference := heard.difference(before); difference != "" {
		after, err := p.disbelieve(ctx, tx, before, heard, difference)
		return after, outcomeDiffers, err
	}
	after, err := before.Hear(heard.word)
	switch {
	case errors.Is(err, attempt.ErrLate):
		return before, outcomeLate, nil
	case errors.Is(err, payments.ErrIllegalTransition):
		return before, outcomeIgnored, nil
	case err != nil:
		return before, "", err
	case after.GivingBack && !before.GivingBack && heard.word.Kept() > 0:
		after, err = p.refundLate(ctx, tx, before, heard.word)
		return after, outcomeApplied, err
	}
	outcome := outcomeIgnored
	if after.Status != before.Status {
		outcome = outcomeApplied
	}
	after, err = p.keep(ctx, tx, before, after, heard)
	return after, outcome, err
}

// difference is attempt.Attempt.Difference. An event must not tell of money that moved without Rialto, either; nor may an
// answer say that all is over and some money stays captured. The answer to a question of ours that nothing is held any more
// is true of whatever amount was held.
func (h hearsay) difference(a attempt.Attempt) string {
	found := a.Difference(h.word)
	asked, keeps := h.event == "", h.word.Over() && h.word.Kept() > 0
	switch {
	case asked && h.word.Gone() && (found == "amount" || found == "currency"):
		return ""
	case asked && !keeps:
		return found
	}
	moved := h.word.Captured > a.Captured+a.Capturing || h.word.Refunded > a.Refunded+a.Refunding
	if found == "" && moved && !a.GivenUp && !a.Ended() {
		return "captured"
	}
	return found
}

// keepUnheard records a question without an answer.
func (p *Payments) keepUnheard(ctx context.Context, tx Store, before attempt.Attempt, heard hearsay) (attempt.Attempt, error) {
	after := before
	if before.Status == payments.StatusSubmitted {
		var err error
		if after, err = before.Lose(); err != nil {
			return before, err
		}
	}
	return p.keep(ctx, tx, before, after, heard)
}

// keep writes an attempt down, and announces it when its state changed and nobody is told otherwise.
func (p *Payments) keep(ctx context.Context, tx Store, before, after attempt.Attempt, heard hearsay) (attempt.Attempt, error) {
	if heard.event != "" && after == before {
		return after, nil
	}
	told := heard.quiet && after.Status != payments.StatusVoidPending
	announced := after.Status != before.Status && !told
	if announced {
		after.Seq = before.Seq + 1
	}
	if err := tx.Save(ctx, after, p.next(after, heard.err)); err != nil {
		return after, err
	}
	if err := p.reviewOverdue(ctx, tx, after); err != nil || !announced {
		return after, err
	}
	return after, tx.Announce(ctx, after, after.Changed())
}

// returnAgain is how long a provider has to give money back before it is asked to again.
const returnAgain = 15 * time.Second

// next is how long the background leaves an attempt alone.
func (p *Payments) next(a attempt.Attempt, askErr error) time.Duration {
	wait := a.NextQuestion()
	if a.Undone() {
		wait = max(returnAgain, p.asking)
	}
	var asked *Unanswered
	if errors.As(askErr, &asked) {
		wait = max(wait, asked.After)
	}
	return wait
}

// disbelieve leaves the attempt to a person: whoever is charged another amount than was agreed to, or somebody else's
// money, must not have an order for it.
func (p *Payments) disbelieve(ctx context.Context, tx Store, before attempt.Attempt, heard hearsay, difference string) (attempt.Attempt, error) {
	w := heard.word
	// An answer and the event that tells the same are one thing to look at.
	subject := difference + " of " + w.ID
	err := open(ctx, tx, Review{Reference: before.Reference, Reason: ReasonDiffers, Subject: subject, Details: map[string]any{
		"differs": difference, "authorization": w.ID, "reference": w.Reference, "amount": w.Amount, "currency": w.Currency,
		"status": w.Status, "event": heard.event}})
	if err != nil || heard.event != "" {
		return before, err
	}
	return p.keepUnheard(ctx, tx, before, heard)
}

func (p *Payments) reviewOverdue(ctx context.Context, tx Store, a attempt.Attempt) error {
	if !a.Overdue() {
		return nil
	}
	return open(ctx, tx, Review{Reference: a.Reference, Reason: ReasonUndecided, Details: map[string]any{"status": a.Status}})
}

// open opens a review and says so in the log, where alerts look.
func open(ctx context.Context, tx Store, r Review) error {
	first, err := tx.Open(ctx, r)
	if err == nil && first {
		slog.ErrorContext(ctx, "a payment needs a person", "reference", r.Reference, "reason", r.Reason)
	}
	return err
}
