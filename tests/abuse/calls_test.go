package abuse

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// bodies has a row for each operation that takes a body: one that is good, for what the ids name.
func bodies() map[string]func(w *world, who shopper, named []string) shop.Object {
	return map[string]func(w *world, who shopper, named []string) shop.Object{
		"createCart":       func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"lines": w.lines()} },
		"updateCart":       func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"note": w.name("note")} },
		"addCartLines":     func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"lines": w.lines()} },
		"replaceCartLines": func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"lines": w.lines()} },
		"updateCartLine":   func(*world, shopper, []string) shop.Object { return shop.Object{"quantity": 3} },
		"createCheckout":   func(w *world, _ shopper, _ []string) shop.Object { return shop.AtOnce(w.lines()...) },
		byCart: func(_ *world, _ shopper, named []string) shop.Object {
			return shop.Object{"cart_id": named[0], "payment": shop.Pays()}
		},
		"captureOrder": func(*world, shopper, []string) shop.Object { return shop.Object{} },
		"refundOrder":  func(*world, shopper, []string) shop.Object { return shop.Object{"reason": "late"} },
		"fulfillOrder": func(*world, shopper, []string) shop.Object { return shop.Object{} },
		"cancelOrder":  func(*world, shopper, []string) shop.Object { return shop.Object{"reason": "changed mind"} },
		"createProduct": func(w *world, _ shopper, _ []string) shop.Object {
			return shop.Object{"title": w.name("product"), "variants": []shop.Object{{"sku": w.name("SKU")}}}
		},
		"updateProduct": func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"title": w.name("title")} },
		"createVariant": func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"sku": w.name("SKU")} },
		"updateVariant": func(*world, shopper, []string) shop.Object { return shop.Object{"weight_grams": 190} },
		"createCategory": func(w *world, _ shopper, _ []string) shop.Object {
			return shop.Object{"name": w.name("category")}
		},
		"updateCategory":      func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"name": w.name("category")} },
		"createCollection":    func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"title": w.name("collection")} },
		"updateCollection":    func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"title": w.name("collection")} },
		"setPrice":            price,
		"createStockLocation": func(w *world, _ shopper, _ []string) shop.Object { return coded(w, "location") },
		"updateStockLocation": func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"name": w.name("location")} },
		"adjustStock": func(w *world, _ shopper, _ []string) shop.Object {
			return shop.Object{"sku": w.name("STOCKED"), "location_id": w.Location(), "delta": 1, "reason": "receive"}
		},
		"putStockItem": func(*world, shopper, []string) shop.Object {
			return shop.Object{"mode": "track", "low_stock_threshold": 3}
		},
		"createChannel":        channel,
		"updateChannel":        func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"name": w.name("channel")} },
		"createShippingOption": shippingOption,
		"updateShippingOption": func(w *world, _ shopper, _ []string) shop.Object { return shop.Object{"name": w.name("option")} },
		"createTaxRate": func(w *world, _ shopper, _ []string) shop.Object {
			return shop.Object{"name": "VAT", "country": "CH", "region": w.name("region"), "rate": "7.7"}
		},
		"resolveStockReview":   func(*world, shopper, []string) shop.Object { return shop.Object{"note": "looked at"} },
		"resolvePaymentReview": func(*world, shopper, []string) shop.Object { return shop.Object{"note": "looked at"} },
		"replayDeadEvents":     func(*world, shopper, []string) shop.Object { return shop.Object{} },
		"createApiKey": func(w *world, _ shopper, _ []string) shop.Object {
			return shop.Object{"name": w.name("key"), "scopes": []string{"access:write"}}
		},
	}
}

func (w *world) lines() []shop.Object { return []shop.Object{shop.Line(w.goods.SKU, 1)} }

// price is for a variant that nobody buys.
func price(w *world, who shopper, _ []string) shop.Object {
	return shop.Object{"variant_id": variant(w, who)[1], "amount": shop.EUR(1234)}
}

func coded(w *world, kind string) shop.Object {
	name := w.name(kind)
	return shop.Object{"code": name, "name": name}
}

func channel(w *world, _ shopper, _ []string) shop.Object {
	body := coded(w, "channel")
	body["currencies"], body["default_currency"] = []string{"EUR", "JPY"}, "EUR"
	body["locales"], body["default_locale"] = []string{"en"}, "en"
	return body
}

// shippingOption serves a country that no shopper lives in.
func shippingOption(w *world, _ shopper, _ []string) shop.Object {
	body := coded(w, "option")
	body["countries"], body["prices"] = []string{"CH"}, []shop.Object{shop.EUR(490)}
	return body
}

// body is a good one for an operation; nil for one that takes none. An operation without a row fails the test.
func (w *world) body(op operation, who shopper, named []string) any {
	w.t.Helper()
	if op.spec.RequestBody == nil {
		return nil
	}
	if op.takesFile() {
		return "Handle,Title,Variant Price\n" + strings.ToLower(w.name("made")) + ",Made,3\n"
	}
	body, has := bodies()[op.ID]
	require.True(w.t, has, "%s needs a row in bodies", op.ID)
	return body(w, who, named)
}

// call is a request that succeeds for those who may send it.
type call struct {
	method, path string
	body         any
	headers      []shop.Header
}

// call fills in an operation for what the ids name.
func (w *world) call(op operation, who shopper, named []string) call {
	w.t.Helper()
	c := call{method: op.Method, path: fill(op.Pattern, named), body: w.body(op, who, named)}
	if op.takesFile() {
		c.headers = append(c.headers, typed("text/csv"))
	}
	if op.parameter("Idempotency-Key") != nil {
		c.headers = append(c.headers, shop.Once(shop.NewKey()))
	}
	if p := op.parameter("If-Match"); p != nil && strings.HasPrefix(op.Pattern, "/admin/") {
		tag := w.Send(http.MethodGet, c.path, nil, shop.Key(w.Owner)).Header.Get("ETag")
		if tag == "" && p.Required {
			tag = `"1"`
		}
		if tag != "" {
			c.headers = append(c.headers, shop.IfMatch(tag))
		}
	}
	return c
}

// prepare makes a call for each operation, and what it is about.
func (w *world) prepare() map[string]call {
	w.t.Helper()
	calls := map[string]call{}
	for _, op := range w.document.operations {
		var named []string
		if where, has := w.place(op); has {
			named = where.own(w, w.shoppers[0])
		}
		calls[op.ID] = w.call(op, w.shoppers[0], named)
	}
	w.Settle()
	return calls
}

// fill puts ids in the place of the names of a pattern.
func fill(pattern string, named []string) string {
	for _, id := range named {
		before, rest, found := strings.Cut(pattern, "{")
		if !found {
			break
		}
		_, after, _ := strings.Cut(rest, "}")
		pattern = before + url.PathEscape(id) + after
	}
	return pattern
}

// do sends a call with the credentials of somebody, and perhaps with another body.
func (w *world) do(c call, credentials ...shop.Header) shop.Answer {
	w.t.Helper()
	return w.send(c.method, c.path, c.body, append(credentials, c.headers...)...)
}

// parse reads an answer that did not come over HTTP.
func parse(t testing.TB, raw []byte) shop.Object {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object shop.Object
	require.NoError(t, decoder.Decode(&object), "%s", raw)
	return object
}
