package inventorytest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// Subject is an implementation to be tested, empty but for one location.
type Subject struct {
	Service inventory.Service
	// Sweep ends the holds that are past their end.
	Sweep func(ctx context.Context) (ended int, err error)
}

// RunContract tests what every inventory.Service promises. It opens a fresh subject for each story.
func RunContract(t *testing.T, open func(t testing.TB) Subject) {
	for _, s := range slices.Concat(reserving(), extending(), ending(), confirming(), canceling(), shipping(), counting()) {
		t.Run(s.name, func(t *testing.T) { s.run(t, shop{Subject: open(t), t: t}) })
	}
}

type story struct {
	name string
	run  func(t *testing.T, s shop)
}

// shop is a subject with short names for what stories do.
type shop struct {
	Subject
	t *testing.T
}

func (s shop) ctx() context.Context { return s.t.Context() }

// stock counts a SKU at the first location.
func (s shop) stock(sku string, onHand int64) {
	s.t.Helper()
	s.stockAt("", sku, onHand)
}

func (s shop) stockAt(locationID, sku string, onHand int64) {
	s.t.Helper()
	_, err := s.Service.SetStock(s.ctx(), inventory.SetStockRequest{LocationID: locationID,
		Items: []inventory.StockItem{{SKU: sku, Mode: inventory.ModeTrack, OnHand: &onHand}}})
	require.NoError(s.t, err)
}

func (s shop) sell(item inventory.StockItem) {
	s.t.Helper()
	_, err := s.Service.SetStock(s.ctx(), inventory.SetStockRequest{Items: []inventory.StockItem{item}})
	require.NoError(s.t, err)
}

func (s shop) location(code string, position int) string {
	s.t.Helper()
	location, err := s.Service.SaveLocation(s.ctx(), inventory.SaveLocationRequest{Code: code, Name: code, Position: position})
	require.NoError(s.t, err)
	return location.ID
}

func (s shop) tryReserve(reference string, lines ...inventory.Demand) (inventory.ReserveAnswer, error) {
	return s.Service.Reserve(s.ctx(), inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now().Add(time.Hour)})
}

func (s shop) reserve(reference string, lines ...inventory.Demand) []inventory.Reservation {
	s.t.Helper()
	answer, err := s.tryReserve(reference, lines...)
	require.NoError(s.t, err)
	return answer.Reservations
}

// expire reserves with an end in the past and sweeps.
func (s shop) expire(reference string, lines ...inventory.Demand) {
	s.t.Helper()
	_, err := s.Service.Reserve(s.ctx(), inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now().Add(-time.Hour)})
	require.NoError(s.t, err)
	ended, err := s.Sweep(s.ctx())
	require.NoError(s.t, err)
	require.Equal(s.t, 1, ended)
}

func (s shop) release(reference string) int64 {
	s.t.Helper()
	answer, err := s.Service.Release(s.ctx(), inventory.ReleaseRequest{Reference: reference})
	require.NoError(s.t, err)
	return answer.Units
}

// confirm answers the references whose holds had ended.
func (s shop) confirm(references ...string) []string {
	s.t.Helper()
	answer, err := s.Service.Confirm(s.ctx(), inventory.ConfirmRequest{References: references})
	require.NoError(s.t, err)
	return answer.Expired
}

func (s shop) tryDeallocate(id, reference string, lines ...inventory.Demand) (int64, error) {
	answer, err := s.Service.Deallocate(s.ctx(), inventory.DeallocateRequest{ID: id, Reference: reference, Lines: lines})
	return answer.Units, err
}

func (s shop) deallocate(id, reference string, lines ...inventory.Demand) int64 {
	s.t.Helper()
	units, err := s.tryDeallocate(id, reference, lines...)
	require.NoError(s.t, err)
	return units
}

func (s shop) tryShip(id, reference string, lines ...inventory.Demand) (string, error) {
	answer, err := s.Service.Ship(s.ctx(), inventory.ShipRequest{ID: id, Reference: reference, Lines: lines})
	return answer.LocationID, err
}

func (s shop) ship(id, reference string, lines ...inventory.Demand) string {
	s.t.Helper()
	location, err := s.tryShip(id, reference, lines...)
	require.NoError(s.t, err)
	return location
}

func (s shop) status(sku string) inventory.StockStatus {
	s.t.Helper()
	answer, err := s.Service.Availability(s.ctx(), inventory.AvailabilityRequest{SKUs: []string{sku}})
	require.NoError(s.t, err)
	require.Len(s.t, answer.Statuses, 1)
	return answer.Statuses[0]
}

// level reads the counters at the first location by adding a unit and taking it away again.
func (s shop) level(sku string) inventory.Level {
	s.t.Helper()
	_, err := s.adjust(sku, 1)
	require.NoError(s.t, err)
	answer, err := s.adjust(sku, -1)
	require.NoError(s.t, err)
	return answer.Level
}

func (s shop) adjust(sku string, delta int64) (inventory.AdjustAnswer, error) {
	return s.Service.Adjust(s.ctx(), inventory.AdjustRequest{SKU: sku, Delta: delta, Reason: inventory.ReasonCorrection})
}

// counters asserts on hand, reserved and allocated at the first location.
func (s shop) counters(sku string, onHand, reserved, allocated int64) {
	s.t.Helper()
	level := s.level(sku)
	assert.Equal(s.t, []int64{onHand, reserved, allocated}, []int64{level.OnHand, level.Reserved, level.Allocated},
		"on hand, reserved, allocated of %s", sku)
}

func of(sku string, quantity int64) inventory.Demand {
	return inventory.Demand{SKU: sku, Quantity: quantity}
}

// shortages reads what ErrInsufficientStock says is available, by SKU.
func shortages(t *testing.T, err error) map[string]string {
	t.Helper()
	require.ErrorIs(t, err, inventory.ErrInsufficientStock)
	var coded *fault.Error
	require.True(t, errors.As(err, &coded))
	available := map[string]string{}
	for _, field := range coded.Fields {
		available[field.Members["sku"].(string)] = fmt.Sprint(field.Members["available"])
	}
	return available
}

func someID() string { return ids.New() }
