package fulfillmentmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/fulfillmentmod"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// process is a module as one process of several has it, which has begun to keep options in memory.
func process(t *testing.T, db *sqldb.DB) fulfillment.Service {
	t.Helper()
	module := fulfillmentmod.New(fulfillmentmod.Deps{DB: db, Background: db, Outbox: outbox.New("fulfillment", nil, ids.New), NewID: ids.New})
	periodictest.Run(t, module.Run)
	return module.Service()
}

func TestAnOptionCountsInThisProcessAtOnceAndSoonInEveryOther(t *testing.T) {
	db := testdb.New(t).Module("fulfillment")
	here, there := process(t, db), process(t, db)
	price := func(service fulfillment.Service) int64 {
		answer, err := service.Options(t.Context(), fulfillment.OptionsRequest{Country: "DE", Currency: "EUR"})
		require.NoError(t, err)
		for _, option := range answer.Options {
			if option.Code == "raft" {
				return option.Price.Minor()
			}
		}
		return 0
	}
	for _, minor := range []int64{100, 200, 300, 400, 500} {
		price(here) // from memory by now, if it may be
		_, err := here.SaveOption(t.Context(), fulfillment.SaveOptionRequest{Code: "raft", Name: "By raft", Active: true,
			Prices: []money.Money{money.MustNew(minor, "EUR")}})
		require.NoError(t, err)
		require.Equal(t, minor, price(here))
		require.Eventually(t, func() bool { return price(there) == minor }, 10*time.Second, 10*time.Millisecond)
	}
}
