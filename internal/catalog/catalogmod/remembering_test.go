package catalogmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/catalogmod"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// process is a module as one process of several has it, which has begun to keep variants in memory.
func process(t *testing.T, db *sqldb.DB) catalog.Service {
	t.Helper()
	module := catalogmod.New(catalogmod.Deps{DB: db, Background: db, Outbox: outbox.New("catalog", nil, ids.New), NewID: ids.New})
	periodictest.Run(t, module.Run)
	return module.Service()
}

func TestAVariantCountsInThisProcessAtOnceAndSoonInEveryOther(t *testing.T) {
	db := testdb.New(t).Module("catalog")
	here, there := process(t, db), process(t, db)
	for _, title := range []string{"Raft", "Boat", "Ship", "Ark"} {
		_, err := here.SaveProduct(t.Context(), catalog.SaveProductRequest{
			Handle: "vessel", Title: title, Status: catalog.StatusActive, Variants: []catalog.SaveVariant{{SKU: "VESSEL"}}})
		require.NoError(t, err)

		assert.Equal(t, title, titleOf(t, here, true))
		assert.Equal(t, title, titleOf(t, there, false), "whoever does not allow memory reads")
		require.Eventually(t, func() bool { return titleOf(t, there, true) == title }, 10*time.Second, 10*time.Millisecond)
	}
}

// titleOf asks by SKU and by id, which must agree with each other as soon as memory is as new as the change.
func titleOf(t *testing.T, service catalog.Service, mayRemember bool) string {
	t.Helper()
	bySKU, err := service.Variants(t.Context(), catalog.VariantsRequest{SKUs: []string{"VESSEL"}, MayRemember: mayRemember})
	require.NoError(t, err)
	if len(bySKU.Variants) == 0 {
		return ""
	}
	byID, err := service.Variants(t.Context(), catalog.VariantsRequest{IDs: []string{bySKU.Variants[0].VariantID}, MayRemember: mayRemember})
	require.NoError(t, err)
	if len(byID.Variants) == 0 || byID.Variants[0].Title != bySKU.Variants[0].Title {
		return ""
	}
	return byID.Variants[0].Title
}
