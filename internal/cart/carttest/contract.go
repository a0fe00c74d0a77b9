package carttest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// Subject is an implementation to be tested.
type Subject struct {
	Service cart.Service
	// Open makes an open cart that lacks nothing for a checkout.
	Open func(t *testing.T) (cartID, token string)
}

// RunContract tests what every implementation of cart.Service promises about handing a cart over. New makes a fresh
// subject for each test.
func RunContract(t *testing.T, open func(t *testing.T) Subject) {
	tests := []struct {
		name string
		test func(*testing.T, scene)
	}{
		{"only the holder of the token learns where a cart stands", holderOfTheToken},
		{"a freeze answers the same snapshot again and stops other checkouts", sameSnapshot},
		{"a freeze is prolonged and never shortened", prolonged},
		{"an unknown cart or another version is not frozen", notFrozen},
		{"a thaw opens the cart and closes the reference", thawAfterFreeze},
		{"a thaw that overtakes its freeze refuses it", thawBeforeFreeze},
		{"a thaw of an unknown reference leaves the freeze of another alone", thawOfAnother},
		{"an order completes its cart for good", closeForGood},
		{"an order completes its cart whatever became of the freeze", closeAfterThaw},
		{"an order closes nothing that is not a cart", closeNothing},
		{"a freeze that has passed its end holds nothing", lapsed},
		{"two first calls with one reference get one answer", sameReferenceAtOnce},
		{"of many checkouts one gets the cart", manyReferencesAtOnce},
		{"freeze and thaw at once leave the reference closed and the cart open", freezeAndThawAtOnce},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, newScene(t, open(t))) })
	}
}

// scene is one open cart.
type scene struct {
	cart.Service
	id, token string
}

func newScene(t *testing.T, s Subject) scene {
	id, token := s.Open(t)
	return scene{Service: s.Service, id: id, token: token}
}

func (s scene) freeze(t *testing.T, reference string) (cart.Snapshot, error) {
	return s.Freeze(t.Context(), cart.FreezeRequest{Reference: reference, CartID: s.id, Until: time.Now().Add(time.Hour)})
}

func (s scene) thaw(t *testing.T, reference string) {
	_, err := s.Thaw(t.Context(), cart.ThawRequest{Reference: reference, CartID: s.id})
	assert.NoError(t, err)
}

func (s scene) close(t *testing.T, reference, orderID string) {
	_, err := s.Close(t.Context(), cart.CloseRequest{Carts: []cart.ClosedCart{{Reference: reference, CartID: s.id, OrderID: orderID}}})
	require.NoError(t, err)
}

func (s scene) state(t *testing.T) cart.State {
	state, err := s.Check(t.Context(), cart.CheckRequest{CartID: s.id, Token: s.token})
	require.NoError(t, err)
	return state
}

func holderOfTheToken(t *testing.T, s scene) {
	state := s.state(t)
	assert.Equal(t, s.id, state.CartID)
	assert.Equal(t, cart.StatusOpen, state.Status)
	assert.Empty(t, state.OrderID)
	assert.Positive(t, state.Version)
	assert.Positive(t, state.DeadlineMinutes)
	assert.NotEmpty(t, state.Demand)
	assert.False(t, state.Remembered)

	remembered, err := s.Check(t.Context(), cart.CheckRequest{CartID: s.id, Token: s.token, MayRemember: true})
	require.NoError(t, err)
	remembered.Remembered = false
	assert.Equal(t, state, remembered, "nobody else has changed it")
	for _, req := range []cart.CheckRequest{{CartID: s.id, Token: "x"}, {CartID: s.id, Token: "x", MayRemember: true}, {CartID: s.id}, {CartID: ids.New(), Token: s.token}, {CartID: "x", Token: s.token}} {
		_, err := s.Check(t.Context(), req)
		assert.ErrorIs(t, err, cart.ErrNotFound)
	}
}

func sameSnapshot(t *testing.T, s scene) {
	first, err := s.freeze(t, "co_1")
	require.NoError(t, err)
	assert.Equal(t, s.id, first.CartID)
	assert.Equal(t, cart.StatusCheckingOut, s.state(t).Status)
	assert.Equal(t, first.CartVersion, s.state(t).Version)

	second, err := s.freeze(t, "co_1")
	require.NoError(t, err)
	assert.Equal(t, first, second)
	third, err := s.Freeze(t.Context(), cart.FreezeRequest{Reference: "co_1", CartID: ids.New(), Version: first.CartVersion + 1, Until: time.Now()})
	require.NoError(t, err, "the reference alone tells which freeze it is")
	assert.Equal(t, first, third)

	_, err = s.freeze(t, "co_2")
	assert.ErrorIs(t, err, cart.ErrCheckoutInProgress)
}

func prolonged(t *testing.T, s scene) {
	until := func(reference string, end time.Time) error {
		_, err := s.Freeze(t.Context(), cart.FreezeRequest{Reference: reference, CartID: s.id, Until: end})
		return err
	}
	require.NoError(t, until("co_1", time.Now().Add(-time.Second)))
	require.Equal(t, cart.StatusOpen, s.state(t).Status)

	require.NoError(t, until("co_1", time.Now().Add(time.Hour)))
	assert.Equal(t, cart.StatusCheckingOut, s.state(t).Status)
	require.NoError(t, until("co_1", time.Now().Add(-time.Second)))
	assert.Equal(t, cart.StatusCheckingOut, s.state(t).Status)
	assert.ErrorIs(t, until("co_2", time.Now().Add(time.Hour)), cart.ErrCheckoutInProgress)

	s.thaw(t, "co_1")
	assert.ErrorIs(t, until("co_1", time.Now().Add(time.Hour)), cart.ErrReferenceClosed)
	assert.Equal(t, cart.StatusOpen, s.state(t).Status)
}

