// Package cache keeps in memory what nearly every request reads and hardly anybody changes: rows of one module.
// It owns the rule by which what is kept may be used: never later than a tenth of a second after a change by another
// process, nor after a change by this one, nor once the database has not been heard of for two seconds. It knows nothing
// of what it keeps.
//
// A migration of the module counts its changes in a table "generation" of its schema, in the transaction that makes them:
//
//	CREATE TABLE tax.generation (
//	    number bigint NOT NULL
//	);
//	INSERT INTO tax.generation (number) VALUES (0);
//	CREATE FUNCTION tax.count_change() RETURNS trigger LANGUAGE plpgsql AS $$
//	BEGIN
//	    UPDATE tax.generation SET number = number + 1;
//	    RETURN NULL;
//	END $$;
//	CREATE CONSTRAINT TRIGGER rates_counted AFTER INSERT OR UPDATE OR DELETE ON tax.rates
//	    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tax.count_change();
//
// The trigger is deferred so that the counter, which all writers share, is locked last and for a moment only.
package cache

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const (
	lookEvery = 100 * time.Millisecond
	// trusted is how long a look is believed when none follows.
	trusted = 2 * time.Second
	// mostKept bounds a cache whose keys come from outside.
	mostKept = 10_000
)

// Watch knows whether the tables that a schema counts the changes of have changed. Nil watches nothing: caches on it keep
// nothing. So do those on a Watch that does not run.
type Watch struct {
	db    *sqldb.DB
	query string
	name  string
	clock func() time.Time

	mu     sync.Mutex
	epoch  int64
	number int64
	looked time.Time
}

// NewWatch makes the watch of a schema; Run starts it. It panics on a name that is not a plain identifier.
func NewWatch(db *sqldb.DB, schema string) *Watch {
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(schema) {
		panic(fmt.Sprintf("cache: %q is not a plain schema name", schema))
	}
	return &Watch{db: db, query: `SELECT number FROM ` + schema + `.generation WHERE $1`, name: "look for changes of " + schema, clock: time.Now}
}

// Run looks for changes until ctx ends, and then returns nil.
func (w *Watch) Run(ctx context.Context) error {
	return periodic.Run(ctx, lookEvery, w.name, w.Look)
}

// Look looks once. Errors: those of the database.
func (w *Watch) Look(ctx context.Context) error {
	began := w.clock()
	var number int64
	// The parameter has the statement prepared.
	if err := w.db.Get(ctx, &number, w.query, true); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if number != w.number {
		w.number = number
		w.epoch++
	}
	w.looked = began
	return nil
}

// Changed drops what was kept before. Whoever changed something under ctx calls it when that is done. Where it is not
// committed yet because the transaction is held, what was kept is dropped when that has ended.
func (w *Watch) Changed(ctx context.Context) {
	if w != nil {
		sqldb.AfterEnd(ctx, w.drop)
	}
}

func (w *Watch) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epoch++
}

// now is the epoch to keep things under; it is not known when the last look was too long ago.
func (w *Watch) now() (epoch int64, known bool) {
	if w == nil {
		return 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.epoch, w.clock().Sub(w.looked) < trusted
}

// Cache keeps values by key, all of them read from tables that one Watch watches. It is safe for use by many goroutines.
// What it answers is shared: nobody may change it. A nil Cache keeps nothing.
type Cache[K comparable, V any] struct {
	watch *Watch

	mu    sync.RWMutex
	epoch int64
	kept  map[K]V
}

// New makes an empty cache.
func New[K comparable, V any](watch *Watch) *Cache[K, V] {
	return &Cache[K, V]{watch: watch, kept: map[K]V{}}
}

// Get answers what is kept for a key, or loads it. Errors of load are answered and not kept.
func (c *Cache[K, V]) Get(ctx context.Context, key K, load func(context.Context) (V, error)) (V, error) {
	epoch, known := c.now()
	if !known {
		return load(ctx)
	}
	if value, found := c.find(epoch, key); found {
		return value, nil
	}
	value, err := load(ctx)
	if err == nil {
		c.keep(epoch, key, value)
	}
	return value, err
}

// GetAll answers what there is for keys, in no particular order. Load gets the keys that nothing is kept for, and may answer more;
// what it leaves out does not exist.
func (c *Cache[K, V]) GetAll(
	ctx context.Context, keys []K, load func(context.Context, []K) (map[K]V, error),
) ([]V, error) {
	epoch, known := c.now()
	values, missing := make([]V, 0, len(keys)), keys
	if known {
		values, missing = c.findAll(epoch, keys, values)
	}
	if len(missing) == 0 {
		return values, nil
	}
	loaded, err := load(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, key := range missing {
		value, exists := loaded[key]
		if !exists {
			continue
		}
		values = append(values, value)
		if known {
			c.keep(epoch, key, value)
		}
	}
	return values, nil
}

func (c *Cache[K, V]) now() (epoch int64, known bool) {
	if c == nil {
		return 0, false
	}
	return c.watch.now()
}

func (c *Cache[K, V]) findAll(epoch int64, keys []K, values []V) (found []V, missing []K) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.epoch != epoch {
		return values, keys
	}
	for _, key := range keys {
		if value, kept := c.kept[key]; kept {
			values = append(values, value)
		} else {
			missing = append(missing, key)
		}
	}
	return values, missing
}

func (c *Cache[K, V]) find(epoch int64, key K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	value, found := c.kept[key]
	return value, found && c.epoch == epoch
}

// keep takes a value that was loaded in an epoch. One of an earlier epoch may have been read before a change.
func (c *Cache[K, V]) keep(epoch int64, key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch < c.epoch {
		return
	}
	if epoch > c.epoch || len(c.kept) >= mostKept {
		clear(c.kept)
		c.epoch = epoch
	}
	c.kept[key] = value
}
