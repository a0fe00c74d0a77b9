package orderstest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func refusing() []story {
	return []story{
		{"amounts that do not add up are refused", amountsThatDoNotAddUp},
		{"what is refused may be placed when it is put right", whatIsRefusedMayBePutRight},
		{"a cart becomes one order", aCartBecomesOneOrder},
		{"of many checkouts of one cart one gets the order", ofManyCheckoutsOneGetsTheOrder},
	}
}

func amountsThatDoNotAddUp(s shop) {
	for name, spoil := range map[string]func(*orders.PlaceRequest){
		"no lines":                 func(r *orders.PlaceRequest) { r.Lines = nil },
		"a quantity of none":       func(r *orders.PlaceRequest) { r.Lines[0].Quantity = 0 },
		"another unit price":       func(r *orders.PlaceRequest) { r.Lines[0].UnitPrice = eur(999) },
		"another subtotal":         func(r *orders.PlaceRequest) { r.Lines[0].Subtotal = eur(2001) },
		"another line total":       func(r *orders.PlaceRequest) { r.Lines[1].Total = eur(999) },
		"a negative discount":      func(r *orders.PlaceRequest) { r.Lines[1].Discount = eur(-100) },
		"a line too many":          func(r *orders.PlaceRequest) { r.Lines = append(r.Lines, r.Lines[0]) },
		"another sum of lines":     func(r *orders.PlaceRequest) { r.Totals.Subtotal = eur(3000) },
		"another sum of discounts": func(r *orders.PlaceRequest) { r.Totals.Discount = eur(99) },
		"another shipping":         func(r *orders.PlaceRequest) { r.Totals.Shipping = eur(0) },
		"another tax":              func(r *orders.PlaceRequest) { r.Totals.Tax = eur(463) },
		"another total":            func(r *orders.PlaceRequest) { r.Totals.Total = eur(3388) },
		"a delivery that is free":  func(r *orders.PlaceRequest) { r.Shipping = nil },
		"another currency":         func(r *orders.PlaceRequest) { r.Currency = "CHF" },
		"two currencies":           func(r *orders.PlaceRequest) { r.Lines[0].Tax = money.MustNew(319, "CHF") },
		"a payment in another":     func(r *orders.PlaceRequest) { r.Payment.Authorized = money.MustNew(3389, "CHF") },
		"more than there is": func(r *orders.PlaceRequest) {
			r.Lines[0].Quantity, r.Lines[0].UnitPrice = math.MaxInt64, eur(math.MaxInt64)
		},
	} {
		s.Run(name, func(t *testing.T) {
			req := snapshot()
			spoil(&req)

			_, err := s.Place(t.Context(), req)

			assert.ErrorIs(t, err, orders.ErrInvalidSnapshot)
			_, err = s.find(req.Reference)
			assert.ErrorIs(t, err, orders.ErrNotFound)
		})
	}
}

func whatIsRefusedMayBePutRight(s shop) {
	req := snapshot()
	wrong := req
	wrong.Totals.Total = eur(1)
	assert.ErrorIs(s, s.refused(wrong), orders.ErrInvalidSnapshot)

	s.place(req)

	assert.ErrorIs(s, s.refused(wrong), orders.ErrInvalidSnapshot, "what does not add up is refused first")
}

func aCartBecomesOneOrder(s shop) {
	first, second := snapshot(), snapshot()
	second.CartID = first.CartID
	placed := s.place(first)

	assert.ErrorIs(s, s.refused(second), orders.ErrCartTaken)
	assert.ErrorIs(s, s.refused(second), orders.ErrCartTaken)

	_, err := s.find(second.Reference)
	assert.ErrorIs(s, err, orders.ErrNotFound)
	assert.Equal(s, placed, s.place(first))
	second.CartID = ids.New()
	s.place(second)
}

func ofManyCheckoutsOneGetsTheOrder(s shop) {
	const callers, rounds = 4, 5
	for range rounds {
		cart, errs := ids.New(), make([]error, callers)

		together(callers, func(i int) {
			req := snapshot()
			req.CartID = cart
			_, errs[i] = s.Place(s.Context(), req)
		})

		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(s, err, orders.ErrCartTaken)
		}
		require.Equal(s, 1, won)
	}
}
