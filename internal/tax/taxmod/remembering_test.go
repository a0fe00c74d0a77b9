package taxmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/taxmod"
)

// process is a module as one process of several has it, which has begun to keep rates in memory.
func process(t *testing.T, db *sqldb.DB) tax.Service {
	t.Helper()
	module := taxmod.New(taxmod.Deps{DB: db, Background: db, NewID: ids.New})
	periodictest.Run(t, module.Run)
	return module.Service()
}

func TestARateCountsInThisProcessAtOnceAndSoonInEveryOther(t *testing.T) {
	db := testdb.New(t).Module("tax")
	here, there := process(t, db), process(t, db)
	taxOf := func(service tax.Service) string {
		answer, err := service.Calculate(t.Context(), tax.CalculateRequest{Country: "DE",
			Lines: []tax.TaxBase{{Ref: "a", Amount: money.MustNew(10_000, "EUR")}}})
		require.NoError(t, err)
		if len(answer.Lines[0].Taxes) == 0 {
			return ""
		}
		return answer.Lines[0].Taxes[0].Rate
	}
	for _, rate := range []string{"7", "19", "21", "5", "9"} {
		taxOf(here) // from memory by now, if it may be
		saved, err := here.SaveRate(t.Context(), tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: rate})
		require.NoError(t, err)
		require.NotEmpty(t, saved.ID)
		require.Equal(t, rate, taxOf(here))
		require.Eventually(t, func() bool { return taxOf(there) == rate }, 10*time.Second, 10*time.Millisecond)
	}
}
