package channelsmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
)

func TestC11OfTwentyChangesOfOneVersionOneIsMade(t *testing.T) {
	s := open(t)
	for _, id := range []string{s.create("outlet").Text("id"), public(s.standard())} {
		answers := contracttest.Together(20, func(i int) contracttest.Answer {
			return s.patch(id, `"1"`, fmt.Sprintf(`{"name": "Name %d"}`, i))
		})

		var winners []contracttest.Answer
		for _, a := range answers {
			if a.Status == http.StatusOK {
				winners = append(winners, a)
				continue
			}
			a.Refused(http.StatusPreconditionFailed, "version_mismatch")
		}
		require.Len(t, winners, 1)
		assert.Equal(t, `"2"`, winners[0].Header.Get("ETag"))
		assert.Equal(t, winners[0].Body, s.get(id).Body)
	}
}

func TestManyNewDefaultsAtOnceLeaveOne(t *testing.T) {
	s := open(t)
	publicIDs := make([]string, 8)
	for i := range publicIDs {
		publicIDs[i] = s.create(fmt.Sprintf("channel-%d", i)).Text("id")
	}

	answers := contracttest.Together(len(publicIDs), func(i int) contracttest.Answer {
		return s.patch(publicIDs[i], `"1"`, `{"is_default": true}`)
	})

	for _, a := range answers {
		assert.Equal(t, http.StatusOK, a.Status, a.Body)
	}
	assert.Contains(t, publicIDs, public(s.standard()))
}

func TestDefaultsCreatedAtOnceLeaveOne(t *testing.T) {
	s := open(t)

	errs := contracttest.Together(8, func(i int) error {
		_, err := s.save(func(c *channels.Channel) { c.Code, c.IsDefault = fmt.Sprintf("channel-%d", i), true })
		return err
	})

	for _, err := range errs {
		assert.NoError(t, err)
	}
}

func TestADefaultThatMovesBesideChangesDoesNotDeadlock(t *testing.T) {
	s := open(t)
	a, b := s.create("app").Text("id"), s.create("outlet").Text("id")
	before := s.deadlocks()

	statuses := contracttest.Together(16, func(i int) int {
		id, body := a, `{"is_default": true}`
		if i%2 == 0 {
			id = b
		}
		if i%4 < 2 {
			body = `{"name": "New name"}`
		}
		return s.patch(id, s.get(id).Header.Get("ETag"), body).Status
	})

	counts := contracttest.Count(statuses)
	assert.Equal(t, 16, counts[http.StatusOK]+counts[http.StatusPreconditionFailed], counts)
	assert.GreaterOrEqual(t, counts[http.StatusOK], 2)
	assert.Equal(t, before, s.deadlocks())
}

// deadlocks counts those that PostgreSQL broke in this database, which retries hide from callers.
func (s *shop) deadlocks() int64 {
	s.t.Helper()
	const query = `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`
	var found int64
	require.NoError(s.t, s.db.Get(s.t.Context(), &found, query))
	return found
}

func TestOneOfManyChannelsGetsACode(t *testing.T) {
	s := open(t)
	body := `{"code": "outlet", "name": "Outlet", "currencies": ["EUR"], "default_currency": "EUR", "locales": ["en"], "default_locale": "en"}`

	statuses := contracttest.Together(10, func(int) int { return s.Send(http.MethodPost, path, body).Status })

	assert.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: 9}, contracttest.Count(statuses))
}
