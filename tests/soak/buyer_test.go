//go:build faults

package soak

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	checkouts = "/store/v1/checkouts"
	carts     = "/store/v1/carts"
	// patience is how long a shopper asks again and again.
	patience = 20 * time.Second
	// oneIn is how rarely a shopper's card is declined, or wants the shopper to act.
	oneIn = 20
)

// errLeft says that a shopper does not wait for a final answer.
var errLeft = errors.New("the shopper left")

// wish is an order that a shopper asks for with one key, however often.
type wish struct {
	key     string
	body    shop.Object
	headers []shop.Header
}

// buyer buys as fast as the shop serves.
type buyer struct {
	*shop.House
	book   *book
	random *rand.Rand
}

func (b buyer) buyUntil(closed <-chan struct{}) {
	for {
		select {
		case <-closed:
			return
		default:
		}
		w, ok := b.choose()
		if !ok {
			continue
		}
		answer, err := b.checkOut(w)
		b.book.write(w, answer, err)
	}
}

// choose makes a wish: one in three is a cart.
func (b buyer) choose() (wish, bool) {
	w := wish{key: shop.NewKey()}
	lines := []shop.Object{}
	for _, i := range b.random.Perm(goods)[:1+b.random.IntN(3)] {
		lines = append(lines, shop.Line(sku(i), 1+b.random.Int64N(2)))
	}
	if b.random.IntN(3) > 0 {
		w.body = shop.AtOnce(lines...)
		w.body["payment"] = b.pays()
		return w, true
	}
	cart, ok := b.fill(lines)
	w.body, w.headers = shop.Object{"cart_id": cart.ID, "payment": b.pays()}, []shop.Header{shop.CartToken(cart.Token)}
	return w, ok
}

func (b buyer) pays() shop.Object {
	token := "tok_success"
	switch b.random.IntN(oneIn) {
	case 0:
		token = "tok_declined_insufficient_funds"
	case 1:
		token = "tok_action"
	}
	return shop.Object{"method": "fake", "token": token}
}

// fill makes a cart, unless the shop is away for longer than this shopper cares.
func (b buyer) fill(lines []shop.Object) (shop.Cart, bool) {
	created, ok := b.until(http.StatusCreated, http.MethodPost, carts, shop.Object{"lines": lines}, shop.Once(shop.NewKey()))
	if !ok {
		return shop.Cart{}, false
	}
	cart := shop.Cart{ID: created.Body.Text("id"), Token: created.Body.Text("token")}
	path, token := carts+"/"+cart.ID, shop.CartToken(cart.Token)
	if _, ok = b.until(http.StatusOK, http.MethodPatch, path, shop.Object{"email": "ada@example.com", "shipping_address": shop.Berlin()}, token); !ok {
		return cart, false
	}
	options, ok := b.until(http.StatusOK, http.MethodGet, path+"/shipping-options", nil, token)
	if !ok {
		return cart, false
	}
	_, ok = b.until(http.StatusOK, http.MethodPatch, path, shop.Object{"shipping_option_id": options.Body.Text("data.0.id")}, token)
	return cart, ok
}

// until asks one server after the other for the status.
func (b buyer) until(status int, method, path string, body any, headers ...shop.Header) (shop.Answer, bool) {
	const tries, pause = 20, 100 * time.Millisecond
	for range tries {
		answer, err := b.At(b.random.IntN(len(b.Replicas))).Try(method, path, body, headers...)
		if err == nil && answer.Status == status {
			return answer, true
		}
		<-time.After(pause)
	}
	return shop.Answer{}, false
}

// checkOut asks until the answer is final. Who has to act at the provider does so, or leaves for good.
func (b buyer) checkOut(w wish) (shop.Answer, error) {
	if token(w) == "tok_action" {
		pending, ok := b.until(http.StatusAccepted, http.MethodPost, checkouts, w.body, append(w.headers, shop.Once(w.key))...)
		b.book.hear(pending)
		verbs := []string{"approve", "approve", "approve", "decline", ""}
		verb := verbs[b.random.IntN(len(verbs))]
		if !ok || verb == "" {
			return pending, errLeft
		}
		if err := act(pending.Body.Text("action.url") + "/" + verb); err != nil {
			return pending, err
		}
	}
	return b.Decide(w.body, w.key, patience, w.headers...)
}

func token(w wish) string {
	payment, _ := w.body["payment"].(shop.Object)
	return payment.Text("token")
}

// act posts a form on the provider's page as the shopper's browser does.
func act(url string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Post(url, "application/x-www-form-urlencoded", http.NoBody)
	if err != nil {
		return err
	}
	return res.Body.Close()
}
