package catalogmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/catalogclient"
	"github.com/rialto-commerce/rialto/internal/catalog/catalogtest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	s := open(t)
	s.keepsTheContract(s.service)
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	s := open(t)
	s.keepsTheContract(catalogclient.New(remotetest.Caller(t, "catalog", catalogclient.Methods(s.service))))
}

// keepsTheContract empties the shop for each story, which is quicker than another database. Variants are kept in memory
// meanwhile, as a server does.
func (s *shop) keepsTheContract(service catalog.Service) {
	periodictest.Run(s.t, s.module.Run)
	const empty = `
		TRUNCATE catalog.products, catalog.categories, catalog.collections, catalog.outbox_events, catalog.outbox_deliveries CASCADE`
	catalogtest.RunContract(s.t, func(t testing.TB) catalogtest.Subject {
		_, err := s.database.Admin().Exec(t.Context(), empty)
		require.NoError(t, err)
		t.Cleanup(s.intact)
		return catalogtest.Subject{Service: service, AddCategory: s.addCategory}
	})
}

func (s *shop) addCategory(t testing.TB, name, parentID string, position int) string {
	t.Helper()
	const query = `INSERT INTO catalog.categories (id, handle, name, description, parent_id, position)
		VALUES ($1, lower($2), $2, '', nullif($3, '')::uuid, $4)`
	id := ids.New()
	_, err := s.db.Exec(t.Context(), query, id, name, parentID, position)
	require.NoError(t, err)
	return id
}
