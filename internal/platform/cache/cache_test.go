package cache_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/cache"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// world is a watch that has looked once, a cache on it, and a counter of what had to be loaded.
type world struct {
	t      *testing.T
	db     *sqldb.DB
	watch  *cache.Watch
	cache  *cache.Cache[string, int]
	now    time.Time
	loaded int
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: testdb.New(t).Module("tax"), now: time.Now()}
	w.watch = cache.NewWatch(w.db, "tax")
	w.watch.Clock(func() time.Time { return w.now })
	w.cache = cache.New[string, int](w.watch)
	require.NoError(t, w.watch.Look(t.Context()))
	return w
}

// get answers how many loads there were when the key's value was loaded.
func (w *world) get(key string) int {
	w.t.Helper()
	value, err := w.cache.Get(w.t.Context(), key, func(context.Context) (int, error) {
		w.loaded++
		return w.loaded, nil
	})
	require.NoError(w.t, err)
	return value
}

// change is what another process does.
func (w *world) change() {
	w.t.Helper()
	const query = `INSERT INTO tax.rates (id, name, country, region, tax_class, rate, applies_to_shipping)
		VALUES (gen_random_uuid(), 'VAT', $1, '', 'standard', 7, true)`
	_, err := w.db.Exec(w.t.Context(), query, "DE")
	require.NoError(w.t, err)
}

func TestWhatIsUnchangedIsLoadedOnce(t *testing.T) {
	w := open(t)
	require.Equal(t, 1, w.get("a"))
	require.Equal(t, 2, w.get("b"))
	require.NoError(t, w.watch.Look(t.Context()))
	require.Equal(t, 1, w.get("a"))
	require.Equal(t, 2, w.get("b"))
}

func TestAChangeByAnotherProcessIsSeenByTheNextLook(t *testing.T) {
	w := open(t)
	require.Equal(t, 1, w.get("a"))
	w.change()
	require.NoError(t, w.watch.Look(t.Context()))
	require.Equal(t, 2, w.get("a"))
	require.Equal(t, 2, w.get("a"))
}

func TestAChangeThatIsTakenBackIsNone(t *testing.T) {
	w := open(t)
	require.Equal(t, 1, w.get("a"))
	failed := errors.New("failed")
	err := w.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM tax.rates WHERE $1`, true)
		require.NoError(t, err)
		return failed
	})
	require.ErrorIs(t, err, failed)
	require.NoError(t, w.watch.Look(t.Context()))
	require.Equal(t, 1, w.get("a"))
}

func TestAChangeByThisProcessIsSeenAtOnce(t *testing.T) {
	w := open(t)
	require.Equal(t, 1, w.get("a"))
	w.watch.Changed(t.Context())
	require.Equal(t, 2, w.get("a"))
}

func TestWhatWasReadBeforeAChangeIsNotKeptAfterIt(t *testing.T) {
	w := open(t)
	value, err := w.cache.Get(t.Context(), "a", func(context.Context) (int, error) {
		w.watch.Changed(t.Context())
		require.Equal(t, 1, w.get("b"))
		return 100, nil
	})
	require.NoError(t, err)
	require.Equal(t, 100, value)
	require.Equal(t, 2, w.get("a"))
	require.Equal(t, 1, w.get("b"))
}

func TestNothingIsKeptWhileTheDatabaseIsNotHeardOf(t *testing.T) {
	w := open(t)
	require.Equal(t, 1, w.get("a"))
	w.now = w.now.Add(1999 * time.Millisecond)
	require.Equal(t, 1, w.get("a"))
	w.now = w.now.Add(time.Millisecond)
	require.Equal(t, 2, w.get("a"))
	require.Equal(t, 3, w.get("a"))

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, w.watch.Look(gone))
	require.Equal(t, 4, w.get("a"))

	w.change()
	require.NoError(t, w.watch.Look(t.Context()))
	require.Equal(t, 5, w.get("a"))
	require.Equal(t, 5, w.get("a"))
}

func TestNothingIsKeptUnwatched(t *testing.T) {
	w := &world{t: t, cache: cache.New[string, int](nil)}
	require.Equal(t, 1, w.get("a"))
	require.Equal(t, 2, w.get("a"))
	var none *cache.Watch
	none.Changed(t.Context())

	absent := &world{t: t}
	require.Equal(t, 1, absent.get("a"))
	require.Equal(t, 2, absent.get("a"))

	idle := &world{t: t, cache: cache.New[string, int](cache.NewWatch(nil, "tax"))}
	require.Equal(t, 1, idle.get("a"))
	require.Equal(t, 2, idle.get("a"))
}

func TestAnErrorIsNotKept(t *testing.T) {
	w := open(t)
	broken := errors.New("broken")
	_, err := w.cache.Get(t.Context(), "a", func(context.Context) (int, error) { return 0, broken })
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, w.get("a"))
}

func TestKeysFromOutsideDoNotFillTheMemory(t *testing.T) {
	w := open(t)
	numbers := cache.New[int, int](w.watch)
	loads := 0
	get := func(key int) {
		_, err := numbers.Get(t.Context(), key, func(context.Context) (int, error) { loads++; return key, nil })
		require.NoError(t, err)
	}
	for key := range 10_001 {
		get(key)
	}
	require.Equal(t, 10_001, loads)
	get(0)
	require.Equal(t, 10_002, loads, "the first of them made room")
	get(10_000)
	require.Equal(t, 10_002, loads)
}

func TestANameThatIsNoSchemaIsRefused(t *testing.T) {
	require.Panics(t, func() { cache.NewWatch(nil, "tax; DROP") })
}

func TestOnlyWhatIsMissingIsLoadedForManyKeys(t *testing.T) {
	w := open(t)
	var asked [][]string
	get := func(keys ...string) []int {
		values, err := w.cache.GetAll(t.Context(), keys, func(_ context.Context, missing []string) (map[string]int, error) {
			asked = append(asked, missing)
			return map[string]int{"a": 1, "b": 2, "c": 3}, nil
		})
		require.NoError(t, err)
		return values
	}

	require.Equal(t, []int{1, 2}, get("a", "b"))
	require.ElementsMatch(t, []int{2, 3}, get("c", "b", "no such"))
	require.Equal(t, []int{1}, get("a"))
	require.Empty(t, get("no such"))
	w.change()
	require.NoError(t, w.watch.Look(t.Context()))
	require.Equal(t, []int{1}, get("a"))

	require.Equal(t, [][]string{{"a", "b"}, {"c", "no such"}, {"no such"}, {"a"}}, asked)
}

func TestAFailureToLoadManyKeysIsNotKept(t *testing.T) {
	w := open(t)
	broken := errors.New("broken")
	_, err := w.cache.GetAll(t.Context(), []string{"a"}, func(context.Context, []string) (map[string]int, error) { return nil, broken })
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, w.get("a"))
}
