package together_test

import (
	"context"
	"fmt"
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
