//go:build browser

// Package browser reads the API reference as people do, in a browser, against the real server.
package browser

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

func TestTheReference(t *testing.T) {
	s := shop.Start(t)
	s.Sell("TEAPOT", 2450, 10)
	for name, test := range map[string]func(*testing.T, *shop.Shop){
		"operations are drawn and found":                   operationsAreDrawnAndFound,
		"a link leads to an operation with examples":       aLinkLeadsToAnOperation,
		"a request can be tried out":                       aRequestCanBeTriedOut,
		"a key is sent and not kept":                       aKeyIsSentAndNotKept,
		"what is asked of other servers is not overlooked": requestsElsewhereAreSeen,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

func operationsAreDrawnAndFound(t *testing.T, s *shop.Shop) {
	b := open(t, s.URL+"/docs")

	require.Equal(t, "Check out", b.text("#operations-checkout-createCheckout .opblock-summary-description"))
	require.Equal(t, "catalog:write", b.text("#operations-catalog-createProduct .access"))
	require.Equal(t, "application/problem+json", b.text(".info li code"), "Markdown is drawn")
	b.search("Post /store/v1/checkouts")
	b.waitFor(`[...document.querySelectorAll(".opblock .opblock-summary-path")].every((path) => path.dataset.path.startsWith("/store/v1/checkouts"))`)
	require.NotEmpty(t, b.text("#operations-checkout-createCheckout .access"))
	b.search("no such thing")
	b.waitFor(`document.querySelectorAll(".opblock").length === 0`)
	require.NoError(t, b.strayedFrom(s.URL))
}

func aLinkLeadsToAnOperation(t *testing.T, s *shop.Shop) {
	b := open(t, s.URL+"/docs#/checkout/createCheckout")

	const operation = "#operations-checkout-createCheckout "
	require.Equal(t, "Cart-Token", b.text(operation+".opblock-description code"))
	require.Contains(t, b.text(operation+".body-param__example"), `"TEE-RED-M"`)
	require.Contains(t, b.text(operation+`.response[data-code="201"] .example`), `"completed"`)
	require.NoError(t, b.strayedFrom(s.URL))
}

func aRequestCanBeTriedOut(t *testing.T, s *shop.Shop) {
	b := open(t, s.URL+"/docs#/storefront/storeListProducts")

	answer := b.tryOut("storefront-storeListProducts")

	require.Equal(t, http.StatusOK, answer.status)
	require.Contains(t, answer.body, `"TEAPOT"`)
	require.Contains(t, answer.curl, "curl -X 'GET' \\\n  '"+s.URL+"/store/v1/products?limit=20'")
	require.NoError(t, b.strayedFrom(s.URL))
}

func aKeyIsSentAndNotKept(t *testing.T, s *shop.Shop) {
	b := open(t, s.URL+"/docs#/orders/listOrders")

	require.Equal(t, http.StatusUnauthorized, b.tryOut("orders-listOrders").status)
	b.authorize(s.ReadOnly)
	require.Equal(t, http.StatusOK, b.tryOut("orders-listOrders").status)

	require.Zero(t, eval[int](b, `localStorage.length + sessionStorage.length + document.cookie.length`))
	require.NoError(t, b.strayedFrom(s.URL))
}

// requestsElsewhereAreSeen plants what the other tests look for.
func requestsElsewhereAreSeen(t *testing.T, s *shop.Shop) {
	b := open(t, s.URL+"/docs")

	eval[bool](b, `(document.body.append(Object.assign(new Image(), {src: "http://127.0.0.2/badge.png", id: "badge"})), true)`)

	b.waitFor(`document.querySelector("#badge").complete`)
	require.ErrorContains(t, b.strayedFrom(s.URL), "http://127.0.0.2/badge.png")
}
