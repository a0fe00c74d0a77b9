package delivering

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/cache"
)

// remembering is a store that keeps the active options in memory.
type remembering struct {
	Store
	watch  *cache.Watch
	active *cache.Cache[struct{}, []Option]
}

// Remembering makes a store whose ActiveOptions are answered from memory, as fresh as watch can tell.
func Remembering(store Store, watch *cache.Watch) Store {
	return remembering{Store: store, watch: watch, active: cache.New[struct{}, []Option](watch)}
}

// ActiveOptions implements Store.
func (r remembering) ActiveOptions(ctx context.Context) ([]Option, error) {
	return r.active.Get(ctx, struct{}{}, r.Store.ActiveOptions)
}

// InsertOption implements Store.
func (r remembering) InsertOption(ctx context.Context, option Option) (Option, error) {
	defer r.watch.Changed(ctx)
	return r.Store.InsertOption(ctx, option)
}

// UpdateOption implements Store.
func (r remembering) UpdateOption(ctx context.Context, option Option) (Option, error) {
	defer r.watch.Changed(ctx)
	return r.Store.UpdateOption(ctx, option)
}

// UpsertOption implements Store.
func (r remembering) UpsertOption(ctx context.Context, option Option) (Option, error) {
	defer r.watch.Changed(ctx)
	return r.Store.UpsertOption(ctx, option)
}

// DeleteOption implements Store.
func (r remembering) DeleteOption(ctx context.Context, id string) error {
	defer r.watch.Changed(ctx)
	return r.Store.DeleteOption(ctx, id)
}
