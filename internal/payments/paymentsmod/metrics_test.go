package paymentsmod_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

func TestReviewsThatNobodyResolvedAreCountedInTheMetrics(t *testing.T) {
	db := testdb.New(t)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(open(t, db).Metrics())
	counted := func() float64 {
		families, err := registry.Gather()
		require.NoError(t, err)
		require.Len(t, families, 1)
		require.Equal(t, "rialto_payment_reviews_open", families[0].GetName())
		return families[0].GetMetric()[0].GetGauge().GetValue()
	}
	require.Zero(t, counted())

	_, err := db.Admin().Exec(t.Context(), `INSERT INTO payments.reviews (id, reference, reason, subject, details)
		SELECT gen_random_uuid(), 'co_' || n, 'payment_unknown', '', '{}' FROM generate_series(1, 3) n`)
	require.NoError(t, err)
	require.EqualValues(t, 3, counted())
	_, err = db.Admin().Exec(t.Context(), `UPDATE payments.reviews SET resolved_at = now() WHERE reference = 'co_2'`)
	require.NoError(t, err)
	require.EqualValues(t, 2, counted())
}
