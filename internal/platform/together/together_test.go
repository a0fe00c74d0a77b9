package together_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// A value that PostgreSQL refuses is the fault of one caller only.
func TestNobodyPaysForWhatAnotherAskedFor(t *testing.T) {
	db := testdb.New(t).Admin()
	var readings atomic.Int64
	first := make(chan struct{})
	release := make(chan struct{})
	r := together.NewReader(db, func(ctx context.Context, keys []string) (map[string]string, error) {
		if readings.Add(1) == 1 {
			close(first)
			<-release
		}
		var found []string
		if err := db.Select(ctx, &found, `SELECT k::int::text FROM unnest($1::text[]) AS k`, keys); err != nil {
			return nil, err
		}
		byKey := map[string]string{}
		for _, f := range found {
			byKey[f] = f + "!"
		}
		return byKey, nil
	})
	var wait sync.WaitGroup
	ask := func(key string, check func(map[string]string, error)) {
		wait.Go(func() { check(r.Get(t.Context(), []string{key})) })
	}
	fine := func(_ map[string]string, err error) { assert.NoError(t, err) }
	ask("1", fine)
	<-first
	ask("2", fine)
	ask("no number", func(_ map[string]string, err error) { assert.True(t, sqldb.Undone(err)) })
	ask("3", fine)
	assert.Eventually(t, func() bool { return together.Waiting(r) == 3 }, time.Second, time.Millisecond)
	close(release)
	wait.Wait()
	assert.EqualValues(t, 5, readings.Load(), "one alone, three together in vain, and each of them again")
}

// Whoever meets a deadlock or a lock in company may not meet it alone.
func TestWhatPostgreSQLHasUndoneIsDoneForEachAlone(t *testing.T) {
	db := testdb.New(t).Admin()
	_, err := db.Exec(t.Context(), `CREATE FUNCTION alone(code text, n integer) RETURNS integer LANGUAGE plpgsql AS
		$$ BEGIN IF n > 1 THEN RAISE 'in company' USING ERRCODE = code; END IF; RETURN n; END $$`)
	require.NoError(t, err)
	for _, code := range []string{"23505", "40001", "40P01", "55P03"} {
		first, release := make(chan struct{}), make(chan struct{})
		var begun sync.Once
		r := together.NewReader(db, func(ctx context.Context, keys []string) (map[string]string, error) {
			begun.Do(func() {
				close(first)
				<-release
			})
			var n int
			return map[string]string{}, db.Get(ctx, &n, `SELECT alone($1, $2)`, code, len(keys))
		})
		var wait sync.WaitGroup
		ask := func(key string) {
			wait.Go(func() {
				_, err := r.Get(t.Context(), []string{key})
				assert.NoError(t, err, code)
			})
		}
		ask("1")
		<-first
		ask("2")
		ask("3")
		require.Eventually(t, func() bool { return together.Waiting(r) == 2 }, time.Second, time.Millisecond)
		close(release)
		wait.Wait()
	}
}

// What was undone is not done for who does not wait for it any more.
func TestNothingIsDoneAgainForWhoHasLeft(t *testing.T) {
	db := testdb.New(t).Admin()
	release := make(chan struct{})
	first := make(chan struct{})
	var begun sync.Once
	var mu sync.Mutex
	var alone []string
	left, leave := context.WithCancel(t.Context())
	r := together.NewReader(db, func(ctx context.Context, keys []string) (map[string]string, error) {
		begun.Do(func() {
			close(first)
			<-release
		})
		if len(keys) > 1 {
			leave()
			var n int
			return nil, db.Get(ctx, &n, `SELECT 1 / 0`)
		}
		mu.Lock()
		defer mu.Unlock()
		alone = append(alone, keys...)
		return map[string]string{}, nil
	})
	var wait sync.WaitGroup
	ask := func(ctx context.Context, key string, want error) {
		wait.Go(func() {
			_, err := r.Get(ctx, []string{key})
			assert.ErrorIs(t, err, want)
		})
	}
	ask(t.Context(), "1", nil)
	<-first
	ask(t.Context(), "2", nil)
	ask(left, "3", context.Canceled)
	require.Eventually(t, func() bool { return together.Waiting(r) == 2 }, time.Second, time.Millisecond)
	close(release)
	wait.Wait()
	assert.ElementsMatch(t, []string{"1", "2"}, alone)
}

// Who was refused a connection before is refused the next at once, and nobody else with him.
func TestWhoWasRefusedTakesNoCompanyAlong(t *testing.T) {
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: testdb.New(t).DSN(), MaxOpen: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	was := sqldb.RefuseOnce(t.Context())
	require.NoError(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		require.ErrorIs(t, db.Ping(was), sqldb.ErrOverloaded)
		return nil
	}))
	require.True(t, sqldb.WasRefused(was))

	var refused atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		g := together.New(nowhere, func(ctx context.Context, in []string) ([]string, error) {
			if sqldb.WasRefused(ctx) {
				refused.Add(int64(len(in)))
			}
			time.Sleep(10 * time.Millisecond)
			return in, nil
		})
		var wait sync.WaitGroup
		for i, ctx := range []context.Context{context.Background(), was, context.Background(), context.Background()} {
			wait.Go(func() {
				_, err := g.Do(context.WithoutCancel(ctx), fmt.Sprint(i))
				assert.NoError(t, err)
			})
			synctest.Wait()
		}
		wait.Wait()
	})
	assert.EqualValues(t, 1, refused.Load())
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
func TestTheRefusalOfOneIsNotThatOfTheOthers(t *testing.T) {
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: testdb.New(t).DSN(), MaxOpen: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	was := sqldb.RefuseOnce(t.Context())
	r := together.NewReader(db, func(ctx context.Context, keys []string) (map[string]string, error) {
		if err := db.InTx(context.WithoutCancel(t.Context()), func(*sqldb.Tx) error {
			assert.ErrorIs(t, db.Ping(was), sqldb.ErrOverloaded)
			return nil
		}); err != nil {
			return nil, err
		}
		assert.False(t, sqldb.WasRefused(ctx))
		return map[string]string{}, nil
	})
	_, err = r.Get(was, []string{"a"})
	require.NoError(t, err)
}

// A pool of one connection that somebody holds: who waited for it together with others has waited, too.
func TestWhoWasRefusedWithOthersIsNotMadeToWaitAgain(t *testing.T) {
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: testdb.New(t).DSN(), MaxOpen: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	r := together.NewReader(db, func(ctx context.Context, keys []string) (map[string]string, error) {
		return nil, db.Select(ctx, &keys, `SELECT 'x'`)
	})
	require.NoError(t, db.InTx(t.Context(), func(*sqldb.Tx) error {
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				ctx := sqldb.RefuseOnce(t.Context())
				_, err := r.Get(ctx, []string{"a"})
				assert.ErrorIs(t, err, sqldb.ErrOverloaded)
				again := time.Now()
				assert.ErrorIs(t, db.Ping(ctx), sqldb.ErrOverloaded)
				assert.Less(t, time.Since(again), 400*time.Millisecond)
			})
		}
		wait.Wait()
		return nil
	}))
}
