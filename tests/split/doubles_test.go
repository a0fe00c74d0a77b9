package split

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// TestC17WhatWasWrittenIsReadEverywhere writes stock through one of two processes and reads it through the other, at once.
func TestC17WhatWasWrittenIsReadEverywhere(t *testing.T) {
	for name, setup := range map[string]shop.Setup{
		"two servers on one database":        {Replicas: 2},
		"two servers before two inventories": {Replicas: 2, Doubles: 2, Apart: [][]string{{"inventory"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := shop.StartHouse(t, setup)
			h.Sell("C17", 1000, 1)
			h.Settle()
			location := h.Location()
			for i := range 50 {
				written := h.At(i%2).Must(http.StatusCreated, http.MethodPost, "/admin/v1/stock-levels/adjustments", shop.Object{
					"sku": "C17", "location_id": location, "delta": 1, "reason": "receive"}, shop.Key(h.Owner), shop.Once(shop.NewKey()))
				require.EqualValues(t, i+2, written.Body.Number(t, "level.on_hand"))

				require.EqualValues(t, i+2, h.At((i+1)%2).Level("C17").Number(t, "on_hand"))
			}
		})
	}
}

// TestF26AModulesProcessEndsUnderLoad ends one of two inventories after the other as a deployment does: nobody notices.
func TestF26AModulesProcessEndsUnderLoad(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Doubles: 2, Apart: [][]string{{"inventory"}}, Settings: []string{"RIALTO_DRAIN_DELAY=500ms"}})
	h.Sell("F26", 1000, 100_000)
	h.Settle()
	open, shut := context.WithCancel(t.Context())
	var people sync.WaitGroup
	for range 4 {
		people.Go(func() {
			for open.Err() == nil {
				answer, err := h.Try(http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("F26", 1)), shop.Once(shop.NewKey()))
				assert.NoError(t, err)
				assert.Equal(t, http.StatusCreated, answer.Status, "%s", answer.Raw)
			}
		})
	}
	for _, process := range h.Part("inventory").Replicas {
		process.Stop()
		process.Start()
	}
	shut()
	people.Wait()
}

// TestAModuleAloneIsSmall looks at processes that have started and have nothing to do, with a line to a broker as well.
func TestAModuleAloneIsSmall(t *testing.T) {
	const most = 40 << 10
	h := shop.StartHouse(t, shop.Setup{Apart: shop.Alone(app.Modules()), Carrier: carried})
	h.Settle()
	for _, part := range h.Parts {
		var resident int
		require.Eventually(t, func() bool {
			resident = part.Replicas[0].Resident(t)
			return resident < most
		}, 10*time.Second, 100*time.Millisecond, "%s takes %s KiB", part.Modules[0], strconv.Itoa(resident))
		t.Logf("%s: %d KiB", part.Modules[0], resident)
	}
}
