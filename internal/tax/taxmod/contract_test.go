package taxmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/taxclient"
	"github.com/rialto-commerce/rialto/internal/tax/taxtest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	s := open(t)
	s.keepsTheContract(s.service)
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	s := open(t)
	s.keepsTheContract(taxclient.New(remotetest.Caller(t, "tax", taxclient.Methods(s.service))))
}

// keepsTheContract removes all rates before each story, which is quicker than another database. Nothing is kept in memory,
// which would not notice.
func (s *shop) keepsTheContract(service tax.Service) {
	taxtest.RunContract(s.t, func(t testing.TB) tax.Service {
		_, err := s.db.Exec(t.Context(), `DELETE FROM tax.rates`)
		require.NoError(t, err)
		return service
	})
}
