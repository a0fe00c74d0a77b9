package checkoutmod_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
)

func TestC05TheSameKeyGetsTheSameAnswer(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	w.putStock("CAP", 1)
	w.quotesLines()
	_, publicID := w.putCart(line("TEE-M", 1))
	_, declinedID := w.putCart(line("CAP", 1))
	for _, c := range []struct {
		name   string
		body   map[string]any
		status int
	}{
		{"by cart", byCart(publicID), 201},
		{"declined", byCart(declinedID, byCard("tok_declined_insufficient_funds")), 402},
		{"all at once", atOnce("CAP", 1), 201},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := w.post("key-"+c.name[:2], c.body)
			require.Equal(t, c.status, first.status, first.raw)
			placed := len(w.orders.placed)
			w.orders.end()
			w.calls.clear()

			again := w.post("key-"+c.name[:2], c.body)

			assert.Equal(t, first.status, again.status)
			assert.Equal(t, first.raw, again.raw, "to the byte, though the order has moved on and its stock is gone")
			assert.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
			assert.Equal(t, first.header.Get("Content-Type"), again.header.Get("Content-Type"))
			assert.Empty(t, first.header.Get("Idempotency-Replayed"))
			assert.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
			assert.Empty(t, w.calls.writes(), "nothing is done again")
			assert.Len(t, w.orders.placed, placed)
		})
	}
	assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts WHERE attempts::text LIKE '%token": "_%'`), "no token is stored")
	w.verify()
}

func TestADeclinedPaymentIsAFinalAnswerAndEverythingIsGivenBack(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	id, publicID := w.putCart(line("TEE-M", 1))

	got := w.post("key-1", byCart(publicID, byCard("tok_declined_insufficient_funds")))

	require.Equal(t, 402, got.status, got.raw)
	assert.Equal(t, "payment_declined", got.body["code"])
	assert.Equal(t, "insufficient_funds", got.body["decline_code"])
	assert.NotEmpty(t, got.body["checkout_id"])
	assert.Equal(t, []string{"freeze", "reserve", "authorize", "release", "thaw"}, w.calls.writes())
	assert.EqualValues(t, 1, w.available("TEE-M"))
	assert.Equal(t, cart.StatusOpen, w.cartStatus(id))

	another := w.post("key-2", byCart(publicID, byCard("tok_success")))
	assert.Equal(t, 201, another.status, "another payment may be tried: %s", another.raw)
	assert.Equal(t, got.raw, w.post("key-1", byCart(publicID, byCard("tok_declined_insufficient_funds"))).raw)
	w.verify()
}

func TestC07AKeyBelongsToOneRequest(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 9)
	w.quotesLines()
	_, publicID := w.putCart(line("TEE-M", 1))
	require.Equal(t, 201, w.post("key-1", byCart(publicID)).status)
	require.Equal(t, 201, w.post("key-1", atOnce("TEE-M", 1)).status)
	w.calls.clear()

	for _, body := range []map[string]any{
		byCart(publicID, map[string]any{"expected_total": map[string]any{"amount": 1000, "currency": "EUR"}}),
		byCart(publicID, map[string]any{"expected_total": map[string]any{"amount": 0, "currency": "EUR"}}),
		byCart(publicID, byCard("tok_success")),
		atOnce("TEE-M", 2),
	} {
		got := w.post("key-1", body)

		assert.Equal(t, 422, got.status, got.raw)
		assert.Equal(t, "idempotency_key_reused", got.body["code"])
	}
	assert.Empty(t, w.calls.writes())
	assert.Len(t, w.orders.placed, 2)
	elsewhere := w.send(t.Context(), http.MethodPost, "/store/v1/checkouts?currency=EUR",
		map[string]string{"Idempotency-Key": "key-1"}, atOnce("TEE-M", 1))
	assert.Equal(t, "idempotency_key_reused", elsewhere.body["code"], "the query is part of the request")
}

func TestC08AKeyIsNobodyElses(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 9)
	w.quotesLines()
	_, first := w.putCart(line("TEE-M", 1))
	_, second := w.putCart(line("TEE-M", 1))

	for _, body := range []map[string]any{
		byCart(first), byCart(second), atOnce("TEE-M", 1), atOnce("TEE-M", 1, map[string]any{"email": "bob@example.com"}),
	} {
		got := w.post("key-1", body)

		assert.Equal(t, 201, got.status, got.raw)
		assert.Empty(t, got.header.Get("Idempotency-Replayed"))
	}
	sameShopper := w.post("key-1", atOnce("TEE-M", 1, map[string]any{"email": "ADA@example.com"}))
	assert.Equal(t, "idempotency_key_reused", sameShopper.body["code"], "an address is the same in any case")
	assert.Len(t, w.orders.placed, 4)
	assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts WHERE scope LIKE '%ada%'`))
}

