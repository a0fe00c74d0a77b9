package orderstest

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders"
)

func closing() []story {
	return []story{
		{"a closed checkout gets no order", aClosedCheckoutGetsNoOrder},
		{"the cart of a closed checkout is free for another", theCartOfAClosedCheckoutIsFree},
		{"closing a checkout that has its order answers the order and closes nothing", closingAnswersTheOrder},
		{"of placing and closing at once one decides", ofPlacingAndClosingOneDecides},
	}
}

func aClosedCheckoutGetsNoOrder(s shop) {
	req := snapshot()

	assert.Nil(s, s.close(req.Reference))
	assert.Nil(s, s.close(req.Reference))

	for range 2 {
		assert.ErrorIs(s, s.refused(req), orders.ErrReferenceClosed)
	}
	assert.Nil(s, s.close(req.Reference))
	_, err := s.find(req.Reference)
	assert.ErrorIs(s, err, orders.ErrNotFound)
}

func theCartOfAClosedCheckoutIsFree(s shop) {
	closed, next := snapshot(), snapshot()
	next.CartID = closed.CartID
	s.close(closed.Reference)
	assert.ErrorIs(s, s.refused(closed), orders.ErrReferenceClosed)

	s.place(next)
}

func closingAnswersTheOrder(s shop) {
	req := snapshot()
	placed := s.place(req)

	for range 2 {
		assert.Equal(s, &placed, s.close(req.Reference))
	}
	assert.Equal(s, placed, s.place(req))
	assert.Equal(s, placed, s.found(req.Reference))
}

func ofPlacingAndClosingOneDecides(s shop) {
	const callers, rounds = 4, 20
	for range rounds {
		req := snapshot()
		placed, errs := make([]*orders.Placed, callers), make([]error, callers)

		together(callers, func(i int) {
			if i%2 == 0 {
				order, err := s.Place(s.Context(), req)
				placed[i], errs[i] = &order, err
				return
			}
			closed, err := s.Close(s.Context(), orders.CloseRequest{Reference: req.Reference})
			placed[i], errs[i] = closed.Placed, err
		})

		order, err := s.find(req.Reference)
		for i := range callers {
			switch {
			case err == nil:
				require.NoError(s, errs[i])
				require.Equal(s, &order, placed[i])
			case i%2 == 0:
				require.ErrorIs(s, errs[i], orders.ErrReferenceClosed)
			default:
				require.NoError(s, errs[i])
				require.Nil(s, placed[i])
			}
		}
	}
}
