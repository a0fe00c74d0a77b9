// Package journey walks through the shop as its people do: a shopper who browses and buys, and staff who fulfill,
// refund and cancel, against the real server.
package journey

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

func TestTheJourneyOfAnOrder(t *testing.T) {
	shop.EachTopology(t, shop.Setup{}, func(t *testing.T, h *shop.House) { theJourneyOfAnOrder(t, h.Shop) })
}

func TestTheJourneyWithTwoOfEach(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Replicas: 2, Doubles: 2, Apart: [][]string{{"inventory"}, {"payments"}}})
	balanced := *h.Shop
	balanced.URL = h.Front
	theJourneyOfAnOrder(t, &balanced)
}

func theJourneyOfAnOrder(t *testing.T, s *shop.Shop) {
	teapot := s.Sell("TEAPOT", 2450, 10)
	s.Sell("CUP", 690, 20)
	admin := shop.Key(s.Owner)

	browse(t, s, teapot)
	cart := fill(t, s, teapot)

	bought := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.Object{
		"cart_id": cart.ID, "payment": shop.Pays(), "expected_total": shop.EUR(2*2450 + 3*690)}, shop.CartToken(cart.Token), shop.Once(shop.NewKey()))
	require.Equal(t, "completed", bought.Body.Text("status"))
	order := bought.Body.Text("order.id")

	seen := s.Must(http.StatusOK, http.MethodGet, "/store/v1/orders/"+order, nil, shop.OrderToken(bought.Body.Text("order.token")))
	require.Equal(t, bought.Body.Text("order.number"), seen.Body.Text("number"))
	require.EqualValues(t, 6970, seen.Body.Number(t, "totals.total.amount"))

	atOnce := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("TEAPOT", 1), shop.Line("CUP", 1)), shop.Once(shop.NewKey()))
	s.Settle()
	require.EqualValues(t, 7, s.Level("TEAPOT").Number(t, "available"))
	require.EqualValues(t, 3, s.Level("TEAPOT").Number(t, "allocated"))
	require.EqualValues(t, 16, s.Level("CUP").Number(t, "available"))

	listed := s.Must(http.StatusOK, http.MethodGet, "/admin/v1/orders?total=true", nil, admin)
	require.EqualValues(t, 2, listed.Body.Number(t, "page.total"))

	fulfillAndRefund(t, s, order)
	cancel(t, s, atOnce.Body.Text("order.id"))
	require.EqualValues(t, 8, s.Level("TEAPOT").Number(t, "available"), "the canceled teapot is back")
	require.EqualValues(t, 17, s.Level("CUP").Number(t, "available"), "the canceled cup is back")
}

func browse(t *testing.T, s *shop.Shop, goods shop.Goods) {
	t.Helper()
	all := s.Must(http.StatusOK, http.MethodGet, "/store/v1/products?in_stock=true&sort=price", nil)
	require.Equal(t, "CUP", all.Body.Text("data.0.variants.0.sku"))
	require.Len(t, all.Body.List("data"), 2)
	cheap := s.Must(http.StatusOK, http.MethodGet, "/store/v1/products?price_max=1000", nil)
	require.Len(t, cheap.Body.List("data"), 1)

	found := s.Must(http.StatusOK, http.MethodGet, "/store/v1/products?q=teapot", nil)
	require.Equal(t, goods.ProductID, found.Body.Text("data.0.id"))

	page := s.Must(http.StatusOK, http.MethodGet, "/store/v1/products/"+goods.Handle, nil)
	require.EqualValues(t, 2450, page.Body.Number(t, "variants.0.price.amount"))
	require.Equal(t, "in_stock", page.Body.Text("variants.0.availability"))
	same := s.Send(http.MethodGet, "/store/v1/products/"+goods.ProductID, nil, shop.Header{Name: "If-None-Match", Value: page.Header.Get("ETag")})
	require.Equal(t, http.StatusNotModified, same.Status)
}

func fill(t *testing.T, s *shop.Shop, goods shop.Goods) shop.Cart {
	t.Helper()
	created := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/carts", shop.Object{"lines": []shop.Object{{"variant_id": goods.VariantID, "quantity": 2}}})
	cart := shop.Cart{ID: created.Body.Text("id"), Token: created.Body.Text("token")}
	path, token := "/store/v1/carts/"+cart.ID, shop.CartToken(cart.Token)
	s.Must(http.StatusOK, http.MethodPost, path+"/lines", shop.Line("CUP", 3), token)
	addressed := s.Must(http.StatusOK, http.MethodPatch, path, shop.Object{"email": "ada@example.com", "shipping_address": shop.Berlin()}, token)
	require.EqualValues(t, 6970, addressed.Body.Number(t, "totals.total.amount"))
	options := s.Must(http.StatusOK, http.MethodGet, path+"/shipping-options", nil, token)
	methods := s.Must(http.StatusOK, http.MethodGet, path+"/payment-methods", nil, token)
	require.NotEmpty(t, methods.Body.List("data"))
	chosen := s.Must(http.StatusOK, http.MethodPatch, path, shop.Object{"shipping_option_id": options.Body.Text("data.0.id")}, token)
	require.Equal(t, options.Body.Text("data.0.id"), chosen.Body.Text("shipping_option.id"))
	require.Equal(t, true, chosen.Body.Get("totals_final"))
	return cart
}

func fulfillAndRefund(t *testing.T, s *shop.Shop, order string) {
	t.Helper()
	path, admin := "/admin/v1/orders/"+order, shop.Key(s.Owner)
	read := s.Must(http.StatusOK, http.MethodGet, path, nil, admin)
	require.Equal(t, "paid", read.Body.Text("payment_status"), "the fake method captures by itself")
	pots, cups := read.Body.Text("lines.0.id"), read.Body.Text("lines.1.id")

	s.Must(http.StatusCreated, http.MethodPost, path+"/fulfillments", shop.Object{"lines": []shop.Object{{"line_id": pots, "quantity": 2}},
		"tracking": shop.Object{"carrier": "DHL", "number": "123"}}, admin, shop.Once(shop.NewKey()))
	s.Must(http.StatusCreated, http.MethodPost, path+"/refunds", shop.Object{"lines": []shop.Object{{"line_id": cups, "quantity": 3}},
		"reason": "chipped"}, admin, shop.Once(shop.NewKey()))

	after := s.Must(http.StatusOK, http.MethodGet, path, nil, admin)
	require.Equal(t, "partially_fulfilled", after.Body.Text("fulfillment_status"))
	require.Equal(t, "partially_refunded", after.Body.Text("payment_status"))
	require.EqualValues(t, 3*690, after.Body.Number(t, "payment.refunded.amount"))
	require.EqualValues(t, 8, s.Level("TEAPOT").Number(t, "on_hand"))
}

func cancel(t *testing.T, s *shop.Shop, order string) {
	t.Helper()
	canceled := s.Must(http.StatusOK, http.MethodPost, "/admin/v1/orders/"+order+"/cancellation", shop.Object{"reason": "changed mind"}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	require.Equal(t, "canceled", canceled.Body.Text("status"))
	require.Equal(t, "refunded", canceled.Body.Text("payment_status"))
	again := s.Send(http.MethodPost, "/admin/v1/orders/"+order+"/cancellation", shop.Object{}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	require.Equal(t, "order_not_cancelable", again.Code())
	s.Settle()
}