func TestC06ASecondRequestWithTheKeyWaitsForTheFirst(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	_, publicID := w.putCart(line("TEE-M", 1))
	var during answer
	w.calls.on(w.calls.before, "authorize", doing(func() { during = w.post("key-1", byCart(publicID)) }))

	first := w.post("key-1", byCart(publicID))

	require.Equal(t, 201, first.status, first.raw)
	assert.Equal(t, 409, during.status, during.raw)
	assert.Equal(t, "idempotency_in_progress", during.body["code"])
	assert.Equal(t, "1", during.header.Get("Retry-After"))
	assert.Equal(t, first.raw, w.post("key-1", byCart(publicID)).raw)
	assert.Len(t, w.orders.placed, 1)
}

func TestC10ARefusedRequestLeavesItsKeyFree(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	_, publicID := w.putCart(line("TEE-M", 1))

	for _, refused := range []map[string]any{
		byCart(publicID, map[string]any{"email": "ada@example.com"}),
		byCart(publicID, byCard("")),
		byCart(publicID, map[string]any{"payment": map[string]any{"method": "barter"}}),
		byCart(publicID, map[string]any{"return_url": "https://evil.example/"}),
		byCart(publicID, map[string]any{"expected_total": map[string]any{"amount": 1000, "currency": "CHF"}}),
	} {
		got := w.post("key-1", refused)
		require.Equal(t, 422, got.status, got.raw)
	}
	got := w.post("key-1", byCart(publicID))

	assert.Equal(t, 201, got.status, got.raw)
	assert.Len(t, w.orders.placed, 1)
	w.verify()
}

func TestASecondKeyForACompletedCartGetsItsOrder(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	id, publicID := w.putCart(line("TEE-M", 1))
	first := w.post("key-1", byCart(publicID))
	require.Equal(t, 201, first.status, first.raw)

	for _, closed := range []bool{false, true} {
		if closed {
			_, err := w.carts.Close(t.Context(), cart.CloseRequest{
				Carts: []cart.ClosedCart{{Reference: first.body["id"].(string), CartID: id, OrderID: ids.New()}}})
			require.NoError(t, err)
		}
		again := w.post("key-2", byCart(publicID, map[string]any{"expected_version": 9}))
		assert.Equal(t, 200, again.status, again.raw)
		assert.Equal(t, first.raw, again.raw)
		assert.Empty(t, again.header.Get("Idempotency-Replayed"))
	}
	assert.Len(t, w.orders.placed, 1)
}

func TestKeysAndAnswersAreForgottenAfterTheirTime(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 2)
	_, publicID := w.putCart(line("TEE-M", 1))
	_, declinedID := w.putCart(line("TEE-M", 1))
	order := w.post("key-1", byCart(publicID))
	require.Equal(t, 402, w.post("key-1", byCart(declinedID, byCard("tok_declined"))).status)
	require.Equal(t, 2, w.count(`SELECT count(*) FROM checkout.attempts
		WHERE expires_at BETWEEN now() + interval '71 hours' AND now() + interval '72 hours'`))
	w.exec(`UPDATE checkout.attempts SET expires_at = now() - interval '1 second'`)

	stop := periodictest.Run(t, w.module.Run)

	require.Eventually(t, func() bool {
		return w.count(`SELECT count(*) FROM checkout.attempts WHERE idempotency_key IS NOT NULL OR first_standing IS NOT NULL`) == 0
	}, 5*time.Second, 10*time.Millisecond)
	stop()
	assert.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts`), "the canceled one is gone")
	w.orders.pay()
	again := w.post("key-2", byCart(publicID))
	assert.Equal(t, 200, again.status, again.raw)
	assert.Equal(t, order.orderID(), again.orderID())
	w.verify()
}
