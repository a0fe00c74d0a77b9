package cartmod_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
)

func TestC11OfManyChangesToOneVersionOneIsMade(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)

	statuses := atOnce(20, func(i int) int {
		return s.do(http.MethodPatch, "/store/v1/carts/"+b.ID, fmt.Sprintf(`{"note": "%d"}`, i), "Cart-Token", b.token, "If-Match", `"1"`).status
	})

	assert.Equal(t, map[int]int{200: 1, 412: 19}, count(statuses))
	assert.Equal(t, 2, b.must(http.MethodGet, "", "").Version)
}

func TestChangesAtOnceLoseNothing(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)

	statuses := atOnce(8, func(int) int {
		return s.do(http.MethodPost, "/store/v1/carts/"+b.ID+"/lines", `{"sku": "TEE-M", "quantity": 1}`, "Cart-Token", b.token).status
	})

	made := count(statuses)[200]
	assert.Equal(t, 8, made+count(statuses)[412])
	b.must(http.MethodGet, "", "")
	assert.Equal(t, int64(1+made), b.Lines[0].Quantity)
	assert.Equal(t, 1+made, b.Version)
	assert.Equal(t, euros(int64(1+made)*1999), b.Totals.Total)
}

func TestAChangeThatLosesARaceIsMadeOnWhatTheWinnerLeft(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	other := &basket{shop: s, token: b.token, cartJSON: b.cartJSON}
	s.set(func(o *owners) {
		o.meanwhile = func() { other.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`) }
	})

	b.must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 1}`)

	require.Len(t, b.Lines, 2)
	assert.Equal(t, int64(2), b.Lines[0].Quantity)
	assert.Equal(t, 3, b.Version)

	s.set(func(o *owners) { o.meanwhile = func() { other.must(http.MethodPatch, "", `{"note": "first"}`) } })
	b.do(http.MethodPatch, "", `{"note": "second"}`, "If-Match", `"3"`).refuses(t, 412, "version_mismatch")
	assert.Equal(t, "first", b.must(http.MethodGet, "", "").Note)
}

func TestAChangeThatLosesToACheckoutIsRefused(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.set(func(o *owners) {
		o.meanwhile = func() {
			_, err := s.freeze(b, "co_1")
			assert.NoError(t, err)
		}
	})

	b.do(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 1}`).refuses(t, 409, "cart_not_open")
}

func TestAFreezeThatLosesToAChangeTakesTheChange(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.set(func(o *owners) {
		o.meanwhile = func() { b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`) }
	})

	snapshot, err := s.freeze(b, "co_1")

	require.NoError(t, err)
	assert.Len(t, snapshot.Lines, 2)
	assert.Equal(t, b.Version, snapshot.CartVersion)
	assert.Equal(t, b.Totals, snapshot.Totals)
}

func TestAFreezeThatLosesToItsThawIsRefused(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.set(func(o *owners) { o.meanwhile = func() { s.thaw(b, "co_1") } })

	_, err := s.freeze(b, "co_1")

	require.ErrorIs(t, err, cart.ErrReferenceClosed)
	assert.Equal(t, "open", b.must(http.MethodGet, "", "").Status)
}

func TestAFreezeThatLosesToAnotherIsRefused(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	s.set(func(o *owners) {
		o.meanwhile = func() {
			_, err := s.freeze(b, "co_2")
			assert.NoError(t, err)
		}
	})

	_, err := s.freeze(b, "co_1")

	assert.ErrorIs(t, err, cart.ErrCheckoutInProgress)
}

// Either the order contains the line, or the line is refused; the snapshot is what was on the cart.
func TestC23AddingToACartWhileItIsFrozen(t *testing.T) {
	s := newShop(t)
	for round := range 10 {
		b := s.ready()
		var snapshot cart.Snapshot
		var err error
		var added int

		atOnce(2, func(i int) int {
			if i == 0 {
				snapshot, err = s.freeze(b, fmt.Sprintf("co_%d", round))
				return 0
			}
			added = s.do(http.MethodPost, "/store/v1/carts/"+b.ID+"/lines", `{"sku": "MUG", "quantity": 1}`, "Cart-Token", b.token).status
			return 0
		})

		require.NoError(t, err)
		if added == http.StatusOK {
			assert.Len(t, snapshot.Lines, 2)
			continue
		}
		assert.Equal(t, http.StatusConflict, added)
		assert.Len(t, snapshot.Lines, 1)
	}
}

// atOnce runs n calls that are released together.
func atOnce(n int, call func(i int) int) []int {
	answers := make([]int, n)
	barrier := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-barrier
			answers[i] = call(i)
		})
	}
	close(barrier)
	done.Wait()
	return answers
}

func count(values []int) map[int]int {
	counted := make(map[int]int)
	for _, v := range values {
		counted[v]++
	}
	return counted
}
