package idempotency_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestC09WorkAndKeyAreNeverApart takes sessions away from the server at any moment: before the work, between the work and
// the answer, in the commit. Clients repeat until they are told of success, and every dish is there exactly once.
func TestC09WorkAndKeyAreNeverApart(t *testing.T) {
	const orders, clients = 150, 6
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	k := open(t)
	dice := rand.New(rand.NewPCG(seed, 0))
	var cuts sync.Mutex
	k.held = func() {
		cuts.Lock()
		defer cuts.Unlock()
		if dice.IntN(3) == 0 {
			k.cutSessions()
		}
	}
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for n := range orders / clients {
				k.insist(fmt.Sprintf("key-%d-%d", client, n))
			}
		})
	}
	watched := make(chan struct{})
	go func() { defer close(watched); k.watch(orders) }()
	all.Wait()
	<-watched

	require.Equal(t, orders, k.dishes())
	require.Equal(t, orders, k.count(`SELECT count(DISTINCT name) FROM kitchen.dishes`))
	require.Greater(t, k.calls.Load(), int64(orders), "some were cut")
}

// insist repeats a request until it succeeds, and once more.
func (k *kitchen) insist(key string) {
	var first *httptest.ResponseRecorder
	for range 100 {
		answer := k.order(key, key)
		if answer.Code != http.StatusCreated {
			continue
		}
		if first != nil {
			if first.Body.String() != answer.Body.String() {
				k.t.Errorf("%s was answered in two ways", key)
			}
			return
		}
		first = answer
	}
	k.t.Errorf("%s never succeeded", key)
}

// cutSessions ends every session of the server, as its death would.
func (k *kitchen) cutSessions() {
	_, err := k.db.Admin().Exec(k.t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND query NOT LIKE '%kitchen.watch%'`)
	if err != nil {
		k.t.Errorf("cut sessions: %v", err)
	}
}

// watch looks at any moment for work without its key, or a key without its work.
func (k *kitchen) watch(orders int) {
	const query = `SELECT /* kitchen.watch */ (SELECT count(*) FROM kitchen.dishes) AS dishes,
		(SELECT count(*) FROM kitchen.idempotency_keys) AS keys`
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		var seen struct {
			Dishes int `db:"dishes"`
			Keys   int `db:"keys"`
		}
		if err := k.db.Admin().Get(k.t.Context(), &seen, query); err != nil {
			continue // its own session was cut
		}
		if seen.Dishes != seen.Keys {
			k.t.Errorf("%d dishes and %d keys", seen.Dishes, seen.Keys)
			return
		}
		if seen.Keys == orders {
			return
		}
	}
	k.t.Error("the orders did not come to an end")
}
