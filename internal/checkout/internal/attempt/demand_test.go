package attempt_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func lines() []cart.SnapshotLine {
	return []cart.SnapshotLine{{SKU: "B", Quantity: 2}, {SKU: "A", Quantity: 1}, {SKU: "B", Quantity: 3}}
}

func TestDemandIsSummedPerSKU(t *testing.T) {
	assert.Equal(t, []inventory.Demand{{SKU: "B", Quantity: 5}, {SKU: "A", Quantity: 1}}, attempt.Demand(lines()))
	assert.Empty(t, attempt.Demand(nil))
}

func TestSoldOutComparesTheSumWithWhatIsCounted(t *testing.T) {
	counted := func(sku string, available int64) inventory.StockStatus {
		return inventory.StockStatus{SKU: sku, Mode: inventory.ModeTrack, Available: available}
	}
	uncounted := inventory.StockStatus{SKU: "B", Mode: inventory.ModeNone}
	for _, c := range []struct {
		name     string
		statuses []inventory.StockStatus
		pointers []string
	}{
		{"enough", []inventory.StockStatus{counted("A", 1), counted("B", 5)}, nil},
		{"one too few", []inventory.StockStatus{counted("A", 1), counted("B", 4)}, []string{"/lines/0", "/lines/2"}},
		{"none at all", []inventory.StockStatus{counted("A", 0), counted("B", 0)}, []string{"/lines/0", "/lines/1", "/lines/2"}},
		{"sold without counting", []inventory.StockStatus{counted("A", 1), uncounted}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusal := attempt.SoldOut(lines(), c.statuses)

			if c.pointers == nil {
				require.Nil(t, refusal)
				return
			}
			require.NotNil(t, refusal)
			assert.Equal(t, c.pointers, pointers(refusal))
		})
	}
}

func TestAShortageOfASKUIsToldOfEachOfItsLines(t *testing.T) {
	told := inventory.ErrInsufficientStock.With(fault.Field{Code: "insufficient_stock", Members: map[string]any{"sku": "B", "available": int64(4)}})

	refusal := attempt.Shortage(lines(), told)

	assert.ErrorIs(t, refusal, checkout.ErrInsufficientStock)
	assert.Equal(t, []string{"/lines/0", "/lines/2"}, pointers(refusal))
	assert.Equal(t, map[string]any{"available": int64(4)}, refusal.Fields[0].Members)
}

func pointers(refusal *fault.Error) []string {
	var all []string
	for _, field := range refusal.Fields {
		all = append(all, field.Pointer)
	}
	return all
}
