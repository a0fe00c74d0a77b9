// Package abuse sends the real server what no well-meaning client would: wrong keys and tokens, ids of others, fields that
// only the server sets, malformed and enormous bodies. Most of it is generated from the API document, so that an operation
// that is added tomorrow is abused as well. Every error answer of every test is held to what B01 demands, and every refusal
// must leave every table as it was.
package abuse

import (
	"testing"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

// TestStrictEdges runs what needs no server of its own.
func TestStrictEdges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.furnish()
	for _, c := range []struct {
		name string
		run  func(w *world)
	}{
		{"S08 keys and tokens open nothing that they were not made for", singleScopes},
		{"S09 fields that only the server sets are unknown", massAssignment},
		{"S10 the client names no price", clientPrices},
		{"B01 every error is a problem with a listed code", everyErrorIsAProblem},
		{"B02 bodies that are not strict JSON are refused", strictBodies},
		{"B03 enormous bodies are refused unread", enormousBodies},
		{"B04 other content types are refused", contentTypes},
		{"B05 quantities that are no quantities are refused", quantities},
		{"B13 ids of the wrong form name nothing", malformedIDs},
		{"B14 limits and cursors are checked", limitsAndCursors},
		{"B14 inserts while paging neither skip nor repeat", insertsWhilePaging},
		{"B15 ambiguous queries are refused", ambiguousQueries},
		{"B17 the idempotency key is one header of visible ASCII", idempotencyKeys},
		{"B18 unknown words are refused", unknownWords},
		{"B18 absent stays, null clears, empty is as documented", mergePatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Settle()
			c.run(w.in(t))
		})
	}
}
