package abuse

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// ambiguousQueries says things twice, in every query that an operation has.
func ambiguousQueries(w *world) {
	for _, op := range w.document.operations {
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			for query, code := range ambiguous(w, op) {
				answer := w.send(c.method, c.path+"?"+query, c.body, append(w.credentials(op), c.headers...)...)
				require.Equal(w.t, "400 "+code, told(answer), "%s with %s: %s", op.ID, query, answer.Raw)
			}
		})
	}
	contradictions(w)
}

// ambiguous are queries of an operation and the codes that answer them.
func ambiguous(w *world, op operation) map[string]string {
	queries := map[string]string{
		"nope=1": "unknown_parameter", "nope[]=1": "unknown_parameter", "=1": "unknown_parameter", "%00=1": "unknown_parameter",
		"a;b": "invalid_parameter", ";": "invalid_parameter", "%zz=1": "invalid_parameter", "%": "invalid_parameter",
	}
	for _, p := range op.queries() {
		name, value := url.QueryEscape(p.Name), url.QueryEscape(fmt.Sprint(sample(w.t, p.Schema.Value)))
		if items := p.Schema.Value.Items; items != nil {
			value = url.QueryEscape(fmt.Sprint(sample(w.t, items.Value)))
		} else {
			queries[name+"="+value+"&"+name+"="+value] = "duplicate_parameter"
			queries[name+"="+value+"&%"+fmt.Sprintf("%x", name[0])+name[1:]+"="+value] = "duplicate_parameter"
		}
		queries[name+"[]="+value] = "unknown_parameter"
		queries[name+"%5B%5D="+value] = "unknown_parameter"
		queries[name+"[0]="+value] = "unknown_parameter"
		queries[name+"="+value+";"+name+"="+value] = "invalid_parameter"
		queries[name+"=%00"] = "invalid_parameter"
		queries[name+"=%ff"] = "invalid_parameter"
	}
	return queries
}

// contradictions have query and body say different things.
func contradictions(w *world) {
	atOnce := shop.AtOnce(shop.Line(w.goods.SKU, 1))
	for _, r := range []struct {
		path string
		body shop.Object
		at   string
	}{
		{cartsPath + "?currency=EUR", shop.Object{"currency": "JPY"}, "/currency"},
		{cartsPath + "?currency=JPY", shop.Object{"currency": "EUR"}, "/currency"},
		{cartsPath + "?locale=en", shop.Object{"locale": "de"}, "/locale"},
		{checkoutsPath + "?currency=EUR", with(atOnce, "currency", "JPY"), "/currency"},
		{checkoutsPath + "?currency=JPY", with(atOnce, "currency", "EUR"), "/currency"},
		{checkoutsPath + "?locale=en", with(atOnce, "locale", "de"), "/locale"},
	} {
		w.unchanged(r.path, func() {
			answer := w.send(http.MethodPost, r.path, r.body, shop.Once(shop.NewKey()))
			require.Equal(w.t, "400 invalid_parameter", told(answer), "%s: %s", r.path, answer.Raw)
			require.Equal(w.t, r.at, answer.Body.Text("errors.0.pointer"), "%s", answer.Raw)
		})
	}
	for _, path := range []string{cartsPath, checkoutsPath} {
		agreed := w.send(http.MethodPost, path+"?currency=EUR&locale=en", with(with(atOnceFor(path, atOnce), "currency", "EUR"), "locale", "en"), shop.Once(shop.NewKey()))
		require.Equal(w.t, "201", told(agreed), "%s", agreed.Raw)
	}
}

// atOnceFor is a body for one of the two paths that can start a purchase.
func atOnceFor(path string, atOnce shop.Object) shop.Object {
	if path == checkoutsPath {
		return atOnce
	}
	return shop.Object{"lines": atOnce["lines"]}
}
