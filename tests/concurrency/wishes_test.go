package concurrency

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// wish is a checkout that somebody asks for with one key, however often.
type wish struct {
	key     string
	body    shop.Object
	headers []shop.Header
}

// outright wishes for lines without a cart.
func outright(lines ...shop.Object) wish {
	return wish{key: shop.NewKey(), body: shop.AtOnce(lines...)}
}

// byCart wishes for what is in a cart.
func byCart(cart shop.Cart, key string) wish {
	return wish{key: key, body: shop.Object{"cart_id": cart.ID, "payment": shop.Pays()}, headers: []shop.Header{shop.CartToken(cart.Token)}}
}

// paying is the same wish with the same key, paid for in another way.
func (w wish) paying(payment shop.Object) wish {
	return w.with("payment", payment)
}

// with is the same wish with the same key and another member.
func (w wish) with(name string, value any) wish {
	body := shop.Object{name: value}
	for known, v := range w.body {
		if known != name {
			body[known] = v
		}
	}
	w.body = body
	return w
}

// ask asks once.
func (w wish) ask(at *shop.Shop) (shop.Answer, error) {
	return at.Try(http.MethodPost, checkouts, w.body, append(w.headers[:len(w.headers):len(w.headers)], shop.Once(w.key))...)
}

// insist comes back with the same key while the server is too busy, or does not know yet. It must say when to come back.
// Not everybody comes back at the same moment, and whoever was turned away more often stays away for longer.
func (w wish) insist(at *shop.Shop) (shop.Answer, error) {
	for deadline, tries := time.Now().Add(patience), 1; ; tries++ {
		answer, err := w.ask(at)
		if err != nil || !unfinished(answer, tries) || time.Now().After(deadline) {
			return answer, err
		}
		if answer.Header.Get("Retry-After") == "" {
			return answer, fmt.Errorf("no Retry-After with %d %s", answer.Status, answer.Raw)
		}
		time.Sleep(pause + rand.N(time.Duration(tries)*pause))
	}
}

// unfinished says that the same key will be answered otherwise. Who had to come back may meet what recovery makes of it.
func unfinished(a shop.Answer, tries int) bool {
	return a.Status == http.StatusServiceUnavailable || a.Status == http.StatusAccepted ||
		tries > 1 && a.Code() == "idempotency_in_progress"
}

// must asks a server once and wants a status.
func (h house) must(i, status int, w wish) shop.Answer {
	h.t.Helper()
	answer, err := w.ask(h.server(i))
	require.NoError(h.t, err)
	require.Equal(h.t, status, answer.Status, "%s", answer.Raw)
	return answer
}

// asks asks a server and goes on; the channel gets the answer.
func (h house) asks(i int, w wish) <-chan shop.Answer {
	answers := make(chan shop.Answer, 1)
	go func() {
		answer, _ := w.ask(h.server(i))
		answers <- answer
	}()
	return answers
}

// reference is what other modules know the checkout by that a key made; empty when there is none.
func (h house) reference(key string) string {
	h.t.Helper()
	return h.text(`SELECT coalesce((SELECT reference FROM checkout.attempts WHERE idempotency_key = $1), '')`, key)
}

// one is a cart's only line: a unit of a SKU.
func one(sku string) func(int) []shop.Object {
	return func(int) []shop.Object { return []shop.Object{shop.Line(sku, 1)} }
}

// fill makes n carts ready for checkout; lines answers what goes into the i-th.
func (h house) fill(n int, lines func(i int) []shop.Object) []shop.Cart {
	h.t.Helper()
	option := h.optionID()
	carts, errs := make([]shop.Cart, n), make([]error, n)
	var done sync.WaitGroup
	for worker := range fillers {
		done.Go(func() {
			for i := worker; i < n; i += fillers {
				carts[i], errs[i] = fillOne(h.server(i), option, lines(i))
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		require.NoError(h.t, err)
	}
	return carts
}

func fillOne(s *shop.Shop, option string, lines []shop.Object) (shop.Cart, error) {
	created, err := s.Try(http.MethodPost, "/store/v1/carts", shop.Object{"lines": lines})
	if err != nil || created.Status != http.StatusCreated {
		return shop.Cart{}, fmt.Errorf("open cart: %s %w", created.Raw, err)
	}
	cart := shop.Cart{ID: created.Body.Text("id"), Token: created.Body.Text("token")}
	addressed, err := s.Try(http.MethodPatch, "/store/v1/carts/"+cart.ID, shop.Object{"email": "ada@example.com",
		"shipping_address": shop.Berlin(), "shipping_option_id": option}, shop.CartToken(cart.Token))
	if err != nil || addressed.Status != http.StatusOK {
		return shop.Cart{}, fmt.Errorf("address cart: %s %w", addressed.Raw, err)
	}
	return cart, nil
}

// crowdOf are n wishes for lines: carts in the first round, which cost time to fill, and lines sent at once in the others.
func (h house) crowdOf(n, round int, lines func(i int) []shop.Object) []wish {
	h.t.Helper()
	wishes := make([]wish, n)
	if round > 0 {
		for i := range wishes {
			wishes[i] = outright(lines(i)...)
		}
		return wishes
	}
	for i, cart := range h.fill(n, lines) {
		wishes[i] = byCart(cart, shop.NewKey())
	}
	return wishes
}
