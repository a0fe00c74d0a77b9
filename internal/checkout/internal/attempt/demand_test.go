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
	assert.Equal(t, []inventory.Demand{{SKU: "B", Quantity: 5}, {SKU: "A", Quantity: 1}}, attempt.OfSnapshot(lines()).Sum())
	assert.Empty(t, attempt.OfSnapshot(nil).Sum())
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
			refusal := attempt.OfSnapshot(lines()).SoldOut(c.statuses)

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

	refusal := attempt.OfSnapshot(lines()).Shortage(told)

	assert.ErrorIs(t, refusal, checkout.ErrInsufficientStock)
	assert.Equal(t, []string{"/lines/0", "/lines/2"}, pointers(refusal))
	assert.Equal(t, map[string]any{"available": int64(4)}, refusal.Fields[0].Members)
}

func TestALineWhoseVariantIsGoneWantsNothing(t *testing.T) {
	wanted := attempt.OfCart([]cart.StateDemand{{SKU: "A", Quantity: 2}, {SKU: "", Quantity: 9}, {SKU: "A", Quantity: 1}})

	assert.Equal(t, []inventory.Demand{{SKU: "A", Quantity: 3}}, wanted.Sum())
	refusal := wanted.SoldOut([]inventory.StockStatus{{SKU: "A", Mode: inventory.ModeTrack, Available: 2}})
	require.NotNil(t, refusal)
	assert.Equal(t, []string{"/lines/0", "/lines/2"}, pointers(refusal))
}

func pointers(refusal *fault.Error) []string {
	var all []string
	for _, field := range refusal.Fields {
		all = append(all, field.Pointer)
	}
	return all
}
