package abuse

import (
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// serversOwn are fields that no client sets, unless a schema says so, and some that a curious one tries.
func serversOwn() []string {
	return []string{"id", "price", "total", "status", "role", "is_admin", "customer_id", "version", "used", "balance", "created_at"}
}

// massAssignment adds each of these fields at each place of each body that takes no other fields than its own.
func massAssignment(w *world) {
	places := 0
	for _, op := range w.document.withBody() {
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			for _, at := range spots(op.schema()) {
				if at.closed() {
					places++
					w.assign(op, c, at)
				}
			}
		})
	}
	require.Greater(w.t, places, len(w.document.withBody()), "bodies have objects inside")
}

func (w *world) assign(op operation, c call, at spot) {
	w.t.Helper()
	for _, field := range serversOwn() {
		if at.schema.Properties[field] != nil {
			continue
		}
		path := append(at.path[:len(at.path):len(at.path)], field)
		c.body = put(sample(w.t, op.schema()), path, "1")
		answer := w.do(c, w.credentials(op)...)
		require.Equal(w.t, "400 unknown_field", told(answer), "%s with %s: %s", op.ID, pointer(path...), answer.Raw)
		require.Equal(w.t, pointer(path...), answer.Body.Text("errors.0.pointer"), "%s", answer.Raw)
	}
}

// closed is an object with names of its own.
func (at spot) closed() bool {
	return at.schema.Type.Is("object") && at.schema.AdditionalProperties.Schema == nil
}

// credentials are those of somebody who may call an operation: the owner, and the first shopper.
func (w *world) credentials(op operation) []shop.Header {
	if _, needed := op.Access.Scope(); needed {
		return []shop.Header{shop.Key(w.Owner)}
	}
	first := w.shoppers[0]
	return []shop.Header{shop.CartToken(first.cartToken), {Name: "Checkout-Token", Value: first.checkoutToken}, shop.OrderToken(first.orderToken)}
}
