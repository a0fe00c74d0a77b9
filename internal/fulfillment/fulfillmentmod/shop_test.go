package fulfillmentmod_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/fulfillmentmod"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const path = "/admin/v1/shipping-options"

// shop is the module on a database of its own, with the option that every empty shop has. Its promises are checked when
// the test ends.
type shop struct {
	*contracttest.Server
	t       *testing.T
	db      *sqldb.DB
	module  *fulfillmentmod.Module
	service fulfillment.Service
}

func open(t *testing.T) *shop {
	t.Helper()
	db := testdb.New(t).Module("fulfillment")
	module := fulfillmentmod.New(fulfillmentmod.Deps{DB: db, Outbox: outbox.New("fulfillment", nil, ids.New), NewID: ids.New,
		Cursors: pagination.NewCodec([]byte("cursors of a test"))})
	s := &shop{t: t, db: db, module: module, service: module.Service(),
		Server: contracttest.Serve(t, module.Mount, contracttest.Key("fulfillment:read", "fulfillment:write"))}
	t.Cleanup(func() {
		violations, err := module.Verify(context.Background())
		assert.NoError(t, err)
		assert.Empty(t, violations)
	})
	return s
}

func (s *shop) create(code string) contracttest.Answer {
	s.t.Helper()
	return s.Send(http.MethodPost, path, `{"code": "`+code+`", "name": "An option", "prices": [{"amount": 490, "currency": "EUR"}],
		"countries": ["DE", "AT"], "min_days": 2, "max_days": 4}`).Is(http.StatusCreated)
}

func (s *shop) patch(publicID, tag, body string) contracttest.Answer {
	return s.Send(http.MethodPatch, path+"/"+publicID, body, "If-Match", tag)
}

func (s *shop) get(publicID string) contracttest.Answer {
	s.t.Helper()
	return s.Send(http.MethodGet, path+"/"+publicID, "").Is(http.StatusOK)
}

func (s *shop) options(country, currency string) []fulfillment.Option {
	s.t.Helper()
	answer, err := s.service.Options(s.t.Context(), fulfillment.OptionsRequest{Country: country, Currency: currency})
	require.NoError(s.t, err)
	return answer.Options
}

func (s *shop) count(query string, args ...any) int {
	s.t.Helper()
	var n int
	require.NoError(s.t, s.db.Get(s.t.Context(), &n, query, args...))
	return n
}
