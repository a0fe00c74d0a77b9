package paying

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

var errNobodyCanTell = errors.New("what the provider moved in all does not tell whether it moved this")

// recall finds out whether the provider has moved what it was asked for so long ago that it may have forgotten the key.
// What it says it has moved in all tells, if nothing else was promised to it before and after it said so. Where it does
// not tell, nobody may ask: it could be moved twice.
func (p *Payments) recall(ctx context.Context, provider Provider, before attempt.Attempt, m attempt.Movement) (done bool, err error) {
	word, err := provider.Find(ctx, lookup(before))
	var no *Refusal
	if errors.As(err, &no) { // of the question, not of the movement
		return false, errNobodyCanTell
	}
	if err != nil {
		return false, err
	}
	if difference := before.Difference(word); difference != "" {
		return false, fmt.Errorf("the provider tells of another %s: %w", difference, errNobodyCanTell)
	}
	after, err := p.store.Attempt(ctx, m.Reference)
	if err != nil {
		return false, fmt.Errorf("read payment of %s: %w", m.Reference, err)
	}
	moved, promised := before.Moved(m.Kind)
	movedSince, promisedSince := after.Moved(m.Kind)
	if promised != m.Amount || promisedSince != promised || movedSince != moved {
		return false, errNobodyCanTell
	}
	switch word.Moved(m.Kind) {
	case moved:
		return false, nil
	case moved + m.Amount:
		return true, nil
	default:
		return false, errNobodyCanTell
	}
}
