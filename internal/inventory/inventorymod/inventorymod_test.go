package inventorymod_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventoryclient"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorymod"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorytest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/remote/remotetest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// shop is the module on a database of its own, which is verified when the test ends.
type shop struct {
	*inventorymod.Module
	t        *testing.T
	database *testdb.Database
}

func open(t *testing.T) shop {
	t.Helper()
	database := testdb.New(t)
	return shop{Module: build(t, database.Module("inventory")), t: t, database: database}
}

func build(t testing.TB, db *sqldb.DB) *inventorymod.Module {
	t.Helper()
	subscribers := map[string][]outbox.Subscriber{inventory.AvailabilityChanged{}.EventName(): {{Name: "storefront"}}}
	return inventorymod.New(inventorymod.Deps{DB: db, Background: db, Outbox: outbox.New("inventory", subscribers, ids.New),
		NewID: ids.New, Cursors: pagination.NewCodec([]byte("test")), SweepEvery: 10 * time.Millisecond})
}

func TestTheModuleKeepsTheContract(t *testing.T) {
	s := open(t)
	s.keepsTheContract(s.Service())
}

func TestTheModuleKeepsTheContractInAnotherProcess(t *testing.T) {
	s := open(t)
	s.keepsTheContract(inventoryclient.New(remotetest.Caller(t, "inventory", inventoryclient.Methods(s.Service()))))
}

func (s shop) keepsTheContract(service inventory.Service) {
	inventorytest.RunContract(s.t, func(t testing.TB) inventorytest.Subject {
		s.empty()
		t.Cleanup(func() {
			violations, err := s.Verify(context.Background())
			assert.NoError(t, err)
			assert.Empty(t, violations)
		})
		return inventorytest.Subject{Service: service, Sweep: s.Sweep}
	})
}

// empty makes the shop as it was, which is quicker than another database for every story.
func (s shop) empty() {
	s.t.Helper()
	const query = `
		TRUNCATE inventory.stock_items, inventory.stock_levels, inventory.stock_movements, inventory.holds,
			inventory.reservations, inventory.deallocations, inventory.reviews, inventory.outbox_events, inventory.outbox_deliveries;
		DELETE FROM inventory.locations WHERE code <> 'main'`
	_, err := s.database.Admin().Exec(s.t.Context(), query)
	require.NoError(s.t, err)
}

func (s shop) stock(sku string, onHand int64) {
	s.t.Helper()
	s.set("", inventory.StockItem{SKU: sku, OnHand: &onHand})
}

func (s shop) set(locationID string, items ...inventory.StockItem) {
	s.t.Helper()
	_, err := s.Service().SetStock(s.t.Context(), inventory.SetStockRequest{LocationID: locationID, Items: items})
	require.NoError(s.t, err)
}

func (s shop) reserve(reference string, lines ...inventory.Demand) error {
	_, err := s.Service().Reserve(s.t.Context(), inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now().Add(time.Hour)})
	return err
}

func (s shop) confirm(references ...string) {
	s.t.Helper()
	answer, err := s.Service().Confirm(s.t.Context(), inventory.ConfirmRequest{References: references})
	require.NoError(s.t, err)
	require.Empty(s.t, answer.Expired)
}

func (s shop) status(sku string) inventory.StockStatus {
	s.t.Helper()
	answer, err := s.Service().Availability(s.t.Context(), inventory.AvailabilityRequest{SKUs: []string{sku}})
	require.NoError(s.t, err)
	return answer.Statuses[0]
}

// intact asserts that no promise of the module is broken.
func (s shop) intact() {
	s.t.Helper()
	violations, err := s.Verify(s.t.Context())
	require.NoError(s.t, err)
	assert.Empty(s.t, violations)
}

func of(sku string, quantity int64) inventory.Demand {
	return inventory.Demand{SKU: sku, Quantity: quantity}
}

func reference(n int) string { return fmt.Sprintf("co_%06d", n) }

func (s shop) location(code string, position int) string {
	s.t.Helper()
	location, err := s.Service().SaveLocation(s.t.Context(), inventory.SaveLocationRequest{Code: code, Name: code, Position: position})
	require.NoError(s.t, err)
	return location.ID
}

// level reads the only level of a SKU.
func (s shop) level(sku string) (level inventory.Level) {
	s.t.Helper()
	const query = `SELECT on_hand, reserved, allocated FROM inventory.stock_levels WHERE sku = $1`
	var row struct {
		OnHand    int64 `db:"on_hand"`
		Reserved  int64 `db:"reserved"`
		Allocated int64 `db:"allocated"`
	}
	require.NoError(s.t, s.database.Admin().Get(s.t.Context(), &row, query, sku))
	return inventory.Level{SKU: sku, OnHand: row.OnHand, Reserved: row.Reserved, Allocated: row.Allocated}
}
