package checkoutmod_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
)

func TestEveryRefusalIsUndoneInReverseAndLeavesNothing(t *testing.T) {
	shared := newWorld(t)
	for _, c := range []struct {
		name   string
		call   string
		err    error
		body   []map[string]any
		status int
		code   string
		calls  []string
	}{
		{name: "freeze: version", call: "freeze", err: cart.ErrVersionMismatch, status: 412, code: "version_mismatch",
			calls: []string{"freeze"}},
		{name: "freeze: address", call: "freeze", err: cart.ErrAddressIncomplete, status: 422, code: "address_incomplete",
			calls: []string{"freeze"}},
		{name: "another total", body: []map[string]any{{"expected_total": map[string]any{"amount": 999, "currency": "EUR"}}},
			status: 409, code: "price_changed", calls: []string{"freeze", "thaw"}},
		{name: "another currency", body: []map[string]any{{"expected_total": map[string]any{"amount": 1000, "currency": "USD"}}},
			status: 422, code: "currency_mismatch", calls: []string{"freeze", "thaw"}},
		{name: "return URL of another origin", body: []map[string]any{{"return_url": "https://shop.example.evil/"}},
			status: 422, code: "validation_failed", calls: []string{"freeze", "thaw"}},
		{name: "stock that went after it was looked at", call: "reserve", err: inventory.ErrInsufficientStock, status: 409, code: "insufficient_stock",
			calls: []string{"freeze", "reserve", "thaw"}},
		{name: "method", call: "authorize", err: payments.ErrMethodUnavailable, status: 422, code: "payment_method_unavailable",
			calls: []string{"freeze", "reserve", "authorize", "release", "thaw"}},
		{name: "payments are down", call: "authorize", err: payments.ErrPaymentsUnavailable, status: 503, code: "payments_unavailable",
			calls: []string{"freeze", "reserve", "authorize", "release", "thaw"}},
		{name: "declined", body: []map[string]any{byCard("tok_declined")}, status: 402, code: "payment_declined",
			calls: []string{"freeze", "reserve", "authorize", "release", "thaw"}},
		{name: "order", call: "place", err: orders.ErrInvalidSnapshot, status: 422, code: "validation_failed",
			calls: []string{"freeze", "reserve", "authorize", "place", "void", "release", "thaw"}},
		{name: "order of the same cart", call: "place", err: orders.ErrCartTaken, status: 409, code: "cart_not_open",
			calls: []string{"freeze", "reserve", "authorize", "place", "void", "release", "thaw"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 1)
			id, publicID := w.putCart(line("TEE-M", 1))
			if c.call != "" {
				w.calls.on(w.calls.before, c.call, fails(c.err))
			}

			got := w.post("key-1", byCart(publicID, c.body...))

			require.Equal(t, c.status, got.status, got.raw)
			assert.Equal(t, c.code, got.body["code"])
			assert.Equal(t, c.calls, w.calls.writes())
			assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
			assert.Empty(t, w.orders.placed)
			assert.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts
				WHERE status = 'canceled' AND payment_token IS NULL AND snapshot IS NULL`))
			w.verify()

			w.calls.calm()
			retry := byCart(publicID)
			if c.status == 402 {
				return
			}
			assert.Equal(t, 201, w.post("key-1", retry).status, "all is given back and the key is free")
			assert.EqualValues(t, 0, w.available("TEE-M"))
		})
	}
}

func TestAChangedPriceComesWithTheNewTotals(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 9)
	w.quotesLines()
	_, publicID := w.putCart(line("TEE-M", 2))
	shown := map[string]any{"expected_total": map[string]any{"amount": 1999, "currency": "EUR"}}

	for _, body := range []map[string]any{byCart(publicID, shown), atOnce("TEE-M", 2, shown)} {
		got := w.post("key-1", body)

		require.Equal(t, 409, got.status, got.raw)
		assert.Equal(t, "price_changed", got.body["code"])
		assert.NotEmpty(t, got.body["checkout_id"])
		assert.Equal(t, map[string]any{"amount": 2000.0, "currency": "EUR"}, got.body["totals"].(map[string]any)["total"])
	}
	assert.EqualValues(t, 9, w.available("TEE-M"))
}

func TestARefusalInTheMiddleOfItsUndoingIsAnsweredWhenItIsUndone(t *testing.T) {
	shared := newWorld(t)
	for _, broken := range []string{"release", "thaw"} {
		for name, interference := range map[string]func(context.Context) error{"crash": crashes, "outage": outage} {
			t.Run(name+" at "+broken, func(t *testing.T) {
				w := shared.again(t)
				w.putStock("TEE-M", 1)
				id, publicID := w.putCart(line("TEE-M", 1))
				declined := byCart(publicID, byCard("tok_declined_lost_card"))
				w.calls.on(w.calls.before, broken, interference)
				if name == "crash" {
					w.crash("key-1", declined)
				} else {
					require.Equal(t, 503, w.post("key-1", declined).status)
					w.calls.calm()
				}
				require.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts WHERE status = 'canceling'`))

				got := w.post("key-1", declined)

				assert.Equal(t, 402, got.status, got.raw)
				assert.Equal(t, "lost_card", got.body["decline_code"])
				assert.EqualValues(t, 1, w.available("TEE-M"))
				assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
				assert.Equal(t, got.raw, w.post("key-1", declined).raw)
				w.verify()
			})
		}
	}
}

