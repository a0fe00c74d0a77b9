package together

import (
	"context"
	"maps"
	"slices"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// few is how many keys a caller may have to be served together with others.
const few = 100

// Reader looks values up by key for many callers at once.
type Reader[K comparable, V any] struct {
	read  func(ctx context.Context, keys []K) (map[K]V, error)
	group *Group[[]K, map[K]V]
}

// NewReader makes a reader. Read gets every key once and leaves out those that it finds nothing for.
func NewReader[K comparable, V any](db *sqldb.DB, read func(ctx context.Context, keys []K) (map[K]V, error)) *Reader[K, V] {
	return &Reader[K, V]{read: read, group: &Group[[]K, map[K]V]{held: db.Holds, work: func(ctx context.Context, in [][]K) ([]map[K]V, error) {
		wanted := map[K]struct{}{}
		for _, keys := range in {
			for _, key := range keys {
				wanted[key] = struct{}{}
			}
		}
		found, err := read(ctx, slices.Collect(maps.Keys(wanted)))
		if err != nil {
			return nil, err
		}
		return slices.Repeat([]map[K]V{found}, len(in)), nil
	}}}
}

// Get answers what is found for the keys, and possibly for others. Callers share the answer and must not change it.
func (r *Reader[K, V]) Get(ctx context.Context, keys []K) (map[K]V, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if len(keys) > few {
		return r.read(ctx, keys)
	}
	return r.group.Do(ctx, keys)
}
