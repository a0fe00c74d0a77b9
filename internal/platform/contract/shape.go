package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/strictjson"
)

// shape is the part of a schema that decides about form: which names an object may use and which numbers
// are integers. JSON Schema is more generous there than this API: it takes 1e3 and 1.0 for integers, and
// closes an object only where it is told to. A nil shape says nothing.
type shape struct {
	fields  map[string]*shape
	closed  bool   // an object has no other names than fields
	rest    *shape // of other names
	items   *shape
	integer bool
}

func newShape(schema *openapi3.Schema) *shape {
	return shaper{}.shape([]*openapi3.Schema{schema})
}

// shaper remembers the shapes it has begun, so that recursive schemas come to an end.
type shaper map[string]*shape

// shape merges schemas that all, or alternatively, apply to one place.
func (made shaper) shape(schemas []*openapi3.Schema) *shape {
	if len(schemas) == 0 {
		return nil
	}
	key := fmt.Sprintf("%p", schemas[0])
	for _, s := range schemas[1:] {
		key += fmt.Sprintf(" %p", s)
	}
	if s, ok := made[key]; ok {
		return s
	}
	parts := flatten(schemas)
	s := &shape{fields: map[string]*shape{}, closed: isClosed(parts), integer: isInteger(parts)}
	made[key] = s
	var rest, items []*openapi3.Schema
	for _, part := range parts {
		rest = appendRef(rest, part.AdditionalProperties.Schema)
		items = appendRef(items, part.Items)
	}
	for name, schemas := range properties(parts) {
		s.fields[name] = made.shape(schemas)
	}
	s.rest, s.items = made.shape(rest), made.shape(items)
	return s
}

// flatten returns schemas and everything they are composed of, each once.
func flatten(schemas []*openapi3.Schema) []*openapi3.Schema {
	var parts []*openapi3.Schema
	for next := schemas; len(next) > 0; {
		s := next[0]
		next = slices.Clone(next[1:])
		if slices.Contains(parts, s) {
			continue
		}
		parts = append(parts, s)
		for _, ref := range slices.Concat(s.AllOf, s.OneOf, s.AnyOf) {
			next = append(next, ref.Value)
		}
	}
	return parts
}

func appendRef(schemas []*openapi3.Schema, ref *openapi3.SchemaRef) []*openapi3.Schema {
	if ref == nil {
		return schemas
	}
	return append(schemas, ref.Value)
}

func properties(parts []*openapi3.Schema) map[string][]*openapi3.Schema {
	named := map[string][]*openapi3.Schema{}
	for _, part := range parts {
		for name, ref := range part.Properties {
			named[name] = append(named[name], ref.Value)
		}
	}
	return named
}

// isClosed reports whether the parts name the members of an object and none of them allows others.
func isClosed(parts []*openapi3.Schema) bool {
	closed := false
	for _, part := range parts {
		extra := part.AdditionalProperties
		if extra.Schema != nil || extra.Has != nil && *extra.Has {
			return false
		}
		closed = closed || len(part.Properties) > 0 || extra.Has != nil
	}
	return closed
}

func isInteger(parts []*openapi3.Schema) bool {
	integer := false
	for _, part := range parts {
		if part.Type.Is(openapi3.TypeNumber) {
			return false
		}
		integer = integer || part.Type.Is(openapi3.TypeInteger)
	}
	return integer
}

// check returns what is misshapen about a value, in the order of names and indexes.
func (s *shape) check(value any) []fault.Field {
	var found []fault.Field
	s.visit(value, nil, &found)
	return found
}

func (s *shape) visit(value any, path []string, found *[]fault.Field) {
	if s == nil || len(*found) >= maxFields {
		return
	}
	switch value := value.(type) {
	case json.Number:
		if _, err := strconv.ParseInt(string(value), 10, 64); s.integer && err != nil {
			*found = append(*found, fault.Field{
				Pointer: strictjson.Pointer(path...), Code: codeInvalidType,
				Detail: "must be an integer of at most 64 bits, without fraction and exponent",
			})
		}
	case []any:
		for i, item := range value {
			s.items.visit(item, append(path, strconv.Itoa(i)), found)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			s.visitMember(name, value[name], append(path, name), found)
		}
	}
}

func (s *shape) visitMember(name string, value any, path []string, found *[]fault.Field) {
	field, known := s.fields[name]
	switch {
	case known:
		field.visit(value, path, found)
	case s.closed:
		*found = append(*found, fault.Field{
			Pointer: strictjson.Pointer(path...), Code: codeUnknownField, Detail: "does not exist",
		})
	default:
		s.rest.visit(value, path, found)
	}
}
