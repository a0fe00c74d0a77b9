package inventorymod_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// glance is what checkout asks before it writes anything: it may be told what the process remembers.
func (s shop) glance(ctx context.Context, skus ...string) ([]inventory.StockStatus, error) {
	answer, err := s.Service().Availability(ctx, inventory.AvailabilityRequest{SKUs: skus, MayRemember: true})
	return answer.Statuses, err
}

func (s shop) seen(sku string) int64 {
	s.t.Helper()
	statuses, err := s.glance(s.t.Context(), sku)
	require.NoError(s.t, err)
	return statuses[0].Available
}

// remembers waits until the answer for a SKU that is sold out comes without the database, which a canceled call cannot ask.
func (s shop) remembers(sku string) {
	s.t.Helper()
	canceled, cancel := context.WithCancel(s.t.Context())
	cancel()
	require.Eventually(s.t, func() bool {
		_, err := s.glance(s.t.Context(), sku)
		require.NoError(s.t, err)
		statuses, err := s.glance(canceled, sku)
		return err == nil && assert.Equal(s.t, []inventory.StockStatus{{SKU: sku, Mode: inventory.ModeTrack, Availability: inventory.OutOfStock}}, statuses)
	}, 10*time.Second, 10*time.Millisecond)
}

func TestACrowdThatCameTooLateIsAnsweredFromMemory(t *testing.T) {
	s := open(t)
	s.stock("TEE", 0)
	s.stock("MUG", 2)
	s.remembers("TEE")

	statuses, err := s.glance(t.Context(), "MUG", "TEE", "NEW")
	require.NoError(t, err)

	assert.Equal(t, []inventory.StockStatus{
		{SKU: "MUG", Mode: inventory.ModeTrack, Available: 2, Availability: inventory.InStock},
		{SKU: "TEE", Mode: inventory.ModeTrack, Availability: inventory.OutOfStock},
		{SKU: "NEW", Mode: inventory.ModeTrack, Availability: inventory.OutOfStock},
	}, statuses)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Service().Availability(canceled, inventory.AvailabilityRequest{SKUs: []string{"TEE"}})
	assert.Error(t, err, "who does not say that he may be told what is remembered asks the database")
	assert.ErrorIs(t, s.reserve("co_1", of("TEE", 1)), inventory.ErrInsufficientStock)
}

func TestWhatAnotherProcessBringsBackIsSoldWithinASecond(t *testing.T) {
	s := open(t)
	s.stock("TEE", 0)
	other := shop{Module: build(t, s.database.Module("inventory")), t: t, database: s.database}
	s.remembers("TEE")

	other.stock("TEE", 3)
	began := time.Now()

	assert.Equal(t, int64(3), s.status("TEE").Available)
	assert.NoError(t, s.reserve("co_1", of("TEE", 1)), "nobody who tries is refused by memory")
	require.Eventually(t, func() bool { return s.seen("TEE") == 2 }, 10*time.Second, time.Millisecond)
	assert.Less(t, time.Since(began), 1500*time.Millisecond, "a second, and what the machine takes")
}

func TestWhatThisProcessBringsBackIsSoldAtOnce(t *testing.T) {
	d := openDesk(t)
	ways := d.waysToBringBack()
	for sku := range ways {
		d.stock(sku, 2)
		until := time.Now().Add(time.Hour)
		if sku == "SWEEP" {
			until = time.Now().Add(-time.Minute)
		}
		_, err := d.Service().Reserve(t.Context(), inventory.ReserveRequest{Reference: "co_" + sku, Lines: []inventory.Demand{of(sku, 2)}, HoldUntil: until})
		require.NoError(t, err)
	}

	for sku, bring := range ways {
		d.remembers(sku)
		require.NoError(t, bring(t.Context()))
		assert.Equal(t, int64(2), d.seen(sku), sku)
	}
}

// waysToBringBack are those of a service to make two more of a SKU available, by the name of the SKU.
func (d desk) waysToBringBack() map[string]func(ctx context.Context) error {
	four := int64(4)
	return map[string]func(ctx context.Context) error{
		"ADJUST": func(ctx context.Context) error {
			_, err := d.Service().Adjust(ctx, inventory.AdjustRequest{SKU: "ADJUST", Delta: 2, Reason: inventory.ReasonReceive})
			return err
		},
		"SET": func(ctx context.Context) error {
			_, err := d.Service().SetStock(ctx, inventory.SetStockRequest{Items: []inventory.StockItem{{SKU: "SET", OnHand: &four}}})
			return err
		},
		"PUT": func(context.Context) error {
			d.must(http.StatusOK, http.MethodPut, "/admin/v1/stock-items/PUT", `{"mode":"track","backorder_limit":2}`, "If-Match", `"1"`)
			return nil
		},
		"RELEASE": func(ctx context.Context) error {
			_, err := d.Service().Release(ctx, inventory.ReleaseRequest{Reference: "co_RELEASE"})
			return err
		},
		"DEALLOCATE": func(ctx context.Context) error {
			_, err := d.Service().Deallocate(ctx, inventory.DeallocateRequest{ID: "cancel-1", Reference: "co_DEALLOCATE"})
			return err
		},
		"SWEEP": func(ctx context.Context) error {
			_, err := d.Sweep(ctx)
			return err
		},
	}
}

func TestReopeningALocationBringsItsStockBackAtOnce(t *testing.T) {
	d := openDesk(t)
	d.stock("TEE", 3)
	path := locations + "/" + d.mainLocation()["id"].(string)
	d.must(http.StatusOK, http.MethodPatch, path, `{"active":false}`, "If-Match", `"1"`)
	d.remembers("TEE")

	d.must(http.StatusOK, http.MethodPatch, path, `{"active":true}`, "If-Match", `"2"`)

	assert.Equal(t, int64(3), d.seen("TEE"))
}

// TestNobodyIsToldSoldOutOfWhatThisProcessHasSaidIsBack has a crowd read all the time, so that readings begin and end at
// every moment of a change.
func TestNobodyIsToldSoldOutOfWhatThisProcessHasSaidIsBack(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 0)
	ctx, stop := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for ctx.Err() == nil {
				_, err := r.glance(ctx, "TEE")
				assert.True(t, err == nil || ctx.Err() != nil, err)
			}
		})
	}

	for round := range 200 {
		_, err := r.Service().Adjust(t.Context(), inventory.AdjustRequest{SKU: "TEE", Delta: 1, Reason: inventory.ReasonReceive})
		require.NoError(t, err)
		require.Equal(t, int64(1), r.seen("TEE"), "round %d", round)
		require.NoError(t, r.reserve(fmt.Sprint("co_", round), of("TEE", 1)))
	}
	stop()
	crowd.Wait()

	r.calm()
}
