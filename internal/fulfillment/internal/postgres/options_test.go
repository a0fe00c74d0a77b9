package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/delivering"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

func TestAnUpdateThatMeetsNoOptionSaysWhy(t *testing.T) {
	store := postgres.New(testdb.New(t).Module("fulfillment"), outbox.New("fulfillment", nil, ids.New), ids.New)
	option, err := store.InsertOption(t.Context(), delivering.Option{Code: "standard", Name: "Standard", TaxClass: "standard"})
	require.NoError(t, err)

	stale := option
	stale.Version = 2
	_, err = store.UpdateOption(t.Context(), stale)
	require.ErrorIs(t, err, fulfillment.ErrVersionMismatch)

	require.NoError(t, store.DeleteOption(t.Context(), option.ID))
	_, err = store.UpdateOption(t.Context(), option)
	require.ErrorIs(t, err, fulfillment.ErrNotFound)
}
