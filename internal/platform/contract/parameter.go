package contract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is a path, query or header parameter that the document declares.
type parameter struct {
	name, in string
	required bool
	// missing is the code that answers the absence of a required header, from x-rialto-missing.
	missing string
	schema  *openapi3.Schema
	// scalar is the JSON type of the value, or of each value of a list.
	scalar  string
	list    bool
	explode bool // a list repeats its parameter instead of using commas
}

func newParameter(p *openapi3.Parameter) (*parameter, error) {
	if p.Schema == nil {
		return nil, fmt.Errorf("parameter %s has no schema", p.Name)
	}
	method, err := p.SerializationMethod()
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
	}
	missing, _ := p.Extensions["x-rialto-missing"].(string)
	prepared := &parameter{
		name: p.Name, in: p.In, required: p.Required, missing: missing,
		schema: p.Schema.Value, scalar: typeOf(p.Schema.Value), explode: method.Explode,
	}
	switch prepared.scalar {
	case openapi3.TypeArray:
		prepared.list = true
		prepared.scalar = typeOf(p.Schema.Value.Items.Value)
	case openapi3.TypeObject:
		return nil, fmt.Errorf("parameter %s is an object; parameters are flat", p.Name)
	}
	return prepared, nil
}

// typeOf looks through allOf, which wraps a reference to give it a description.
func typeOf(schema *openapi3.Schema) string {
	for _, s := range flatten([]*openapi3.Schema{schema}) {
		if types := s.Type.Slice(); len(types) == 1 {
			return types[0]
		}
	}
	return openapi3.TypeString
}

// check returns what is wrong with the values of a parameter that has been sent, or "".
func (p *parameter) check(values []string) string {
	for _, v := range values {
		if !storable(v) {
			return "is not UTF-8 text, or holds U+0000"
		}
	}
	value, ok := p.decode(values)
	if !ok {
		return "must be " + typeName(p.scalar)
	}
	fields := explain(p.schema, value, requestRules())
	if len(fields) == 0 {
		return ""
	}
	return fields[0].Detail
}

func (p *parameter) decode(values []string) (any, bool) {
	if !p.list {
		return decodeScalar(p.scalar, values[0])
	}
	if !p.explode {
		values = splitList(values)
	}
	items := make([]any, len(values))
	for i, v := range values {
		item, ok := decodeScalar(p.scalar, v)
		if !ok {
			return nil, false
		}
		items[i] = item
	}
	return items, true
}

func splitList(values []string) []string {
	parts := strings.Split(strings.Join(values, ","), ",")
	for i := range parts {
		parts[i] = strings.Trim(parts[i], " \t")
	}
	return parts
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// decodeScalar is as strict about a parameter as about JSON: 1.0, 1e3, +1 and 010 are no integers.
func decodeScalar(scalar, text string) (any, bool) {
	switch scalar {
	case openapi3.TypeInteger:
		return json.Number(text), isCanonicalInteger(text)
	case openapi3.TypeNumber:
		return json.Number(text), jsonNumber.MatchString(text)
	case openapi3.TypeBoolean:
		return text == "true", text == "true" || text == "false"
	default:
		return text, true
	}
}

// isCanonicalInteger reports whether text is the canonical spelling of an int64; -0 is not.
func isCanonicalInteger(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == text
}

// storable reports whether PostgreSQL can keep s as text.
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
}
