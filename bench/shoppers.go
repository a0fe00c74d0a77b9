package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	address  = `{"first_name":"Ada","last_name":"Lovelace","line1":"Canal Street 1","city":"Berlin","postal_code":"10115","country":"DE"}`
	payment  = `"payment":{"method":"manual"}`
	patience = 5 * time.Minute
)

// customer is a shopper's connection, request buffer and name. Idempotency keys are its own: no other has its e-mail
// address.
type customer struct {
	wire  *wire
	text  []byte
	body  []byte
	email string
	key   uint64
}

// party opens one customer per client, spread over the servers in turn, and makes each a shopper.
func party(addresses []string, names *atomic.Uint64, habit func(*customer) shopper) (shoppers []shopper, leave func(), err error) {
	var wires []*wire
	leave = func() {
		for _, w := range wires {
			w.close()
		}
	}
	for i := range clients {
		w, err := dial(addresses[i%len(addresses)], patience)
		if err != nil {
			leave()
			return nil, nil, err
		}
		wires = append(wires, w)
		name := fmt.Sprintf("ada.%d@example.com", names.Add(1))
		shoppers = append(shoppers, habit(&customer{wire: w, email: name}))
	}
	return shoppers, leave, nil
}

// ask sends one request whose body is c.body. A status that is not among the expected is an error.
func (c *customer) ask(method, path, header string, expected ...int) (status int, answer []byte, err error) {
	c.text = append(append(append(append(c.text[:0], method...), ' '), path...), " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"...)
	c.text = append(append(c.text, header...), "Content-Length: "...)
	c.text = append(strconv.AppendInt(c.text, int64(len(c.body)), 10), "\r\n\r\n"...)
	c.text = append(c.text, c.body...)
	status, answer, err = c.wire.send(c.text)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	for _, e := range expected {
		if status == e {
			return status, answer, nil
		}
	}
	return status, nil, fmt.Errorf("%s %s answers %d: %s", method, path, status, answer)
}

// nextKey is a header with an idempotency key that this customer has not used.
func (c *customer) nextKey() string {
	c.key++
	return "Idempotency-Key: bench-" + strconv.FormatUint(c.key, 10) + "\r\n"
}

// say is the body of the next request, in parts.
func (c *customer) say(parts ...string) {
	c.body = c.body[:0]
	for _, part := range parts {
		c.body = append(c.body, part...)
	}
}

// buyAtOnce orders lines, a JSON list, in one request.
func (c *customer) buyAtOnce(lines string, expected ...int) (int, error) {
	c.say(`{"lines":`, lines, `,"email":"`, c.email, `","shipping_address":`, address, `,`, payment, `}`)
	status, _, err := c.ask(http.MethodPost, "/store/v1/checkouts", c.nextKey(), expected...)
	return status, err
}

// atOnce buys two of the SKUs with one request.
func atOnce(skus []string) func(*customer) shopper {
	return func(c *customer) shopper {
		return func() (int, error) { return c.buyAtOnce(twoOf(skus), http.StatusCreated) }
	}
}

// oneOf buys one unit of one SKU with one request, or learns that it is sold out.
func oneOf(sku string) func(*customer) shopper {
	lines := `[{"sku":"` + sku + `","quantity":1}]`
	return func(c *customer) shopper {
		return func() (int, error) { return c.buyAtOnce(lines, http.StatusCreated, http.StatusConflict) }
	}
}

// inSixCalls buys two of the SKUs the way a storefront with a cart does.
func inSixCalls(skus []string) func(*customer) shopper {
	return func(c *customer) shopper {
		return func() (int, error) {
			cart, token, err := c.openCart()
			if err != nil {
				return 0, err
			}
			if err := c.fillCart(cart, token, skus); err != nil {
				return 0, err
			}
			c.say(`{"cart_id":"`, cart, `",`, payment, `}`)
			status, _, err := c.ask(http.MethodPost, "/store/v1/checkouts", token+c.nextKey(), http.StatusCreated)
			return status, err
		}
	}
}

// openCart answers the id of a new cart and the header that opens it.
func (c *customer) openCart() (id, token string, err error) {
	c.say(`{}`)
	_, answer, err := c.ask(http.MethodPost, "/store/v1/carts", "", http.StatusCreated)
	if err != nil {
		return "", "", err
	}
	return field(answer, "id"), "Cart-Token: " + field(answer, "token") + "\r\n", nil
}

func (c *customer) fillCart(cart, token string, skus []string) error {
	path := "/store/v1/carts/" + cart
	c.say(`{"lines":`, twoOf(skus), `}`)
	if _, _, err := c.ask(http.MethodPost, path+"/lines", token, http.StatusOK); err != nil {
		return err
	}
	c.say(`{"email":"`, c.email, `","shipping_address":`, address, `}`)
	if _, _, err := c.ask(http.MethodPatch, path, token, http.StatusOK); err != nil {
		return err
	}
	c.say()
	_, options, err := c.ask(http.MethodGet, path+"/shipping-options", token, http.StatusOK)
	if err != nil {
		return err
	}
	c.say(`{"shipping_option_id":"`, field(options, "id"), `"}`)
	_, _, err = c.ask(http.MethodPatch, path, token, http.StatusOK)
	return err
}

// twoOf is a list of lines with two different SKUs.
func twoOf(skus []string) string {
	first := rand.IntN(len(skus))
	second := (first + 1 + rand.IntN(len(skus)-1)) % len(skus)
	return `[{"sku":"` + skus[first] + `","quantity":1},{"sku":"` + skus[second] + `","quantity":1}]`
}