func notFrozen(t *testing.T, s scene) {
	_, err := s.Freeze(t.Context(), cart.FreezeRequest{Reference: "co_1", CartID: ids.New(), Until: time.Now().Add(time.Hour)})
	assert.ErrorIs(t, err, cart.ErrNotFound)

	version := s.state(t).Version
	_, err = s.Freeze(t.Context(), cart.FreezeRequest{Reference: "co_2", CartID: s.id, Version: version + 1, Until: time.Now().Add(time.Hour)})
	assert.ErrorIs(t, err, cart.ErrVersionMismatch)
	assert.Equal(t, cart.StatusOpen, s.state(t).Status)

	_, err = s.Freeze(t.Context(), cart.FreezeRequest{Reference: "co_3", CartID: s.id, Version: version, Until: time.Now().Add(time.Hour)})
	assert.NoError(t, err)
}

func thawAfterFreeze(t *testing.T, s scene) {
	before := s.state(t)
	_, err := s.freeze(t, "co_1")
	require.NoError(t, err)

	s.thaw(t, "co_1")
	s.thaw(t, "co_1")

	assert.Equal(t, before, s.state(t))
	_, err = s.freeze(t, "co_1")
	assert.ErrorIs(t, err, cart.ErrReferenceClosed)
	_, err = s.freeze(t, "co_2")
	assert.NoError(t, err)
}

func thawBeforeFreeze(t *testing.T, s scene) {
	s.thaw(t, "co_1")

	_, err := s.freeze(t, "co_1")

	assert.ErrorIs(t, err, cart.ErrReferenceClosed)
	assert.Equal(t, cart.StatusOpen, s.state(t).Status)
}

func thawOfAnother(t *testing.T, s scene) {
	_, err := s.freeze(t, "co_1")
	require.NoError(t, err)

	s.thaw(t, "co_2")

	assert.Equal(t, cart.StatusCheckingOut, s.state(t).Status)
	_, err = s.Thaw(t.Context(), cart.ThawRequest{Reference: "co_3", CartID: ""})
	assert.NoError(t, err)
	_, err = s.freeze(t, "co_3")
	assert.ErrorIs(t, err, cart.ErrReferenceClosed)
}

func closeForGood(t *testing.T, s scene) {
	first, err := s.freeze(t, "co_1")
	require.NoError(t, err)
	order := ids.New()

	s.close(t, "co_1", order)
	s.close(t, "co_1", order)
	s.thaw(t, "co_1")
	s.close(t, "co_1", ids.New())

	state := s.state(t)
	assert.Equal(t, cart.StatusCompleted, state.Status)
	assert.Equal(t, order, state.OrderID)
	again, err := s.freeze(t, "co_1")
	require.NoError(t, err, "a checkout that lost its place repeats what it did before")
	assert.Equal(t, first, again)
	_, err = s.freeze(t, "co_2")
	assert.ErrorIs(t, err, cart.ErrNotOpen)
}

func closeAfterThaw(t *testing.T, s scene) {
	_, err := s.freeze(t, "co_1")
	require.NoError(t, err)
	s.thaw(t, "co_1")
	_, err = s.freeze(t, "co_2")
	require.NoError(t, err)
	order := ids.New()

	s.close(t, "co_1", order)

	assert.Equal(t, order, s.state(t).OrderID)
	_, err = s.freeze(t, "co_2")
	assert.ErrorIs(t, err, cart.ErrReferenceClosed)
	s.thaw(t, "co_2")
	assert.Equal(t, cart.StatusCompleted, s.state(t).Status)
}

func closeNothing(t *testing.T, s scene) {
	_, err := s.Close(t.Context(), cart.CloseRequest{Carts: []cart.ClosedCart{
		{Reference: "co_1", CartID: "", OrderID: ids.New()}, {Reference: "co_2", CartID: ids.New(), OrderID: ids.New()}}})
	assert.NoError(t, err)
	_, err = s.Close(t.Context(), cart.CloseRequest{})
	assert.NoError(t, err)
	assert.Equal(t, cart.StatusOpen, s.state(t).Status)
}

func lapsed(t *testing.T, s scene) {
	past := cart.FreezeRequest{Reference: "co_1", CartID: s.id, Until: time.Now().Add(-time.Second)}
	first, err := s.Freeze(t.Context(), past)
	require.NoError(t, err)
	assert.Equal(t, cart.StatusOpen, s.state(t).Status)
	again, err := s.Freeze(t.Context(), past)
	require.NoError(t, err, "nobody else has frozen the cart")
	assert.Equal(t, first, again)
	assert.Equal(t, cart.StatusOpen, s.state(t).Status)

	_, err = s.freeze(t, "co_2")
	require.NoError(t, err)

	_, err = s.Freeze(t.Context(), past)
	assert.ErrorIs(t, err, cart.ErrReferenceClosed)
	s.thaw(t, "co_1")
	assert.Equal(t, cart.StatusCheckingOut, s.state(t).Status)
}
