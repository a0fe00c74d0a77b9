package channelsmod_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/channels/channelsmod"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const path = "/admin/v1/channels"

// shop is the module on a database of its own, with the channel that every empty shop has. Its promises are checked
// when the test ends.
type shop struct {
	*contracttest.Server
	t        *testing.T
	database *testdb.Database
	db       *sqldb.DB
	module   *channelsmod.Module
	service  channels.Service
}

func open(t *testing.T) *shop {
	t.Helper()
	database := testdb.New(t)
	db := database.Module("channels")
	module := channelsmod.New(channelsmod.Deps{DB: db, Outbox: outbox.New("channels", nil, ids.New), NewID: ids.New,
		Cursors: pagination.NewCodec([]byte("cursors of a test"))})
	s := &shop{t: t, database: database, db: db, module: module, service: module.Service(),
		Server: contracttest.Serve(t, module.Mount, contracttest.Key("channels:read", "channels:write"))}
	t.Cleanup(s.intact)
	return s
}

// intact asserts that every change was announced, each with a version of its own, and that one channel is the default.
func (s *shop) intact() {
	s.t.Helper()
	violations, err := s.module.Verify(context.Background())
	assert.NoError(s.t, err)
	assert.Empty(s.t, violations)
	var defaults, silent int
	const countDefaults = `SELECT count(*) FROM channels.channels WHERE is_default`
	assert.NoError(s.t, s.db.Get(context.Background(), &defaults, countDefaults))
	assert.Equal(s.t, 1, defaults, "default channels")
	const countSilent = `SELECT count(*) FROM channels.channels WHERE version <> event_seq AND version <> event_seq + 1`
	assert.NoError(s.t, s.db.Get(context.Background(), &silent, countSilent))
	assert.Zero(s.t, silent, "channels whose versions and events differ in number")
}

func (s *shop) create(code string) contracttest.Answer {
	s.t.Helper()
	return s.Send(http.MethodPost, path, `{"code": "`+code+`", "name": "A channel", "currencies": ["EUR", "JPY"], "default_currency": "EUR",
		"locales": ["en", "de"], "default_locale": "en"}`).Is(http.StatusCreated)
}

func (s *shop) patch(publicID, tag, body string) contracttest.Answer {
	return s.Send(http.MethodPatch, path+"/"+publicID, body, "If-Match", tag)
}

func (s *shop) get(publicID string) contracttest.Answer {
	s.t.Helper()
	return s.Send(http.MethodGet, path+"/"+publicID, "").Is(http.StatusOK)
}

// standard is the default channel.
func (s *shop) standard() channels.Channel {
	s.t.Helper()
	found, err := s.service.Resolve(s.t.Context(), channels.ResolveRequest{})
	require.NoError(s.t, err)
	return found.Channel
}

func public(channel channels.Channel) string { return ids.Encode(channels.ChannelPrefix, channel.ID) }

func (s *shop) events(publicID string) int {
	s.t.Helper()
	id, ok := ids.Decode(channels.ChannelPrefix, publicID)
	require.True(s.t, ok)
	const query = `SELECT count(*) FROM channels.outbox_events WHERE aggregate_id = $1`
	var n int
	require.NoError(s.t, s.db.Get(s.t.Context(), &n, query, id))
	return n
}

func (s *shop) save(change func(*channels.Channel)) (channels.Channel, error) {
	s.t.Helper()
	channel := channels.Channel{Code: "outlet", Name: "Outlet", Currencies: []string{"EUR"}, DefaultCurrency: "EUR",
		Locales: []string{"en"}, DefaultLocale: "en"}
	change(&channel)
	return s.service.Save(s.t.Context(), channels.SaveRequest{Channel: channel})
}
