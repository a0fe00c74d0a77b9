package abuse

import (
	"strings"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// singleScopes sends every operation of the admin API with what opens none of it or little: the tokens of shoppers, a key
// that only reads, and keys of one scope each, which open the operations of their scope.
func singleScopes(w *world) {
	principals := w.withOneScope()
	for _, p := range w.principals() {
		if p.opens != nil || p.name == "read_only" || p.name == "publishable key" {
			principals = append(principals, p)
		}
	}
	for _, op := range w.document.operations {
		if !strings.HasPrefix(op.Pattern, "/admin/") {
			continue
		}
		c := w.calls(op)[0][own]
		var opened []visit
		for _, p := range principals {
			opened = append(opened, w.letIn(op, p, c)...)
		}
		w.unchanged(op.ID, func() {
			for _, p := range principals {
				for _, v := range w.turnedAway(op, p, map[string]call{own: c}) {
					w.visit(v)
				}
			}
		})
		for _, v := range opened {
			w.visit(v)
		}
	}
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
