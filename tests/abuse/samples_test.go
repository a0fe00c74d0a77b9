package abuse

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// words are texts of which one fits every pattern that the document has.
func words() []string {
	return []string{"sample", "DE", "EUR", "en", "19", "2026-01-02T03:04:05Z", "ada@example.com", "https://example.com", "catalog:read"}
}

// sample is a value that a schema allows, with every member that it names. It means nothing to the shop.
func sample(t testing.TB, schema *openapi3.Schema) any {
	t.Helper()
	switch {
	case len(schema.AllOf) > 0:
		return sample(t, schema.AllOf[0].Value)
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is(openapi3.TypeObject):
		return sampleObject(t, schema)
	case schema.Type.Is(openapi3.TypeArray):
		return []any{sample(t, schema.Items.Value)}
	case schema.Type.Is(openapi3.TypeBoolean):
		return true
	case schema.Type.Is(openapi3.TypeInteger):
		if schema.Min != nil {
			return int64(*schema.Min) + 1
		}
		return int64(1)
	}
	for _, word := range words() {
		if schema.VisitJSON(word, openapi3.EnableFormatValidation()) == nil {
			return word
		}
	}
	require.Fail(t, "no word fits", "pattern %s", schema.Pattern)
	return nil
}

func sampleObject(t testing.TB, schema *openapi3.Schema) any {
	t.Helper()
	object := map[string]any{}
	for name, property := range schema.Properties {
		object[name] = sample(t, property.Value)
	}
	if extra := schema.AdditionalProperties.Schema; extra != nil {
		object["anything"] = sample(t, extra.Value)
	}
	return object
}

// spot is a place in a body, and the schema that rules there.
type spot struct {
	path   []string
	schema *openapi3.Schema
}

// spots are all places of a sample of a schema.
func spots(schema *openapi3.Schema, path ...string) []spot {
	if len(schema.AllOf) > 0 {
		return spots(schema.AllOf[0].Value, path...)
	}
	found := []spot{{slices.Clone(path), schema}}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		found = append(found, spots(schema.Properties[name].Value, append(path, name)...)...)
	}
	if schema.Items != nil {
		found = append(found, spots(schema.Items.Value, append(path, "0")...)...)
	}
	return found
}

// put changes what is at a path of a sample; the last step of the path is added where it is missing.
func put(value any, path []string, what any) any {
	if len(path) == 0 {
		return what
	}
	switch here := value.(type) {
	case map[string]any:
		here[path[0]] = put(here[path[0]], path[1:], what)
	case []any:
		i, _ := strconv.Atoi(path[0])
		here[i] = put(here[i], path[1:], what)
	}
	return value
}

// pointer spells a path as problems do.
func pointer(path ...string) string {
	text := ""
	for _, step := range path {
		text += "/" + step
	}
	return text
}
