package abuse

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// mergePatch goes through every field of every PATCH: a value is kept, a field left out stays as it is, null clears what
// may be empty and is refused elsewhere, and the empty text clears or is refused, as the schema says.
func mergePatch(w *world) {
	var fields []patchField
	for _, op := range w.document.operations {
		if op.Method != http.MethodPatch {
			continue
		}
		properties := op.schema().Properties
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			fields = append(fields, w.patchField(op, name, properties[name].Value))
		}
	}
	w.Settle()
	for _, f := range fields {
		f.refusals()
	}
	for _, f := range fields {
		f.roundTrip()
	}
}

// patchField is a field of something new.
type patchField struct {
	*world
	op     operation
	name   string
	schema *openapi3.Schema
	who    shopper
	named  []string
}

func (w *world) patchField(op operation, name string, schema *openapi3.Schema) patchField {
	w.t.Helper()
	f := patchField{world: w, op: op, name: name, schema: schema, who: w.shoppers[0]}
	if _, needed := op.Access.Scope(); !needed {
		f.who = w.shopper()
	}
	where, _ := w.place(op)
	f.named = where.own(w, f.who)
	return f
}

// refusals sends null and the empty text where there is none.
func (f patchField) refusals() {
	f.t.Helper()
	if !f.schema.Nullable {
		f.refuse(nil, "400 invalid_type")
	}
	if f.isText() && f.schema.VisitJSON("") != nil {
		f.refuse("", f.notEmpty())
	}
}

// notEmpty is the answer to the empty text: that no list of words has it, or that it is too short.
func (f patchField) notEmpty() string {
	if isEnum(f.schema) {
		return "400 invalid_type"
	}
	return "422 validation_failed"
}

func (f patchField) isText() bool { return f.schema.Type.Is(openapi3.TypeString) }

// roundTrip sets, leaves, clears and empties what may be empty.
func (f patchField) roundTrip() {
	f.t.Helper()
	if !f.schema.Nullable {
		return
	}
	value := f.value()
	for _, step := range []struct {
		what  string
		body  shop.Object
		value any
	}{
		{"set", shop.Object{f.name: value}, value},
		{"left out", shop.Object{}, value},
		{"cleared", shop.Object{f.name: nil}, nil},
		{"cleared again", shop.Object{f.name: nil}, nil},
		{"left out when empty", shop.Object{}, nil},
		{"set again", shop.Object{f.name: value}, value},
	} {
		f.shows(f.patch(step.body), step.what, step.value)
		f.shows(f.read(), step.what, step.value)
	}
	if f.isText() && f.schema.VisitJSON("") == nil {
		f.shows(f.patch(shop.Object{f.name: ""}), "emptied", nil)
		f.shows(f.read(), "emptied", nil)
	}
}

func (f patchField) refuse(value any, want string) {
	f.t.Helper()
	f.unchanged(f.op.ID, func() {
		answer := f.patch(shop.Object{f.name: value})
		require.Equal(f.t, want, told(answer), "%s with %v for %s: %s", f.op.ID, value, f.name, answer.Raw)
		require.Equal(f.t, "/"+f.name, answer.Body.Text("errors.0.pointer"), "%s", answer.Raw)
	})
}

func (f patchField) patch(body shop.Object) shop.Answer {
	f.t.Helper()
	c := f.call(f.op, f.who, f.named)
	c.body = body
	return f.do(c, f.held()...)
}

func (f patchField) read() shop.Answer {
	f.t.Helper()
	return f.send(http.MethodGet, fill(f.op.Pattern, f.named), nil, f.held()...)
}

func (f patchField) held() []shop.Header {
	return []shop.Header{shop.Key(f.Owner), shop.CartToken(f.who.cartToken)}
}

// value is one that the field can have.
func (f patchField) value() any {
	f.t.Helper()
	switch f.name {
	case "shipping_option_id":
		options := f.Must(http.StatusOK, http.MethodGet, cartsPath+"/"+f.who.cart+"/shipping-options", nil, shop.CartToken(f.who.cartToken))
		return options.Body.Text("data.0.id")
	case "parent_id":
		return created("categories")(f.world, f.who)[0]
	default:
		return sample(f.t, f.schema)
	}
}

// shows wants an answer to show the value of the field; nil stands for an empty one, or for none.
func (f patchField) shows(answer shop.Answer, what string, want any) {
	f.t.Helper()
	require.Equal(f.t, "200", told(answer), "%s: %s %s: %s", f.op.ID, f.name, what, answer.Raw)
	have := answer.Body.Get(f.shownAs())
	if want == nil {
		require.Contains(f.t, []string{"null", `""`, "{}", "[]"}, asJSON(f.t, have), "%s: %s %s", f.op.ID, f.name, what)
		return
	}
	require.JSONEq(f.t, asJSON(f.t, want), asJSON(f.t, have), "%s: %s %s", f.op.ID, f.name, what)
}

// shownAs is where an answer has the field, when not under its own name.
func (f patchField) shownAs() string {
	if f.name == "shipping_option_id" {
		return "shipping_option.id"
	}
	return f.name
}

func asJSON(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
