package channelsmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/channels/channelsclient"
	"github.com/rialto-commerce/rialto/internal/channels/channelstest"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
)

func TestTheModuleKeepsTheContract(t *testing.T) {
	s := open(t)
	s.keepsTheContract(s.service)
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	s := open(t)
	s.keepsTheContract(channelsclient.New(remotetest.Caller(t, "channels", channelsclient.Methods(s.service))))
}

// keepsTheContract makes the shop as it was before each story, which is quicker than another database. Nothing is kept in
// memory, which would not notice.
func (s *shop) keepsTheContract(service channels.Service) {
	_, err := s.database.Admin().Exec(s.t.Context(), `CREATE TABLE channels.before AS SELECT * FROM channels.channels`)
	require.NoError(s.t, err)
	const query = `
		TRUNCATE channels.channels, channels.outbox_events, channels.outbox_deliveries;
		INSERT INTO channels.channels SELECT * FROM channels.before`
	channelstest.RunContract(s.t, func(t testing.TB) channels.Service {
		_, err := s.database.Admin().Exec(t.Context(), query)
		require.NoError(t, err)
		t.Cleanup(s.intact)
		return service
	})
}
