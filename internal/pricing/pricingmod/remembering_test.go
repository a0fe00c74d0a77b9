package pricingmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/pricingmod"
)

// process is a module as one process of several has it, which has begun to keep prices in memory.
func process(t *testing.T, db *sqldb.DB) pricing.Service {
	t.Helper()
	module := pricingmod.New(pricingmod.Deps{DB: db, Background: db, Outbox: outbox.New("pricing", nil, ids.New), NewID: ids.New})
	periodictest.Run(t, module.Run)
	return module.Service()
}

func TestAPriceCountsInThisProcessAtOnceAndSoonInEveryOther(t *testing.T) {
	db := testdb.New(t).Module("pricing")
	here, there := process(t, db), process(t, db)
	variant := ids.New()
	price := func(service pricing.Service, mayRemember bool) int64 {
		answer, err := service.Prices(t.Context(), pricing.PricesRequest{VariantIDs: []string{variant}, Currency: "EUR", MayRemember: mayRemember})
		require.NoError(t, err)
		if len(answer.Prices) == 0 {
			return 0
		}
		return answer.Prices[0].Amount.Minor()
	}
	for _, minor := range []int64{100, 200, 300, 400, 500} {
		before := price(there, true) // from memory by now, if it may be
		price(here, true)
		_, err := here.SetPrices(t.Context(), pricing.SetPricesRequest{Prices: []pricing.Price{{VariantID: variant, Amount: money.MustNew(minor, "EUR")}}})
		require.NoError(t, err)
		require.Equal(t, minor, price(here, true))
		require.Equal(t, minor, price(there, false), "whoever does not allow memory reads")
		require.Contains(t, []int64{before, minor}, price(there, true))
		require.Eventually(t, func() bool { return price(there, true) == minor }, 10*time.Second, 10*time.Millisecond)
	}
}
