package contracttest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
)

// CheckScopes asserts of every operation of a tag that it is mounted, that it refuses a caller without a key (401) and
// one whose key has every scope but the operation's (403), and that it admits one whose key has that scope alone. Only
// operations that need a scope belong to the tag.
func CheckScopes(t *testing.T, mount func(chi.Router), tag string) {
	scopes := Scopes(t)
	found := 0
	for _, op := range load(t).Operations() {
		if !slices.Contains(op.Tags, tag) {
			continue
		}
		found++
		t.Run(op.ID, func(t *testing.T) {
			scope, needed := op.Access.Scope()
			require.True(t, needed)
			others := slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return s == scope })

			call(t, mount, op, Nobody).Refused(http.StatusUnauthorized, "unauthenticated")
			call(t, mount, op, Key(others...)).Refused(http.StatusForbidden, "forbidden")
			admitted := call(t, mount, op, Key(scope)).Status
			assert.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, admitted)
			assert.Less(t, admitted, http.StatusInternalServerError)
		})
	}
	require.NotZero(t, found, "the document has no operation of the tag "+tag)
}

func call(t *testing.T, mount func(chi.Router), op contract.Operation, caller contract.Authenticate) Answer {
	t.Helper()
	return Serve(t, mount, caller).Send(op.Method, strings.ReplaceAll(op.Pattern, "{id}", "absent"), "")
}

// Scopes answers every scope that the document asks for, in alphabetical order.
func Scopes(t testing.TB) []string {
	t.Helper()
	var scopes []string
	for _, op := range load(t).Operations() {
		if scope, needed := op.Access.Scope(); needed {
			scopes = append(scopes, scope)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
