package channelsmod_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/channels/channelsmod"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// process is a module as one process of several has it, which has begun to keep channels in memory.
func process(t *testing.T, db *sqldb.DB) channels.Service {
	t.Helper()
	module := channelsmod.New(channelsmod.Deps{DB: db, Background: db, Outbox: outbox.New("channels", nil, ids.New), NewID: ids.New})
	periodictest.Run(t, module.Run)
	return module.Service()
}

func TestAChannelChangesInThisProcessAtOnceAndSoonInEveryOther(t *testing.T) {
	db := testdb.New(t).Module("channels")
	here, there := process(t, db), process(t, db)
	names := func(service channels.Service) [2]string {
		resolved, err := service.Resolve(t.Context(), channels.ResolveRequest{})
		require.NoError(t, err)
		found, err := service.Channel(t.Context(), channels.ChannelRequest{ID: resolved.Channel.ID})
		require.NoError(t, err)
		return [2]string{resolved.Channel.Name, found.Name}
	}
	for _, name := range []string{"First", "Second", "Third", "Fourth", "Fifth"} {
		names(here) // from memory by now, if it may be
		list, err := here.List(t.Context(), channels.ListRequest{})
		require.NoError(t, err)
		channel := list.Channels[0]
		channel.Name = name
		_, err = here.Save(t.Context(), channels.SaveRequest{Channel: channel})
		require.NoError(t, err)
		require.Equal(t, [2]string{name, name}, names(here))
		require.Eventually(t, func() bool { return names(there) == [2]string{name, name} }, 10*time.Second, 10*time.Millisecond)
	}
}

// TestAChannelThatIsSavedWithTheAnswerIsKeptOnlyOnceItIsCommitted has a shopper ask while the change is not committed yet.
func TestAChannelThatIsSavedWithTheAnswerIsKeptOnlyOnceItIsCommitted(t *testing.T) {
	db := testdb.New(t).Module("channels")
	here := process(t, db)
	name := func() string {
		resolved, err := here.Resolve(t.Context(), channels.ResolveRequest{})
		require.NoError(t, err)
		return resolved.Channel.Name
	}
	for _, wanted := range []string{"First", "Second", "Third", "Fourth", "Fifth"} {
		was := name()
		list, err := here.List(t.Context(), channels.ListRequest{})
		require.NoError(t, err)
		channel := list.Channels[0]
		channel.Name = wanted
		ctx, hold := sqldb.NewHold(t.Context(), func(context.Context, *sqldb.Tx) error { return nil })
		_, err = here.Save(ctx, channels.SaveRequest{Channel: channel})
		require.NoError(t, err)

		require.Equal(t, was, name())
		require.NoError(t, hold.Commit(ctx))
		require.Equal(t, wanted, name())
	}
}
