package eventsapi

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
)

// visit asks all sources for one request, and remembers which could not be reached.
type visit struct {
	sources     []Source
	unreachable []string
}

func (v *visit) each(ask func(Relay) error) error {
	for _, source := range v.sources {
		err := ask(source)
		if len(source.Modules) > 0 && errors.Is(err, remote.ErrUnavailable) {
			v.unreachable = slices.Compact(slices.Sorted(slices.Values(slices.Concat(v.unreachable, source.Modules))))
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read merges what the databases have.
func (v *visit) read(ctx context.Context, after outbox.Position, limit int) ([]outbox.DeadDelivery, error) {
	var all []outbox.DeadDelivery
	err := v.each(func(r Relay) error {
		dead, err := r.Dead(ctx, after, limit)
		all = append(all, dead...)
		return err
	})
	slices.SortFunc(all, func(a, b outbox.DeadDelivery) int {
		return cmp.Or(strings.Compare(b.EventID, a.EventID), strings.Compare(b.Subscriber, a.Subscriber))
	})
	return all[:min(len(all), limit)], err
}

func (v *visit) count(ctx context.Context) (int64, error) {
	var total int64
	err := v.each(func(r Relay) error {
		dead, err := r.CountDead(ctx)
		total += int64(dead)
		return err
	})
	return total, err
}

func (v *visit) revive(ctx context.Context, which outbox.Selection) (int, error) {
	var total int
	err := v.each(func(r Relay) error {
		revived, err := r.Revive(ctx, which)
		total += revived
		return err
	})
	return total, err
}

// knows says whether some database has the event.
func (v *visit) knows(ctx context.Context, id string) (bool, error) {
	var found bool
	err := v.each(func(r Relay) error {
		known, err := r.Knows(ctx, id)
		found = found || known
		return err
	})
	return found, err
}
