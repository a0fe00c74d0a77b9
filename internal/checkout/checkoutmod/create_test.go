package checkoutmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
)

func TestACartBecomesOneOrder(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	id, publicID := w.putCart(line("TEE-M", 2))

	got := w.post("key-1", byCart(publicID, map[string]any{
		"expected_version": 3, "expected_total": map[string]any{"amount": 2000, "currency": "EUR"},
		"return_url": "https://SHOP.example:443/thanks?a=b"}))

	require.Equal(t, 201, got.status, got.raw)
	assert.Equal(t, "completed", got.body["status"])
	assert.Equal(t, "/store/v1/checkouts/"+got.body["id"].(string), got.header.Get("Location"))
	assert.Empty(t, got.header.Get("Idempotency-Replayed"))
	assert.NotEmpty(t, got.orderID())
	assert.Equal(t, []string{"freeze", "reserve", "authorize", "place"}, w.calls.writes())
	assert.EqualValues(t, 3, w.available("TEE-M"))
	assert.Equal(t, cart.StatusCheckingOut, w.cartStatus(id), "only the order closes the cart")
	placed := w.orders.requests[0]
	assert.Equal(t, id, placed.CartID)
	assert.Equal(t, got.body["id"], placed.Reference)
	assert.Equal(t, eur(2000), placed.Payment.Authorized)
	w.verify()
}

func TestLinesSentAtOnceBecomeOneOrder(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	w.quotesLines()

	got := w.post("key-1", atOnce("TEE-M", 2, byCard("tok_success")))

	require.Equal(t, 201, got.status, got.raw)
	assert.Equal(t, []string{"reserve", "authorize", "place"}, w.calls.writes(), "no cart is touched")
	assert.EqualValues(t, 3, w.available("TEE-M"))
	assert.Empty(t, w.orders.requests[0].CartID)
	assert.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts
		WHERE status = 'completed' AND payment_token IS NULL AND snapshot IS NULL AND total = 2000 AND currency = 'EUR'
		AND deadline BETWEEN now() + interval '19 minutes' AND now() + interval '20 minutes'`),
		"secrets are erased, the total is kept, and the deadline is the channel's")
	w.verify()
}

func TestMoneyIsCapturedAtOnceWhereMethodAndChannelWantIt(t *testing.T) {
	shared := newWorld(t)
	for _, c := range []struct {
		name, capture string
		payment       map[string]any
		want          bool
	}{
		{"card, automatic", "automatic", byCard("tok_success"), true},
		{"card, manual", "manual", byCard("tok_success"), false},
		{"bank transfer, automatic", "automatic", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 1)
			w.carts.Quotes(func(cart.QuoteRequest) (cart.Snapshot, error) {
				s := snapshot("", line("TEE-M", 1))
				s.Channel.PaymentCapture = c.capture
				return s, nil
			})

			got := w.post("key-1", atOnce("TEE-M", 1, c.payment))

			require.Equal(t, 201, got.status, got.raw)
			assert.Equal(t, c.want, w.orders.requests[0].Payment.CaptureNow)
		})
	}
}

func TestWhatIsAgreedToIsDurableBeforeAnybodyOutsideIsTold(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 2))
	var authorizing int
	w.calls.on(w.calls.before, "authorize", doing(func() {
		authorizing = w.count(`SELECT count(*) FROM checkout.attempts WHERE status = 'authorizing' AND snapshot IS NOT NULL`)
	}))

	got := w.post("key-1", byCart(publicID, byCard("tok_success")))

	require.Equal(t, 201, got.status, got.raw)
	assert.Equal(t, 1, authorizing)
}

func TestC04LinesOfOneSKUAreSummed(t *testing.T) {
	shared := newWorld(t)
	t.Run("by cart", func(t *testing.T) {
		w := shared.again(t)
		w.putStock("TEE-M", 3)
		w.putStock("CAP", 3)
		id, publicID := w.putCart(line("TEE-M", 2), line("CAP", 1), line("TEE-M", 2))

		got := w.post("key-1", byCart(publicID))

		assertShort(t, got)
		assert.EqualValues(t, 3, w.available("TEE-M"))
		assert.EqualValues(t, 3, w.available("CAP"), "all lines or none")
		assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
		assert.Empty(t, w.calls.writes(), "sold-out demand is refused by reading")
		assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts`), "nothing is written before")
	})
	t.Run("all at once", func(t *testing.T) {
		w := shared.again(t)
		w.putStock("TEE-M", 3)
		w.quotesLines()

		got := w.post("key-1", atOnce("", 0, map[string]any{"lines": []any{
			map[string]any{"sku": "TEE-M", "quantity": 2, "metadata": map[string]any{"print": "A"}},
			map[string]any{"sku": "CAP", "quantity": 1}, // of which there is none either
			map[string]any{"sku": "TEE-M", "quantity": 2, "metadata": map[string]any{"print": "B"}},
		}}))

		require.Equal(t, 409, got.status, got.raw)
		assert.Len(t, got.body["errors"], 3)
		assert.NotEmpty(t, got.body["checkout_id"])
		assert.Empty(t, w.calls.writes(), "sold-out demand is refused by reading")
		assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts`), "nothing is written before")
	})
}

func assertShort(t *testing.T, got answer) {
	t.Helper()
	require.Equal(t, 409, got.status, got.raw)
	assert.Equal(t, "insufficient_stock", got.body["code"])
	assert.NotEmpty(t, got.body["checkout_id"])
	short := func(pointer string) map[string]any {
		return map[string]any{"pointer": pointer, "code": "insufficient_stock", "available": 3.0}
	}
	assert.Equal(t, []any{short("/lines/0"), short("/lines/2")}, got.body["errors"])
}
