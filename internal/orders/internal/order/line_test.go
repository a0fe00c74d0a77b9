package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
)

func priced(quantity, total int64) order.Line {
	return order.Line{PlaceLine: orders.PlaceLine{Quantity: quantity, Total: money.MustNew(total, "EUR")}}
}

func TestB09PartsOfALineAddUpToItsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := priced(rapid.Int64Range(1, 50).Draw(t, "ordered"), rapid.Int64Range(0, 100_000).Draw(t, "total"))
		var sum int64

		for l.Refunded < l.Quantity {
			units := rapid.Int64Range(1, l.Quantity-l.Refunded).Draw(t, "units")
			worth, err := l.Worth(units)
			require.NoError(t, err)
			require.False(t, worth.IsNegative())
			l.Refunded += units
			l.RefundedAmount += worth.Minor()
			sum += worth.Minor()
		}

		require.Equal(t, l.Total.Minor(), sum)
	})
}

func TestAThirdOfALineIsWorthAThirdOfIt(t *testing.T) {
	l := priced(3, 100)
	for _, want := range []int64{33, 34, 33} {
		worth, err := l.Worth(1)

		require.NoError(t, err)
		require.Equal(t, want, worth.Minor())
		l.Refunded++
		l.RefundedAmount += want
	}
}

func TestMoreUnitsThanOrderedAreWorthNothing(t *testing.T) {
	l := priced(3, 100)
	l.Refunded = 2

	for _, units := range []int64{-1, 0, 2} {
		_, err := l.Worth(units)
		require.ErrorIs(t, err, orders.ErrRefundExceeds)
	}
}

func TestWhatIsLeftToSend(t *testing.T) {
	l := order.Line{PlaceLine: orders.PlaceLine{Quantity: 10}, Fulfilled: 1, Fulfilling: 2, Canceled: 3}

	require.Equal(t, int64(4), l.Left())
}
