package postgres_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/postgres"
)

func TestACartIsRecentForHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := postgres.NewRecent()
		r.Keep(basket.Cart{ID: "a", Version: 1})
		time.Sleep(30 * time.Second)
		found, known := r.Find("a")
		require.True(t, known)
		require.Equal(t, 1, found.Version)

		time.Sleep(time.Nanosecond)

		_, known = r.Find("a")
		require.False(t, known)
		require.Zero(t, r.Len())
	})
}

func TestTheNewestVersionIsKept(t *testing.T) {
	r := postgres.NewRecent()
	r.Keep(basket.Cart{ID: "a", Version: 2})
	r.Keep(basket.Cart{ID: "a", Version: 1})
	found, _ := r.Find("a")
	require.Equal(t, 2, found.Version)
}

func TestRecentCartsDoNotFillTheMemory(t *testing.T) {
	r := postgres.NewRecent()
	for i := range 10_000 {
		r.Keep(basket.Cart{ID: strconv.Itoa(i), Version: 1})
		require.LessOrEqual(t, r.Len(), 2000)
	}
	_, known := r.Find("9999")
	require.True(t, known)
}
