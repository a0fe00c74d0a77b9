package abuse

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// singleScopes sends every operation of the admin API with what opens none of it or little: the tokens of shoppers, a key
// that only reads, and keys of one scope each, which open the operations of their scope. A token is no key, so it is
// answered 401 like nothing at all; a key that lacks the scope is answered 403.
func singleScopes(w *world) {
	principals := w.withOneScope()
	for _, p := range w.principals() {
		if p.opens != nil || p.name == "read_only" || p.name == "publishable key" {
			principals = append(principals, p)
		}
	}
	var all []visits
	for _, op := range w.document.operations {
		if strings.HasPrefix(op.Pattern, "/admin/") {
			all = append(all, w.visitsOf(principals, op))
		}
	}
	require.NotEmpty(w.t, all)
	w.Settle()
	for _, v := range all {
		w.turnAway(v)
	}
	for _, v := range all {
		w.letIn(v)
	}
}

// visitsOf are those of some to what is their own.
func (w *world) visitsOf(principals []principal, op operation) visits {
	w.t.Helper()
	all := visits{operation: op.ID}
	for _, p := range principals {
		all.refused = append(all.refused, w.refused(op, p, map[string]call{own: w.ready[op.ID]})...)
		all.permitted = append(all.permitted, w.permitted(op, p, w.ready[op.ID])...)
	}
	return all
}

// withOneScope are keys made by the owner, each with one scope.
func (w *world) withOneScope() []principal {
	w.t.Helper()
	var keys []principal
	for _, scope := range w.document.scopes() {
		key := w.create("/admin/v1/api-keys", shop.Object{"name": scope, "scopes": []string{scope}})
		keys = append(keys, principal{name: "key of " + scope, shows: fixed(shop.Key(key.Text("secret"))), scopes: []string{scope}})
	}
	return keys
}
