package fulfillmentmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/fulfillmentclient"
	"github.com/rialto-commerce/rialto/internal/fulfillment/fulfillmenttest"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	s := open(t)
	s.keepsTheContract(s.service)
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	s := open(t)
	s.keepsTheContract(fulfillmentclient.New(remotetest.Caller(t, "fulfillment", fulfillmentclient.Methods(s.service))))
}

// keepsTheContract removes all options before each story, which is quicker than another database. Nothing is kept in memory,
// which would not notice.
func (s *shop) keepsTheContract(service fulfillment.Service) {
	fulfillmenttest.RunContract(s.t, func(t testing.TB) fulfillment.Service {
		_, err := s.db.Exec(t.Context(), `DELETE FROM fulfillment.options`)
		require.NoError(t, err)
		return service
	})
}
