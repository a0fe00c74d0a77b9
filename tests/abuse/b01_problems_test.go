package abuse

import (
	"net/http"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// everyErrorIsAProblem makes every operation refuse something. What a refusal has to look like is checked wherever an
// answer is read, here as in all other tests.
func everyErrorIsAProblem(w *world) {
	w.unchanged("a refused request", func() {
		for _, op := range w.document.operations {
			path := fill(op.Pattern, []string{"x", "y"})
			answer := w.send(op.Method, path+"?no_such_parameter=1", nil, w.credentials(op)...)
			require.Equal(w.t, "400 unknown_parameter", told(answer), "%s %s: %s", op.Method, path, answer.Raw)
			require.Equal(w.t, "no_such_parameter", answer.Body.Text("errors.0.parameter"))
			requireOtherMethods(w, op, path)
		}
		for _, path := range []string{"/nope", "/store", "/store/v1", "/store/v2/products", "/admin/v1", "/store/v1/products/", "//store/v1/products",
			"/store/v1/products/x/y", "/admin/v1/products/x/variants/y/z", "/STORE/V1/PRODUCTS", "/metrics", "/debug/pprof/", "/.env", "/docs/", "/docs/nope.js", "/docs/page.html", "/media/demo/nope.svg", "/media/demo/..%2f..%2fgo.mod"} {
			require.Equal(w.t, "404 not_found", told(w.send(http.MethodGet, path, nil)), path)
		}
	})
}

// requireOtherMethods wants the methods that no operation of a path has refused, with a list of those that one has.
func requireOtherMethods(w *world, op operation, path string) {
	w.t.Helper()
	known := []string{}
	for _, other := range w.document.operations {
		if other.Pattern == op.Pattern {
			known = append(known, other.Method)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "PROPFIND"} {
		if slices.Contains(known, method) {
			continue
		}
		answer := w.send(method, path, nil, shop.Key(w.Owner))
		require.Equal(w.t, "405 method_not_allowed", told(answer), "%s %s", method, path)
		if method == http.MethodTrace {
			continue // it is refused before anybody asks what the path is
		}
		allowed := strings.Split(answer.Header.Get("Allow"), ", ")
		require.Subset(w.t, allowed, known, "%s %s", method, path)
		require.NotContains(w.t, allowed, method)
	}
}
