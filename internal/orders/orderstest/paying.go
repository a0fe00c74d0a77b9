package orderstest

import (
	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
)

func paying() []story {
	return []story{
		{"the order says where its payment stands", theOrderSaysWhereItsPaymentStands},
		{"what is older than what is known is ignored", whatIsOlderIsIgnored},
		{"of several standings of one payment the newest counts, in whatever order they come", theNewestCounts},
		{"payments of checkouts without an order are ignored", paymentsWithoutAnOrderAreIgnored},
		{"placing again answers the order with what happened since", placingAgainAnswersWhatHappenedSince},
	}
}

// standing is where the payment of a snapshot stands. Its Seq is 2 when the order is placed.
func standing(req orders.PlaceRequest, seq, captured, refunded int64) orders.PaymentStanding {
	return orders.PaymentStanding{Reference: req.Reference, Status: payments.StatusAuthorized, Authorized: eur(max(3389, captured)),
		Captured: eur(captured), Refunded: eur(refunded), Seq: seq}
}

func theOrderSaysWhereItsPaymentStands(s shop) {
	for _, c := range []struct {
		captured, refunded int64
		want               string
	}{
		{0, 0, orders.PaymentAuthorized}, {1000, 0, orders.PaymentPartiallyPaid}, {3389, 0, orders.PaymentPaid},
		{3389, 1000, orders.PaymentPartiallyRefunded}, {3389, 3389, orders.PaymentRefunded}, {3390, 0, orders.PaymentOverpaid},
	} {
		req := snapshot()
		before := s.place(req).Order

		s.apply(standing(req, 3, c.captured, c.refunded))

		after := s.found(req.Reference).Order
		before.PaymentStatus = c.want
		before.Payment = orders.ViewPayment{Method: "manual", Authorized: eur(max(3389, c.captured)), Captured: eur(c.captured),
			Refunded: eur(c.refunded)}
		assert.Equal(s, before, after, "captured %d, refunded %d", c.captured, c.refunded)
	}
	voided := snapshot()
	s.place(voided)
	void := standing(voided, 3, 0, 0)
	void.Status = payments.StatusVoided

	s.apply(void)

	assert.Equal(s, orders.PaymentVoided, s.found(voided.Reference).Order.PaymentStatus)
}

func whatIsOlderIsIgnored(s shop) {
	req := snapshot()
	placed := s.place(req)

	s.apply(standing(req, 1, 1000, 0))
	s.apply(standing(req, 2, 2000, 0))

	assert.Equal(s, placed, s.found(req.Reference), "it is what was known when the order was placed, or older")

	s.apply(standing(req, 5, 3389, 0))
	s.apply(standing(req, 4, 1000, 0))
	s.apply(standing(req, 5, 1, 0))

	assert.Equal(s, eur(3389), s.found(req.Reference).Order.Payment.Captured)
}

func theNewestCounts(s shop) {
	req, other := snapshot(), snapshot()
	s.place(req)
	s.place(other)

	s.apply(standing(req, 4, 2000, 0), standing(req, 5, 3389, 0), standing(other, 3, 500, 0), standing(req, 3, 1000, 0))

	assert.Equal(s, eur(3389), s.found(req.Reference).Order.Payment.Captured)
	assert.Equal(s, eur(500), s.found(other.Reference).Order.Payment.Captured)
}

func paymentsWithoutAnOrderAreIgnored(s shop) {
	req, late, closed := snapshot(), snapshot(), snapshot()
	s.place(req)
	s.close(closed.Reference)

	s.apply()
	s.apply(standing(late, 3, 1000, 0), standing(closed, 3, 1000, 0), standing(req, 3, 500, 0))

	assert.Equal(s, eur(500), s.found(req.Reference).Order.Payment.Captured)
	assert.Equal(s, eur(0), s.place(late).Order.Payment.Captured, "the standing is the one at the time of placing")
	assert.ErrorIs(s, s.refused(closed), orders.ErrReferenceClosed)
}

func placingAgainAnswersWhatHappenedSince(s shop) {
	req := snapshot()
	s.place(req)
	s.apply(standing(req, 3, 3389, 0))

	again := s.place(req)

	assert.Equal(s, orders.PaymentPaid, again.Order.PaymentStatus)
	assert.Equal(s, again, s.found(req.Reference))
	assert.Equal(s, &again, s.close(req.Reference))
}
