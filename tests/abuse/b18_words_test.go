package abuse

import (
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// unknownWords puts a word that no list has wherever one is chosen from a list, and a field that no object has.
func unknownWords(w *world) {
	words := 0
	for _, op := range w.document.operations {
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			for _, p := range op.queries() {
				if isEnum(p.Schema.Value) {
					words++
					answer := w.send(c.method, c.path+"?"+p.Name+"=no_such_word", c.body, append(w.credentials(op), c.headers...)...)
					require.Equal(w.t, "400 invalid_parameter", told(answer), "%s with %s: %s", op.ID, p.Name, answer.Raw)
				}
			}
			if op.spec.RequestBody == nil || op.takesFile() {
				return
			}
			for _, at := range spots(op.schema()) {
				if isEnum(at.schema) {
					words++
					w.misplace(op, c, at.path, "no_such_word", "400 invalid_type")
				}
			}
			w.misplace(op, c, []string{"no_such_field"}, 1, "400 unknown_field")
		})
	}
	require.GreaterOrEqual(w.t, words, 5)
}

func isEnum(schema *openapi3.Schema) bool {
	return len(schema.Enum) > 0 || schema.Items != nil && len(schema.Items.Value.Enum) > 0
}

// misplace sends a sample of the body with one wrong value.
func (w *world) misplace(op operation, c call, path []string, value any, want string) {
	w.t.Helper()
	c.body = put(sample(w.t, op.schema()), path, value)
	answer := w.do(c, w.credentials(op)...)
	require.Equal(w.t, want, told(answer), "%s at %s: %s", op.ID, pointer(path...), answer.Raw)
	require.Equal(w.t, pointer(path...), answer.Body.Text("errors.0.pointer"), "%s", answer.Raw)
}
