package pricingmod_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/pricingmod"
)

const path = "/admin/v1/prices"

// shop is the module on a database of its own, whose promises are checked when the test ends.
type shop struct {
	*contracttest.Server
	t       *testing.T
	db      *sqldb.DB
	module  *pricingmod.Module
	service pricing.Service
}

func open(t *testing.T) *shop {
	t.Helper()
	db := testdb.New(t).Module("pricing")
	module := pricingmod.New(pricingmod.Deps{DB: db, Background: db, Outbox: outbox.New("pricing", nil, ids.New), NewID: ids.New,
		Cursors: pagination.NewCodec([]byte("cursors of a test"))})
	s := &shop{t: t, db: db, module: module, service: module.Service(),
		Server: contracttest.Serve(t, module.Mount, contracttest.Key("pricing:read", "pricing:write"))}
	t.Cleanup(s.intact)
	return s
}

// intact asserts that every change was announced, and that no two prices ever held in one place at the same time.
func (s *shop) intact() {
	s.t.Helper()
	violations, err := s.module.Verify(context.Background())
	assert.NoError(s.t, err)
	assert.Empty(s.t, violations)
	const overlapping = `SELECT count(*) FROM (
	SELECT superseded_at, lead(created_at) OVER (PARTITION BY variant_id, currency, channel_id, country ORDER BY created_at, id) AS next
	FROM pricing.prices) p WHERE next < coalesce(superseded_at, 'infinity')`
	var n int
	assert.NoError(s.t, s.db.Get(context.Background(), &n, overlapping))
	assert.Zero(s.t, n, "prices that held at the same time")
}

func (s *shop) set(prices ...pricing.Price) pricing.SetPricesAnswer {
	s.t.Helper()
	answer, err := s.service.SetPrices(s.t.Context(), pricing.SetPricesRequest{Prices: prices})
	require.NoError(s.t, err)
	return answer
}

// prices answers what variants cost.
func (s *shop) prices(req pricing.PricesRequest) []pricing.Price {
	s.t.Helper()
	answer, err := s.service.Prices(s.t.Context(), req)
	require.NoError(s.t, err)
	return answer.Prices
}

// episode is a price as history knows it.
type episode struct {
	Amount       int64      `db:"amount"`
	CompareAt    *int64     `db:"compare_at"`
	CreatedAt    time.Time  `db:"created_at"`
	SupersededAt *time.Time `db:"superseded_at"`
}

// history answers all prices that a variant ever had, oldest first.
func (s *shop) history(variantID string) []episode {
	s.t.Helper()
	const query = `SELECT amount, compare_at, created_at, superseded_at FROM pricing.prices WHERE variant_id = $1 ORDER BY created_at, id`
	var all []episode
	require.NoError(s.t, s.db.Select(s.t.Context(), &all, query, variantID))
	return all
}

// events counts what was announced of a variant.
func (s *shop) events(variantID string) int {
	s.t.Helper()
	const query = `SELECT count(*) FROM pricing.outbox_events WHERE aggregate_id = $1`
	var n int
	require.NoError(s.t, s.db.Get(s.t.Context(), &n, query, variantID))
	return n
}

func (s *shop) create(body string) contracttest.Answer {
	s.t.Helper()
	return s.Send(http.MethodPost, path, body).Is(http.StatusCreated)
}

func euros(variantID string, minor int64) pricing.Price {
	return pricing.Price{VariantID: variantID, Amount: money.MustNew(minor, "EUR")}
}

func cents(minor int64) *money.Money {
	m := money.MustNew(minor, "EUR")
	return &m
}
