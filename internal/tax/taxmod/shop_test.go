package taxmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/taxmod"
)

const path = "/admin/v1/tax-rates"

// shop is the module on a database of its own.
type shop struct {
	*contracttest.Server
	t       *testing.T
	db      *sqldb.DB
	module  *taxmod.Module
	service tax.Service
}

func open(t *testing.T) *shop {
	t.Helper()
	db := testdb.New(t).Module("tax")
	module := taxmod.New(taxmod.Deps{DB: db, NewID: ids.New, Cursors: pagination.NewCodec([]byte("cursors of a test"))})
	return &shop{t: t, db: db, module: module, service: module.Service(),
		Server: contracttest.Serve(t, module.Mount, contracttest.Key("tax:read", "tax:write"))}
}

func (s *shop) create(body string) contracttest.Answer {
	s.t.Helper()
	return s.Send(http.MethodPost, path, body).Is(http.StatusCreated)
}

func (s *shop) save(req tax.SaveRateRequest) string {
	s.t.Helper()
	saved, err := s.service.SaveRate(s.t.Context(), req)
	require.NoError(s.t, err)
	return saved.ID
}

func (s *shop) count() int {
	s.t.Helper()
	const query = `SELECT count(*) FROM tax.rates`
	var n int
	require.NoError(s.t, s.db.Get(s.t.Context(), &n, query))
	return n
}
