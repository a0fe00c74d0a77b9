//go:build faults

package soak

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// sold is what a shopper was told of an order.
type sold struct {
	wish
	number string
	said   string
}

// book is what the shoppers were told.
type book struct {
	mu    sync.Mutex
	acked map[string]sold   // by reference
	told  map[string]string // what was said of every reference that anybody was told of
	left  []wish            // of shoppers who were told nothing that is final
	wrong []string
	// declined and refused count final answers: the card was declined, or something else was in the way, such as stock.
	declined, refused int
}

// hear keeps the reference of an answer. That of a refusal for want of stock is passed over: nothing need be written for it.
func (b *book) hear(answer shop.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answer.Code() == "insufficient_stock" {
		return
	}
	for _, name := range []string{"id", "checkout_id"} {
		if reference := answer.Body.Text(name); reference != "" {
			b.told[reference] = string(answer.Raw)
		}
	}
}

// write keeps what a shopper was told in the end.
func (b *book) write(w wish, answer shop.Answer, err error) {
	b.hear(answer)
	b.mu.Lock()
	defer b.mu.Unlock()
	reference := answer.Body.Text("id")
	switch {
	case err != nil:
		b.left = append(b.left, w)
	case answer.Status == http.StatusCreated:
		b.acked[reference] = sold{wish: w, number: answer.Body.Text("order.number"), said: string(answer.Raw)}
	case answer.Status == http.StatusPaymentRequired:
		b.declined++
	case answer.Code() == "insufficient_stock", answer.Code() == "checkout_canceled", answer.Code() == "reference_closed":
		b.refused++
	default:
		b.wrong = append(b.wrong, string(answer.Raw))
	}
}

// check wants the shop to agree with what the shoppers were told.
func (b *book) check(t *testing.T, h *shop.House) {
	require.Empty(t, b.wrong)
	require.NotEmpty(t, b.acked)
	b.comeBack(t, h)
	references, numbers := []string{}, []string{}
	for reference, s := range b.acked {
		references, numbers = append(references, reference), append(numbers, s.number)
	}
	require.EqualValues(t, len(references), h.Int(`SELECT count(*) FROM orders.orders o
		JOIN unnest($1::text[], $2::text[]) AS a (reference, number) USING (reference, number)`, references, numbers), "every order that was acknowledged exists, once")
	require.Empty(t, b.lost(t, h), "no checkout that anybody was told of is lost")
	require.Zero(t, h.Int(`SELECT count(*) FROM checkout.attempts WHERE status = 'review'`))
	require.Zero(t, h.Int(`SELECT (SELECT count(*) FROM inventory.reviews) + (SELECT count(*) FROM payments.reviews)`), "nobody has to look at anything")
	const finished = `SELECT count(*) FROM orders.orders o JOIN inventory.holds s USING (reference) JOIN payments.attempts p USING (reference)
		WHERE s.state = 'confirmed' AND p.status = 'captured' AND o.payment_status = 'paid'`
	require.Equal(t, h.Int(`SELECT count(*) FROM orders.orders`), h.Int(finished), "everybody who had to know of an order knows")
	h.CheckAll()
}

// lost is what was said of checkouts that do not exist.
func (b *book) lost(t *testing.T, h *shop.House) (answers []string) {
	var told, unknown []string
	for reference := range b.told {
		told = append(told, reference)
	}
	const query = `SELECT reference FROM unnest($1::text[]) AS told (reference) WHERE NOT EXISTS (SELECT FROM checkout.attempts a WHERE a.reference = told.reference)`
	require.NoError(t, h.Admin().Select(t.Context(), &unknown, query, told))
	for _, reference := range unknown {
		answers = append(answers, b.told[reference])
	}
	return answers
}

// comeBack lets some ask once more. Who was told of an order is told the same; who was not is told what became of it.
func (b *book) comeBack(t *testing.T, h *shop.House) {
	const limit, enough = time.Minute, 200
	asked := 0
	for reference, s := range b.acked {
		if asked++; asked > enough {
			break
		}
		again := h.CompleteUntilDecided(s.body, s.key, limit, s.headers...)
		require.Equal(t, s.said, string(again.Raw), "%s is told in other words", reference)
	}
	for _, w := range b.left {
		known := h.Int(`SELECT count(*) FROM checkout.attempts WHERE idempotency_key = $1`, w.key)
		if known == 0 {
			continue
		}
		answer := h.CompleteUntilDecided(w.body, w.key, limit, w.headers...)
		require.Contains(t, []int{http.StatusCreated, http.StatusPaymentRequired, http.StatusConflict}, answer.Status, "%s", answer.Raw)
	}
}
