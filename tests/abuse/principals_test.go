package abuse

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// principal is somebody who sends requests.
type principal struct {
	name string
	// who is the shopper whose things are the principal's own: 0 or 1.
	who int
	// shows are the credentials, which for a shopper are made of what the shopper has.
	shows func(s shopper) []shop.Header
	// opens are the kinds of access that the credentials are a token for. A wrong token opens nothing, but is one.
	opens []contract.Access
	wrong bool
	// scopes are those of an API key; nil stands for no key.
	scopes []string
}

// principals are all who knock: nobody, two shoppers with the tokens of their carts, checkouts and orders, a front end
// with its publishable key, a key of each role, and three who should not be let in anywhere.
func (w *world) principals() []principal {
	all := []principal{
		{name: "nobody", shows: none},
		{name: "publishable key", shows: fixed(shop.Header{Name: "X-Publishable-Key", Value: w.publishable}, shop.Key(w.publishable))},
		{name: "revoked key", shows: fixed(shop.Key(w.revoked))},
		{name: "unknown key", shows: fixed(shop.Key("sk_" + strings.Repeat("A", 43)))},
		{name: "tokens of the wrong kind", shows: mixedUp, wrong: true, opens: []contract.Access{contract.AccessCart, contract.AccessCheckout, contract.AccessOrder}},
		{name: "owner", shows: fixed(shop.Key(w.Owner)), scopes: w.document.scopes()},
		{name: "staff", shows: fixed(shop.Key(w.Staff)), scopes: w.staffScopes()},
		{name: "read_only", shows: fixed(shop.Key(w.ReadOnly)), scopes: reading(w.staffScopes())},
	}
	for who := range w.shoppers {
		name := fmt.Sprintf(" token of shopper %d", who+1)
		all = append(all,
			principal{name: "cart" + name, who: who, shows: showCart, opens: []contract.Access{contract.AccessCart, contract.AccessCheckout}},
			principal{name: "checkout" + name, who: who, shows: showCheckout, opens: []contract.Access{contract.AccessCheckout}},
			principal{name: "order" + name, who: who, shows: showOrder, opens: []contract.Access{contract.AccessOrder}})
	}
	return all
}

// staffScopes are what staff can do: run the shop, but neither see or hand out keys nor change channels.
func (w *world) staffScopes() []string {
	return slices.DeleteFunc(w.document.scopes(), func(s string) bool {
		return s == "access:read" || s == "access:write" || s == "channels:write"
	})
}

func reading(scopes []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !strings.HasSuffix(s, ":read") })
}

func none(shopper) []shop.Header { return nil }

func fixed(headers ...shop.Header) func(shopper) []shop.Header {
	return func(shopper) []shop.Header { return headers }
}

// A token is also sent as if it were an API key, which it is not.
func showCart(s shopper) []shop.Header {
	return []shop.Header{shop.CartToken(s.cartToken), shop.Key(s.cartToken)}
}

func showCheckout(s shopper) []shop.Header {
	return []shop.Header{{Name: "Checkout-Token", Value: s.checkoutToken}, shop.Key(s.checkoutToken)}
}

func showOrder(s shopper) []shop.Header {
	return []shop.Header{shop.OrderToken(s.orderToken), shop.Key(s.orderToken)}
}

// mixedUp shows the shopper's own tokens, each where another belongs.
func mixedUp(s shopper) []shop.Header {
	return []shop.Header{shop.CartToken(s.orderToken), {Name: "Checkout-Token", Value: s.orderToken}, shop.OrderToken(s.cartToken)}
}

// answer is what the access of an operation and the credentials of a principal come to, for a thing that is the
// principal's own or is not.
func (p principal) answer(op operation, own bool) string {
	scope, needed := op.Access.Scope()
	switch {
	case needed && p.scopes == nil:
		return "401 unauthenticated"
	case needed && !slices.Contains(p.scopes, scope):
		return "403 forbidden"
	case needed || op.Access == contract.AccessPublic:
		return op.reach(own)
	case !slices.Contains(p.opens, op.Access):
		return "401 token_required"
	default:
		return op.reach(own && !p.wrong)
	}
}

// reach is the answer to somebody who may call the operation.
func (op operation) reach(own bool) string {
	switch {
	case own:
		return fmt.Sprint(op.success())
	case op.ID == "putStockItem": // it makes what is not there
		return fmt.Sprint(http.StatusCreated)
	default:
		return "404 not_found"
	}
}

func isRefusal(want string) bool { return want >= "4" }
