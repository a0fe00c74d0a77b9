package pricingmod_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

func TestPricesSetAtOnceLeaveOneCurrentAndAllInHistory(t *testing.T) {
	const writers = 20
	s := open(t)
	variant := ids.New()

	errs := contracttest.Together(writers, func(i int) error {
		_, err := s.service.SetPrices(t.Context(), pricing.SetPricesRequest{Prices: []pricing.Price{euros(variant, int64(1000+i))}})
		return err
	})

	for _, err := range errs {
		require.NoError(t, err)
	}
	history := s.history(variant)
	require.Len(t, history, writers)
	for i := range writers - 1 {
		require.NotNil(t, history[i].SupersededAt)
		assert.Equal(t, history[i+1].CreatedAt, *history[i].SupersededAt, "history has no gap")
	}
	assert.Nil(t, history[writers-1].SupersededAt)
	assert.Equal(t, writers, s.events(variant))
}

func TestTheSamePriceSetAtOnceChangesOnce(t *testing.T) {
	s := open(t)
	variant := ids.New()

	changed := contracttest.Together(20, func(int) int {
		answer, err := s.service.SetPrices(t.Context(), pricing.SetPricesRequest{Prices: []pricing.Price{euros(variant, 1000)}})
		assert.NoError(t, err)
		return answer.Changed
	})

	assert.Equal(t, map[int]int{1: 1, 0: 19}, contracttest.Count(changed))
	assert.Len(t, s.history(variant), 1)
	assert.Equal(t, 1, s.events(variant))
}

func TestWritersOfTheSameVariantsInOppositeOrderDoNotDeadlock(t *testing.T) {
	s := open(t)
	variants := []string{ids.New(), ids.New(), ids.New(), ids.New()}
	before := s.deadlocks()

	errs := contracttest.Together(16, func(i int) error {
		var wanted []pricing.Price
		for _, v := range variants {
			wanted = append(wanted, euros(v, int64(i)))
		}
		if i%2 == 0 {
			slices.Reverse(wanted)
		}
		_, err := s.service.SetPrices(t.Context(), pricing.SetPricesRequest{Prices: wanted})
		return err
	})

	for _, err := range errs {
		require.NoError(t, err)
	}
	assert.Equal(t, before, s.deadlocks())
	for _, v := range variants {
		assert.Len(t, s.history(v), 16)
	}
}

func TestRemovingAPriceBesideItsReplacementsDoesNotDeadlock(t *testing.T) {
	s := open(t)
	before := s.deadlocks()
	for round := range 20 {
		variant := ids.New()
		current := s.set(euros(variant, 1)).Prices[0]
		publicID := ids.Encode(pricing.PricePrefix, current.ID)

		statuses := contracttest.Together(8, func(i int) int {
			if i%2 == 0 {
				return s.Send(http.MethodDelete, path+"/"+publicID, "").Status
			}
			body := fmt.Sprintf(`{"variant_id": %q, "amount": {"amount": %d, "currency": "EUR"}}`, ids.Encode("var", variant), 100*round+i+2)
			return s.Send(http.MethodPost, path, body).Status
		})

		counts := contracttest.Count(statuses)
		assert.Equal(t, 4, counts[http.StatusCreated], counts)
		assert.Equal(t, 4, counts[http.StatusNoContent]+counts[http.StatusNotFound], counts)
		assert.LessOrEqual(t, counts[http.StatusNoContent], 1, "one price ends once")
		assert.Len(t, s.history(variant), 5)
		assert.Equal(t, 5+counts[http.StatusNoContent], s.events(variant))
	}
	assert.Equal(t, before, s.deadlocks())
}

func TestAPriceIsRemovedOnce(t *testing.T) {
	s := open(t)
	variant := ids.New()
	publicID := ids.Encode(pricing.PricePrefix, s.set(euros(variant, 1)).Prices[0].ID)

	statuses := contracttest.Together(20, func(int) int { return s.Send(http.MethodDelete, path+"/"+publicID, "").Status })

	assert.Equal(t, map[int]int{http.StatusNoContent: 1, http.StatusNotFound: 19}, contracttest.Count(statuses))
	assert.Equal(t, 2, s.events(variant))
	assert.Len(t, s.history(variant), 1)
}

// deadlocks counts those that PostgreSQL broke in this database, which retries hide from callers.
func (s *shop) deadlocks() int64 {
	s.t.Helper()
	const query = `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`
	var found int64
	require.NoError(s.t, s.db.Get(s.t.Context(), &found, query))
	return found
}
