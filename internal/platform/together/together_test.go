package together_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

// nowhere is a database that nothing is asked of.
var nowhere = &sqldb.DB{}

// office records what it is given and works for as long as it is told to.
type office struct {
	mu    sync.Mutex
	given [][]string
	takes func(in []string) (time.Duration, error)
}

func (o *office) work(ctx context.Context, in []string) ([]string, error) {
	o.mu.Lock()
	o.given = append(o.given, slices.Sorted(slices.Values(in)))
	o.mu.Unlock()
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.ToUpper(s)
	}
	if o.takes == nil {
		return out, nil
	}
	d, err := o.takes(in)
	select {
	case <-time.After(d):
		return out, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func constantly(d time.Duration) func([]string) (time.Duration, error) {
	return func([]string) (time.Duration, error) { return d, nil }
}

func TestWhatComesDuringWorkIsDoneTogetherAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{takes: constantly(10 * time.Millisecond)}
		g := together.New(nowhere, o.work)
		var wait sync.WaitGroup
		ask := func(in string) {
			wait.Go(func() {
				out, err := g.Do(t.Context(), in)
				assert.NoError(t, err)
				assert.Equal(t, strings.ToUpper(in), out)
			})
			synctest.Wait()
		}

		ask("a")
		ask("b")
		ask("c")
		wait.Wait()
		ask("d")
		wait.Wait()

		assert.Equal(t, [][]string{{"a"}, {"b", "c"}, {"d"}}, o.given)
	})
}

func TestAnAnswerThatIsThereWhenTimeIsOverIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := together.New(nowhere, func(_ context.Context, in []string) ([]string, error) {
			time.Sleep(11 * time.Millisecond)
			return in, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		out, err := g.Do(ctx, "a")
		assert.NoError(t, err)
		assert.Equal(t, "a", out)
	})
}

func TestACrowdIsServedInPartiesThatAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{takes: constantly(10 * time.Millisecond)}
		g := together.New(nowhere, o.work)
		var wait sync.WaitGroup
		for i := range 151 {
			wait.Go(func() {
				out, err := g.Do(t.Context(), fmt.Sprint("n", i))
				assert.NoError(t, err)
				assert.Equal(t, fmt.Sprint("N", i), out)
			})
			if i == 0 {
				synctest.Wait()
			}
		}
		wait.Wait()

		sizes := make([]int, len(o.given))
		for i, in := range o.given {
			sizes[i] = len(in)
		}
		assert.Equal(t, []int{1, 64, 64, 22}, sizes)
	})
}

func TestNobodyWaitsForWorkThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{takes: func(in []string) (time.Duration, error) {
			if slices.Contains(in, "stuck") {
				return time.Hour, nil
			}
			return time.Millisecond, nil
		}}
		g := together.New(nowhere, o.work)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { _, _ = g.Do(ctx, "stuck") }()
		synctest.Wait()
		started := time.Now()

		_, err := g.Do(t.Context(), "a")
		require.NoError(t, err)
		assert.Equal(t, 21*time.Millisecond, time.Since(started), "who was there already")
		_, err = g.Do(t.Context(), "b")
		require.NoError(t, err)
		assert.Equal(t, 22*time.Millisecond, time.Since(started), "who comes later")
		<-ctx.Done()
	})
}

func TestWorkLastsAsLongAsAnybodyWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{takes: constantly(5 * time.Second)}
		g := together.New(nowhere, o.work)
		first, cancelFirst := context.WithTimeout(t.Context(), time.Second)
		defer cancelFirst()
		started := time.Now()

		_, err := g.Do(first, "impatient")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(started))

		canceled, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() {
			_, err := g.Do(canceled, "gone")
			assert.ErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		cancel()
		_, err = g.Do(t.Context(), "patient")
		assert.NoError(t, err)
		wait.Wait()
	})
}

func TestFailuresAreEverybodysAndEndWithTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		o := &office{takes: func([]string) (time.Duration, error) { return time.Millisecond, broken }}
		g := together.New(nowhere, o.work)
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				_, err := g.Do(t.Context(), "a")
				assert.ErrorIs(t, err, broken)
			})
		}
		wait.Wait()
		o.takes = func([]string) (time.Duration, error) { panic("bad luck") }
		_, err := g.Do(t.Context(), "a")
		assert.ErrorContains(t, err, "bad luck")
		o.takes = nil
		out, err := g.Do(t.Context(), "a")
		assert.NoError(t, err)
		assert.Equal(t, "A", out)
	})
}

func TestAnAnswerForEachIsDemanded(t *testing.T) {
	g := together.New(nowhere, func(context.Context, []string) ([]string, error) { return nil, nil })
	_, err := g.Do(t.Context(), "a")
	assert.ErrorContains(t, err, "1 callers has 0 answers")
}

func TestAReaderAsksForEveryKeyOnce(t *testing.T) {
	var asked []string
	r := together.NewReader(nowhere, func(_ context.Context, keys []string) (map[string]string, error) {
		asked = keys
		return map[string]string{"a": "A", "c": "C"}, nil
	})

	found, err := r.Get(t.Context(), []string{"c", "b", "a", "b"})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "A", "c": "C"}, found)
	assert.ElementsMatch(t, []string{"a", "b", "c"}, asked)

	found, err = r.Get(t.Context(), nil)
	assert.NoError(t, err)
	assert.Empty(t, found)
}

// What a transaction has changed is seen only in it.
func TestWhoHoldsATransactionReadsInIt(t *testing.T) {
	db := testdb.New(t).Admin()
	_, err := db.Exec(t.Context(), `CREATE TABLE things (name text)`)
	require.NoError(t, err)
	r := together.NewReader(db, func(ctx context.Context, keys []string) (map[string]string, error) {
		var found []string
		err := db.Select(ctx, &found, `SELECT name FROM things WHERE name = ANY($1)`, keys)
		return map[string]string{"found": fmt.Sprint(len(found))}, err
	})
	ctx, hold := sqldb.NewHold(t.Context(), func(context.Context, *sqldb.Tx) error { return nil })
	defer hold.Rollback()
	require.NoError(t, db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO things VALUES ('found')`)
		return err
	}))

	inside, err := r.Get(ctx, []string{"found"})
	require.NoError(t, err)
	outside, err := r.Get(t.Context(), []string{"found"})
	require.NoError(t, err)
	assert.Equal(t, "1", inside["found"])
	assert.Equal(t, "0", outside["found"])
}

// Whose connection was refused elsewhere, after his question was taken, is not the measure for those who ask with him.
