package paying

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// What came of an event, or of any word of a provider.
const (
	outcomeApplied    = "applied"
	outcomeIgnored    = "ignored"
	outcomeDiffers    = "differs"
	outcomeUnmatched  = "unmatched"
	outcomeUnreadable = "unreadable"
	// outcomeLate is not kept: what follows from it decides.
	outcomeLate = "late"
)

// Event is what a provider told by itself, as it was signed and stored.
type Event struct {
	Provider string
	ID       string
	SentAt   time.Time
	Body     []byte
	// Tries is how often it was handled in vain, and Age how long ago it came, by the database's clock.
	Tries int
	Age   time.Duration
}

// Reader is a Provider that tells things by itself.
type Reader interface {
	// Read answers what an event says of which authorization, or an error when it says nothing that can be understood.
	Read(body []byte) (attempt.Word, error)
}

// Inbox keeps events. Store is an attempt's part of the same transactions.
type Inbox interface {
	Store
	InInbox(ctx context.Context, do func(tx Inbox) error) error
	// Named answers the attempt that a reference or else the provider's id names. Errors: payments.ErrNotFound.
	Named(ctx context.Context, reference, providerRef string) (attempt.Attempt, error)
	// Conclude writes what came of an event, and answers false when that was written before.
	Conclude(ctx context.Context, e Event, outcome string) (bool, error)
	// Postpone leaves an event alone for a while.
	Postpone(ctx context.Context, e Event, wait time.Duration) error
}

// strayLimit is how long an event may wait for the attempt that it is about.
const strayLimit = 24 * time.Hour

// errConcluded ends a transaction that came too late for an event.
var errConcluded = errors.New("the event was handled by somebody else")

// Handle does what an event demands, once. An event about nothing that is known waits: it may be faster than what it is
// about.
func (p *Payments) Handle(ctx context.Context, inbox Inbox, e Event) error {
	err := p.handle(ctx, inbox, e)
	if errors.Is(err, errConcluded) {
		return nil
	}
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	return errors.Join(fmt.Errorf("handle event %s of %s: %w", e.ID, e.Provider, err), inbox.Postpone(ctx, e, again(e.Tries)))
}

func (p *Payments) handle(ctx context.Context, inbox Inbox, e Event) error {
	provider, err := p.provider(e.Provider)
	if err != nil {
		return err
	}
	reader, ok := provider.(Reader)
	if !ok {
		return payments.ErrMethodUnavailable
	}
	word, err := reader.Read(e.Body)
	if err != nil {
		return p.leave(ctx, inbox, e, outcomeUnreadable, Review{Reason: ReasonUnreadable})
	}
	a, err := inbox.Named(ctx, word.Reference, word.ID)
	if errors.Is(err, payments.ErrNotFound) {
		return p.stray(ctx, inbox, e, word)
	}
	if err != nil {
		return err
	}
	outcome := ""
	err = inbox.InInbox(ctx, func(tx Inbox) error {
		if a, err = tx.Lock(ctx, a.Reference); err != nil {
			return err
		}
		a, outcome, err = p.record(ctx, tx, a, hearsay{word: word, event: e.ID})
		if err != nil || outcome == outcomeLate {
			return err
		}
		return conclude(ctx, tx, e, outcome)
	})
	if err != nil {
		return err
	}
	after := aftermath{attempt: a, method: e.Provider, outcome: outcome, word: word}
	if _, err := p.follow(ctx, provider, after); err != nil || outcome != outcomeLate {
		return err
	}
	return conclude(ctx, inbox, e, outcomeApplied)
}

func conclude(ctx context.Context, inbox Inbox, e Event, outcome string) error {
	first, err := inbox.Conclude(ctx, e, outcome)
	if err == nil && !first {
		return errConcluded
	}
	return err
}

// stray is an event about nothing that is known. It is never dropped: it waits, and then a person has to look.
func (p *Payments) stray(ctx context.Context, inbox Inbox, e Event, w attempt.Word) error {
	if e.Age < strayLimit {
		return inbox.Postpone(ctx, e, again(e.Tries))
	}
	return p.leave(ctx, inbox, e, outcomeUnmatched, Review{Reference: w.Reference, Reason: ReasonUnmatched, Details: map[string]any{
		"authorization": w.ID, "amount": w.Amount, "currency": w.Currency, "status": w.Status}})
}

// leave ends an event with a review.
func (p *Payments) leave(ctx context.Context, inbox Inbox, e Event, outcome string, r Review) error {
	r.Subject = e.ID
	return inbox.InInbox(ctx, func(tx Inbox) error {
		if err := open(ctx, tx, r); err != nil {
			return err
		}
		return conclude(ctx, tx, e, outcome)
	})
}

// again is how long to wait after so many tries: from 1 s, doubled each time, to 10 min.
func again(tries int) time.Duration {
	const longest = 10 * time.Minute
	const doublings = 10
	return min(time.Second<<min(tries, doublings), longest)
}