func TestAnInterruptedUndoDoesNotKeepTheCartFromAnotherKey(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.before, "thaw", crashes)
	w.crash("key-1", byCart(publicID, byCard("tok_declined")))

	got := w.post("key-2", byCart(publicID))

	assert.Equal(t, 201, got.status, got.raw)
	w.verify()
}

func TestRequestsThatCannotBeMeantAreRefused(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 9)
	w.quotesLines()
	_, publicID := w.putCart(line("TEE-M", 1))
	field := func(name string, value any) map[string]any { return map[string]any{name: value} }
	for _, c := range []struct {
		name    string
		body    map[string]any
		status  int
		code    string
		pointer string
	}{
		{"neither cart nor lines", map[string]any{"payment": map[string]any{"method": "manual"}}, 422, "validation_failed", "/cart_id"},
		{"cart and lines", atOnce("TEE-M", 1, field("cart_id", publicID)), 422, "validation_failed", "/cart_id"},
		{"an address beside a cart", byCart(publicID, field("shipping_address", map[string]any{"country": "DE"})), 422, "validation_failed", "/shipping_address"},
		{"a note beside a cart", byCart(publicID, field("note", "hi")), 422, "validation_failed", "/note"},
		{"a version without a cart", atOnce("TEE-M", 1, field("expected_version", 1)), 422, "validation_failed", "/expected_version"},
		{"no e-mail", atOnce("TEE-M", 1, field("email", nil)), 400, "invalid_type", "/email"},
		{"a promotion code", atOnce("TEE-M", 1, field("promotion_codes", []any{"SALE"})), 422, "promotion_code_invalid", "/promotion_codes/0"},
		{"a line of nothing", atOnce("", 0, field("lines", []any{field("quantity", 1)})), 422, "validation_failed", "/lines/0"},
		{"an id of no variant", atOnce("", 0, field("lines", []any{map[string]any{"variant_id": "prod_1", "quantity": 1}})), 422, "unknown_variant", "/lines/0/variant_id"},
		{"an id of no option", atOnce("TEE-M", 1, field("shipping_option_id", "x")), 422, "shipping_option_unavailable", "/shipping_option_id"},
		{"a method nobody offers", atOnce("TEE-M", 1, field("payment", field("method", "barter"))), 422, "payment_method_unavailable", "/payment/method"},
		{"a card without a token", atOnce("TEE-M", 1, field("payment", field("method", "fake"))), 422, "validation_failed", "/payment/token"},
		{"a return URL elsewhere", atOnce("TEE-M", 1, field("return_url", "https://evil.example/")), 422, "validation_failed", "/return_url"},
		{"a return URL with a user", atOnce("TEE-M", 1, field("return_url", "https://shop.example@evil.example/")), 422, "validation_failed", "/return_url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.post("key-1", c.body)

			require.Equal(t, c.status, got.status, got.raw)
			assert.Equal(t, c.code, got.body["code"])
			assert.Equal(t, c.pointer, got.body["errors"].([]any)[0].(map[string]any)["pointer"])
		})
	}
	assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts`))
	assert.Empty(t, w.calls.writes())
}

func TestQueryAndBodyMustAgree(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 9)
	w.quotesLines()
	for query, status := range map[string]int{"?currency=USD": 400, "?locale=de": 400, "?currency=EUR&locale=en": 201} {
		got := w.send(t.Context(), http.MethodPost, "/store/v1/checkouts"+query,
			map[string]string{"Idempotency-Key": query}, atOnce("TEE-M", 1, map[string]any{"currency": "EUR", "locale": "en"}))

		assert.Equal(t, status, got.status, got.raw)
	}
}

func TestACartIsCheckedOutByItsHolderOnly(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 9)
	_, publicID := w.putCart(line("TEE-M", 1))
	path := "/store/v1/checkouts"

	missing := w.send(t.Context(), http.MethodPost, path, map[string]string{"Idempotency-Key": "k"}, byCart(publicID))
	wrong := w.send(t.Context(), http.MethodPost, path, map[string]string{"Idempotency-Key": "k", "Cart-Token": "x"}, byCart(publicID))
	absent := w.post("k", byCart("cart_00000000000000000000000000"))
	malformed := w.post("k", byCart("cart_1"))

	assert.Equal(t, 401, missing.status)
	assert.Equal(t, "token_required", missing.body["code"])
	for _, got := range []answer{wrong, absent, malformed} {
		assert.Equal(t, 404, got.status)
		assert.Equal(t, wrong.body["detail"], got.body["detail"])
	}
	assert.Empty(t, w.calls.writes())
}

// This process remembers a cart that another process has changed since.
func TestACartIsNotRefusedForWhatItWas(t *testing.T) {
	for name, was := range map[string]cart.SnapshotLine{"too much": line("TEE-M", 2), "an older version": line("TEE-M", 1)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.putStock("TEE-M", 1)
			id, publicID := w.putCart(was)
			w.carts.Remember(id)
			now := snapshot(id, line("TEE-M", 1))
			now.CartVersion++
			w.carts.Put(now, cartToken)

			got := w.post("key-1", byCart(publicID, map[string]any{"expected_version": now.CartVersion}))

			assert.Equal(t, 201, got.status, got.raw)
		})
	}
}

func TestACartIsRefusedForWhatItIs(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	id, publicID := w.putCart(line("TEE-M", 1))
	w.carts.Remember(id)
	w.carts.Put(snapshot(id, line("TEE-M", 2)), cartToken)

	got := w.post("key-1", byCart(publicID))

	assert.Equal(t, 409, got.status, got.raw)
	assert.Equal(t, int64(1), w.available("TEE-M"))
}
