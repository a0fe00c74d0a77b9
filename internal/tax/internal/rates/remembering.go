package rates

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/cache"
)

// remembering is a store that keeps what amounts are taxed by in memory.
type remembering struct {
	Store
	watch     *cache.Watch
	byCountry *cache.Cache[string, []Rate]
}

// Remembering makes a store whose In is answered from memory, as fresh as watch can tell.
func Remembering(store Store, watch *cache.Watch) Store {
	return remembering{Store: store, watch: watch, byCountry: cache.New[string, []Rate](watch)}
}

// In implements Store.
func (r remembering) In(ctx context.Context, country string) ([]Rate, error) {
	return r.byCountry.Get(ctx, country, func(ctx context.Context) ([]Rate, error) { return r.Store.In(ctx, country) })
}

// Insert implements Store.
func (r remembering) Insert(ctx context.Context, rate Rate) (Rate, error) {
	defer r.watch.Changed(ctx)
	return r.Store.Insert(ctx, rate)
}

// Upsert implements Store.
func (r remembering) Upsert(ctx context.Context, rate Rate) (Rate, error) {
	defer r.watch.Changed(ctx)
	return r.Store.Upsert(ctx, rate)
}

// Delete implements Store.
func (r remembering) Delete(ctx context.Context, id string) error {
	defer r.watch.Changed(ctx)
	return r.Store.Delete(ctx, id)
}
