package shop

import (
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// Goods is a product with one variant on sale.
type Goods struct {
	ProductID, VariantID, Handle, SKU string
}

// Sell puts a product with one variant, a price in minor units of EUR and counted stock on the shelves, through the
// admin API, and waits until shoppers see it.
func (s *Shop) Sell(sku string, price, onHand int64) Goods {
	s.t.Helper()
	goods := s.Offer(sku, price)
	s.Restock(sku, onHand)
	s.Settle()
	return goods
}

// Offer creates a product with one variant and a price, without stock.
func (s *Shop) Offer(sku string, price int64) Goods {
	s.t.Helper()
	created := s.Must(http.StatusCreated, http.MethodPost, "/admin/v1/products", Object{
		"title": "Product " + sku, "status": "active", "variants": []Object{{"sku": sku}}}, Key(s.Owner))
	goods := Goods{ProductID: created.Body.Text("id"), Handle: created.Body.Text("handle"), SKU: sku}
	variants := s.Must(http.StatusOK, http.MethodGet, "/admin/v1/products/"+goods.ProductID+"/variants", nil, Key(s.Owner))
	goods.VariantID = variants.Body.Text("data.0.id")
	require.NotEmpty(s.t, goods.VariantID)
	s.Price(goods.VariantID, price)
	return goods
}

// Price sets what a variant costs everywhere, in minor units of EUR.
func (s *Shop) Price(variantID string, price int64) {
	s.t.Helper()
	s.Must(http.StatusCreated, http.MethodPost, "/admin/v1/prices", Object{"variant_id": variantID, "amount": EUR(price)}, Key(s.Owner))
}

// Restock receives units at the first location.
func (s *Shop) Restock(sku string, units int64) {
	s.t.Helper()
	s.Must(http.StatusCreated, http.MethodPost, "/admin/v1/stock-levels/adjustments", Object{
		"sku": sku, "location_id": s.Location(), "delta": units, "reason": "receive"}, Key(s.Owner))
}

// Location is the public id of the location that an empty shop starts with.
func (s *Shop) Location() string {
	s.t.Helper()
	return s.Must(http.StatusOK, http.MethodGet, "/admin/v1/stock-locations", nil, Key(s.Owner)).Body.Text("data.0.id")
}

// Level is the stock of a SKU at the first location.
func (s *Shop) Level(sku string) Object {
	s.t.Helper()
	levels := s.Must(http.StatusOK, http.MethodGet, "/admin/v1/stock-levels?sku="+sku, nil, Key(s.Owner))
	level, _ := levels.Body.Get("data.0").(map[string]any)
	return level
}

// EUR is an amount in minor units.
func EUR(minor int64) Object { return Object{"amount": minor, "currency": "EUR"} }

// Berlin is a complete address.
func Berlin() Object {
	return Object{"first_name": "Ada", "last_name": "Lovelace", "line1": "Canal Street 1", "city": "Berlin",
		"postal_code": "10115", "country": "DE"}
}

// Pays is a payment that succeeds; Declines is one that does not.
func Pays() Object { return Object{"method": "fake", "token": "tok_success"} }

// Declines is a payment that the provider declines.
func Declines() Object { return Object{"method": "fake", "token": "tok_declined_insufficient_funds"} }

// Line is a quantity of a SKU.
func Line(sku string, quantity int64) Object { return Object{"sku": sku, "quantity": quantity} }

// AtOnce is the body of a checkout without a cart.
func AtOnce(lines ...Object) Object {
	return Object{"lines": lines, "email": "ada@example.com", "shipping_address": Berlin(), "payment": Pays()}
}

// Cart is an open cart ready for checkout.
type Cart struct {
	ID, Token string
}

// Fill makes a cart with lines, an address and the cheapest shipping option.
func (s *Shop) Fill(lines ...Object) Cart {
	s.t.Helper()
	created := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/carts", Object{"lines": lines})
	cart := Cart{ID: created.Body.Text("id"), Token: created.Body.Text("token")}
	path := "/store/v1/carts/" + cart.ID
	s.Must(http.StatusOK, http.MethodPatch, path, Object{"email": "ada@example.com", "shipping_address": Berlin()}, CartToken(cart.Token))
	options := s.Must(http.StatusOK, http.MethodGet, path+"/shipping-options", nil, CartToken(cart.Token))
	s.Must(http.StatusOK, http.MethodPatch, path, Object{"shipping_option_id": options.Body.Text("data.0.id")}, CartToken(cart.Token))
	return cart
}

// NewKey is an idempotency key that no other test uses.
func NewKey() string { return "key-" + ids.New() }

// Buy checks a cart out with a new idempotency key.
func (s *Shop) Buy(cart Cart) Answer {
	s.t.Helper()
	return s.Send(http.MethodPost, "/store/v1/checkouts", Object{"cart_id": cart.ID, "payment": Pays()}, CartToken(cart.Token), Once(NewKey()))
}
