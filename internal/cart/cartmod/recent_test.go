package cartmod_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// in is the cart as another process serves it.
func (b *basket) in(s *shop) *basket {
	other := *b
	other.shop = s
	return &other
}

func (b *basket) quantities() map[string]int64 {
	found := map[string]int64{}
	for _, line := range b.Lines {
		found[line.SKU] += line.Quantity
	}
	return found
}

// Each process remembers the cart as it stored it, which the other has changed since.
func TestACartThatTwoProcessesChangeLosesNothing(t *testing.T) {
	here := newShop(t)
	there := here.another()
	b := here.open("{}")
	other := b.in(there)

	for range 4 {
		b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)
		other.must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 1}`)
	}
	assert.Equal(t, map[string]int64{"MUG": 4, "TEE-M": 4}, other.quantities())
	other.must(http.MethodDelete, "/lines/"+other.Lines[0].ID, "")
	b.must(http.MethodPatch, "", `{"note": "x"}`)
	assert.Equal(t, map[string]int64{"TEE-M": 4}, b.quantities())

	other.must(http.MethodPatch, "", `{"note": "y"}`)
	b.do(http.MethodPatch, "", `{"note": "z"}`, "If-Match", `"1"`).refuses(t, http.StatusPreconditionFailed, "version_mismatch")
	assert.Equal(t, http.StatusOK, b.do(http.MethodPatch, "", `{"note": "z"}`, "If-Match", fmt.Sprintf("%q", fmt.Sprint(other.Version))).status)
}

func TestAFreezeIsOfTheCartAsAnotherProcessLeftIt(t *testing.T) {
	here := newShop(t)
	there := here.another()
	b := here.ready()
	b.in(there).must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 3}`)

	snapshot, err := here.freeze(b, "co_1")
	require.NoError(t, err)
	assert.Len(t, snapshot.Lines, 2)

	b.do(http.MethodPatch, "", `{"note": "x"}`).refuses(t, http.StatusConflict, "cart_not_open")
	there.thaw(b, "co_1")
	b.must(http.MethodPatch, "", `{"note": "x"}`)
}

func TestACartIsCheckedFromMemoryOnlyWhereThatIsAllowed(t *testing.T) {
	here := newShop(t)
	b := here.ready()
	b.in(here.another()).must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 3}`)
	demand := func(mayRemember bool) (lines int, remembered bool) {
		state, err := here.module.Service().Check(t.Context(), cart.CheckRequest{CartID: b.uuid(), Token: b.token, MayRemember: mayRemember})
		require.NoError(t, err)
		return len(state.Demand), state.Remembered
	}

	lines, remembered := demand(true)
	assert.Equal(t, 1, lines)
	assert.True(t, remembered)
	lines, remembered = demand(false)
	assert.Equal(t, 2, lines)
	assert.False(t, remembered)
	_, err := here.module.Service().Check(t.Context(), cart.CheckRequest{CartID: b.uuid(), Token: "x", MayRemember: true})
	assert.ErrorIs(t, err, cart.ErrNotFound)
}

// What is stored in a transaction that is undone must not be taken for the cart: another change gets its version.
func TestAChangeThatIsUndoneIsForgotten(t *testing.T) {
	here := newShop(t)
	there := here.another()
	b := here.open(oneTee)
	ctx, hold := sqldb.NewHold(t.Context(), func(context.Context, *sqldb.Tx) error { return nil })
	here.ctx = ctx
	b.in(here).must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 5}`)
	hold.Rollback()
	here.ctx = nil
	b.in(there).must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)

	b.must(http.MethodPatch, "", `{"note": "x"}`)

	assert.Equal(t, map[string]int64{"TEE-M": 1, "MUG": 1}, b.quantities())
}

// Changes of one moment are stored by one statement, which can store one of two changes of one cart.
func TestOfTwoChangesOfOneMomentNoneIsLost(t *testing.T) {
	s := newShop(t)
	b := s.open("{}")
	const buyers = 12

	var done sync.WaitGroup
	for range buyers {
		other := b.in(s)
		done.Go(func() {
			for {
				answer := other.do(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)
				if answer.status != http.StatusPreconditionFailed {
					assert.Equal(t, http.StatusOK, answer.status, answer.body)
					return
				}
			}
		})
	}
	done.Wait()

	assert.Equal(t, map[string]int64{"MUG": buyers}, b.must(http.MethodPatch, "", `{"note": "x"}`).quantities())
}
