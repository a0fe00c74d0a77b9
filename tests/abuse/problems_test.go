package abuse

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// leak is what a program says of its inside: stacks, source files, SQL, paths and versions.
var leak = regexp.MustCompile(`(?i)goroutine \d|\.go:\d|panic|runtime error|\bselect\b.+\bfrom\b|insert into|\bupdate\b.+\bset\b` +
	`|\bpq: |sqlstate|relation "|constraint "|does not exist \(|dial tcp|127\.0\.0\.1|postgres|go1\.\d|/(root|home|work|tmp|usr|var)/`)

// inspect holds an error answer to what B01 and S35 demand of each: a problem of the schema, with a listed code, its
// status and title, and nothing of the inside. Other answers pass.
func (d *document) inspect(t testing.TB, where string, a shop.Answer) {
	t.Helper()
	if a.Status < http.StatusBadRequest {
		return
	}
	require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), "%s: %s", where, a.Raw)
	require.NoError(t, d.problem.VisitJSON(map[string]any(a.Body), openapi3.VisitAsResponse()), where)
	entry, listed := d.codes[a.Code()]
	require.True(t, listed, "%s: code %q is not in errors.yaml", where, a.Code())
	require.Equal(t, entry.Status, a.Status, "%s: %s", where, a.Raw)
	require.Equal(t, entry.Title, a.Body.Text("title"), where)
	require.EqualValues(t, a.Status, a.Body.Number(t, "status"), where)
	for i := range a.Body.List("errors") {
		field, _ := a.Body.List("errors")[i].(map[string]any)
		code, _ := field["code"].(string)
		require.Contains(t, d.codes, code, where)
	}
	require.Equal(t, a.Header.Get("X-Request-Id"), a.Body.Text("request_id"), where)
	require.Contains(t, a.Body.Text("instance"), a.Body.Text("request_id"), where)
	require.Equal(t, "no-store", a.Header.Get("Cache-Control"), where)
	requireDiscreet(t, where, a)
}

func requireDiscreet(t testing.TB, where string, a shop.Answer) {
	t.Helper()
	require.NotRegexp(t, leak, string(a.Raw), where)
	for _, name := range []string{"Server", "X-Powered-By"} {
		require.Empty(t, a.Header.Get(name), where)
	}
}
