package abuse

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// malformed are spellings of an id, as they stand in a path, and how they are answered.
func malformed(id string) map[string]string {
	prefix, rest, _ := strings.Cut(id, "_")
	answers := map[string]string{
		"%00": "400 invalid_parameter", id + "%00": "400 invalid_parameter", "%ff": "400 invalid_parameter", "%ed%a0%80": "400 invalid_parameter",
		"%c0%ae%c0%ae": "400 invalid_parameter",
	}
	for _, spelling := range []string{
		ids.New(), strings.ToUpper(ids.New()), "{" + ids.New() + "}", strings.ToUpper(id), prefix + "_" + strings.ToUpper(rest), prefix + rest, rest,
		prefix + "_", "_" + rest, prefix + "_" + rest[:25], prefix + "_" + rest + "0", prefix + "_z" + rest[1:], prefix + "_" + rest[:25] + "l", "x" + id, id + "%20",
		"%20" + id, id + "%0a", "..%2f", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "%252e", id + "%2f..", "0", "-1", "null", "%7B%7D", "%27%20OR%20%271%27=%271",
		"%F0%9F%98%80", "a%2Fb", strings.Repeat("x", 10_000), strings.Repeat("%C3%A9", 3_000), id + strings.Repeat("0", 10_000),
	} {
		answers[spelling] = "404 not_found"
	}
	return answers
}

// malformedIDs puts them in the place of each id of each path, and some where bodies and queries have ids.
func malformedIDs(w *world) {
	for _, op := range w.document.operations {
		if op.resource() == "" || strings.Contains(op.Pattern, "{sku}") { // a SKU has no form
			continue
		}
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			for i, named := range idsOf(op, c.path) {
				for spelling, want := range malformed(named) {
					path := respell(op, c.path, i, spelling)
					answer := w.send(c.method, path, c.body, append(w.credentials(op), c.headers...)...)
					require.Equal(w.t, want, told(answer), "%s %s: %s", c.method, brief(path), answer.Raw)
				}
			}
		})
	}
	malformedSKUs(w)
	malformedInBodies(w)
	malformedInQueries(w)
}

// idsOf are the parts of a path where its pattern has names.
func idsOf(op operation, path string) []string {
	var found []string
	parts := strings.Split(path, "/")
	for i, part := range strings.Split(op.Pattern, "/") {
		if strings.HasPrefix(part, "{") {
			found = append(found, parts[i])
		}
	}
	return found
}

// respell puts another text in the place of one id of a path.
func respell(op operation, path string, which int, spelling string) string {
	parts := strings.Split(path, "/")
	for i, part := range strings.Split(op.Pattern, "/") {
		if strings.HasPrefix(part, "{") {
			if which == 0 {
				parts[i] = spelling
			}
			which--
		}
	}
	return strings.Join(parts, "/")
}

func malformedSKUs(w *world) {
	w.unchanged("a SKU that cannot be one", func() {
		for spelling, want := range map[string]string{"%00": "400 invalid_parameter", "%ff": "400 invalid_parameter", strings.Repeat("x", 10_000): "404 not_found",
			strings.Repeat("x", 256): "404 not_found"} {
			for method, body := range map[string]any{http.MethodPut: shop.Object{"mode": "track"}, http.MethodGet: nil} {
				answer := w.send(method, "/admin/v1/stock-items/"+spelling, body, shop.Key(w.Owner))
				require.Equal(w.t, want, told(answer), "%s %s", method, brief(spelling))
			}
		}
	})
}

func malformedInBodies(w *world) {
	first := w.shoppers[0]
	token, owner := shop.CartToken(first.cartToken), shop.Key(w.Owner)
	cart := cartsPath + "/" + first.cart
	for _, r := range []struct {
		method, path, body, unknown string
	}{
		{http.MethodPost, cart + "/lines", `{"variant_id":"ID","quantity":1}`, "422 unknown_variant"},
		{http.MethodPost, cart + "/lines", `{"sku":"ID","quantity":1}`, "422 unknown_variant"},
		{http.MethodPut, cart + "/lines", `{"lines":[{"variant_id":"ID","quantity":1}]}`, "422 unknown_variant"},
		{http.MethodPatch, cart, `{"shipping_option_id":"ID"}`, "422 shipping_option_unavailable"},
		{http.MethodPost, checkoutsPath, `{"cart_id":"ID","payment":{"method":"manual"}}`, "404 not_found"},
		{http.MethodPost, "/admin/v1/prices", `{"variant_id":"ID","amount":{"amount":1,"currency":"EUR"}}`, "422 unknown_variant"},
		{http.MethodPost, "/admin/v1/stock-levels/adjustments", `{"sku":"GOODS","location_id":"ID","delta":1,"reason":"receive"}`, "422 unknown_location"},
		{http.MethodPost, "/admin/v1/products", `{"title":"x","category_ids":["ID"]}`, "422 unknown_reference"},
		{http.MethodPost, "/admin/v1/products", `{"title":"x","collection_ids":["ID"]}`, "422 unknown_reference"},
		{http.MethodPost, "/admin/v1/categories", `{"name":"x","parent_id":"ID"}`, "422 unknown_reference"},
		{http.MethodPost, "/admin/v1/collections", `{"title":"x","product_ids":["ID"]}`, "422 unknown_reference"},
	} {
		w.unchanged(r.path, func() {
			for id, want := range map[string]string{ids.New(): r.unknown, strings.ToUpper(w.goods.VariantID): r.unknown, "..%2f": r.unknown, "../": r.unknown,
				"prod_": r.unknown, first.order: r.unknown, `\u0000`: "400 invalid_json", `\ud800`: "400 invalid_json", "": "422 validation_failed",
				strings.Repeat("x", 10_000): "422 validation_failed"} {
				answer := w.send(r.method, r.path, strings.ReplaceAll(r.body, "ID", id), token, owner, shop.Once(shop.NewKey()))
				require.Equal(w.t, want, told(answer), "%s %s with %s: %s", r.method, r.path, brief(id), answer.Raw)
			}
		})
	}
}

// malformedInQueries wants a filter by an id that names nothing to find nothing, and one that cannot be stored refused.
func malformedInQueries(w *world) {
	for _, filter := range []string{"/admin/v1/prices?variant_id=", "/admin/v1/stock-levels?location_id=", "/admin/v1/stock-levels?sku=",
		"/admin/v1/reservations?reference=", "/admin/v1/orders?number=", "/admin/v1/products?handle=", "/store/v1/products?category=", "/store/v1/products?collection="} {
		for id, want := range map[string]string{ids.New(): "200", strings.ToUpper(w.goods.VariantID): "200", "../": "200", "' OR 1=1 --": "200",
			"\x00": "400 invalid_parameter", "\xff": "400 invalid_parameter", strings.Repeat("x", 10_000): "400 invalid_parameter"} {
			answer := w.send(http.MethodGet, filter+url.QueryEscape(id), nil, shop.Key(w.Owner))
			require.Equal(w.t, want, told(answer), "%s%s: %s", filter, brief(id), answer.Raw)
			require.Empty(w.t, answer.Body.List("data"), filter)
		}
	}
}
