package api_test

import (
	"github.com/getkin/kin-openapi/openapi3"
)

// closed demands of everything a client may send that objects refuse unknown fields and that strings
// and arrays end somewhere.
func (l *linter) closed(where string, ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	schema := ref.Value
	if seen[schema] {
		return
	}
	seen[schema] = true
	l.strings(where, ref, true)
	if schema.Type.Is("object") {
		l.closedObject(where, schema)
	}
	for name, property := range schema.Properties {
		l.closed(where+"/"+name, property, seen)
	}
	for _, part := range schema.AllOf {
		l.closed(where, part, seen)
	}
	if schema.Items != nil {
		l.closed(where+"/*", schema.Items, seen)
	}
	if schema.AdditionalProperties.Schema != nil {
		l.closed(where+"/*", schema.AdditionalProperties.Schema, seen)
	}
}

func (l *linter) closedObject(where string, schema *openapi3.Schema) {
	extra := schema.AdditionalProperties
	if extra.Schema == nil && (extra.Has == nil || *extra.Has) {
		l.find(where, "object takes unknown fields")
	}
	if extra.Schema != nil && schema.MaxProps == nil {
		l.find(where, "map without maxProperties")
	}
}

// strings also looks at arrays and at the type itself; bounded says whether lengths are needed.
func (l *linter) strings(where string, ref *openapi3.SchemaRef, bounded bool) {
	l.noFraction(where, ref.Value)
	if !bounded {
		return
	}
	schema := ref.Value
	if schema.Type.Is("string") && schema.MaxLength == nil && len(schema.Enum) == 0 && schema.Format != "date-time" {
		l.find(where, "string without maxLength")
	}
	if schema.Type.Is("array") && schema.MaxItems == nil {
		l.find(where, "array without maxItems")
	}
}

// noFractions keeps floating point out of the API: money, quantities and rates are integers or text.
func (l *linter) noFractions(where string, ref *openapi3.SchemaRef) {
	if ref.Ref != "" {
		return
	}
	l.noFraction(where, ref.Value)
	for name, property := range ref.Value.Properties {
		l.noFractions(where+"/"+name, property)
	}
	if ref.Value.Items != nil {
		l.noFractions(where+"/*", ref.Value.Items)
	}
	if extra := ref.Value.AdditionalProperties.Schema; extra != nil {
		l.noFractions(where+"/*", extra)
	}
}

func (l *linter) noFraction(where string, schema *openapi3.Schema) {
	if schema.Type.Is("number") {
		l.find(where, "a number may have a fraction; use an integer or a string")
	}
	if schema.Type.Is("integer") && schema.Format != "" && schema.Format != "int64" {
		l.find(where, "integers are int64, not %s", schema.Format)
	}
}
