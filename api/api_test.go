package api_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	require.NoError(t, err)
	return doc
}

// check is all that a document has to pass: OpenAPI's own rules, its examples and the rules of lint.
func check(t *testing.T, doc *openapi3.T) []string {
	t.Helper()
	codes := map[string]bool{}
	for _, e := range api.Errors() {
		codes[e.Code] = true
	}
	findings := lint(doc, codes)
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		findings = append(findings, err.Error())
	}
	return findings
}

func TestTheDocumentIsOpenAPI303AndPassesTheLint(t *testing.T) {
	doc := load(t)

	assert.Equal(t, "3.0.3", doc.OpenAPI)
	assert.Empty(t, check(t, doc))
}

func TestTheDocumentCannotBeChangedByItsReaders(t *testing.T) {
	api.Document()[0] = 'X'

	assert.Equal(t, byte('o'), api.Document()[0])
}

func TestEveryErrorCodeIsUniqueAndExplained(t *testing.T) {
	codeForm := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]bool{}

	for _, e := range api.Errors() {
		assert.Regexp(t, codeForm, e.Code)
		assert.False(t, seen[e.Code], "%s is listed twice", e.Code)
		assert.True(t, e.Status >= 400 && e.Status <= 599, "%s has status %d", e.Code, e.Status)
		assert.NotEmpty(t, e.Title, e.Code)
		assert.NotEmpty(t, e.Description, e.Code)
		seen[e.Code] = true
	}
	assert.NotEmpty(t, seen)
}

func TestTheLintCatchesWhatIsPlanted(t *testing.T) {
	livez := func(doc *openapi3.T) *openapi3.Operation { return doc.Paths.Value("/livez").Get }
	cases := []struct {
		name  string
		plant func(doc *openapi3.T)
		want  string
	}{
		{"an example that does not validate", func(doc *openapi3.T) {
			doc.Components.Examples["Health"].Value.Value = map[string]any{"status": "poorly"}
		}, "poorly"},
		{"a request example with a field that does not exist", func(doc *openapi3.T) {
			body := doc.Paths.Value("/store/v1/carts").Post.RequestBody.Value.Content["application/json"]
			body.Example = map[string]any{"unit_price": 1}
		}, "unit_price"},
		{"an operation without x-rialto-access", func(doc *openapi3.T) { delete(livez(doc).Extensions, "x-rialto-access") },
			"GET /livez: x-rialto-access is missing or unknown"},
		{"an unknown scope", func(doc *openapi3.T) { livez(doc).Extensions["x-rialto-access"] = "catalog:admin" },
			"x-rialto-access is missing or unknown"},
		{"security that does not fit", func(doc *openapi3.T) { livez(doc).Extensions["x-rialto-access"] = "catalog:read" },
			"does not fit x-rialto-access catalog:read"},
		{"an operation without operationId", func(doc *openapi3.T) { livez(doc).OperationID = "" }, "GET /livez: no operationId"},
		{"an operationId used twice", func(doc *openapi3.T) { livez(doc).OperationID = "readyz" }, "operationId readyz is also"},
		{"an operation without summary", func(doc *openapi3.T) { livez(doc).Summary = "" }, "no summary"},
		{"an operation without description", func(doc *openapi3.T) { livez(doc).Description = "" }, "no description"},
		{"two tags", func(doc *openapi3.T) { livez(doc).Tags = []string{"cart", "tax"} }, "not one declared module"},
		{"an unknown tag", func(doc *openapi3.T) { livez(doc).Tags = []string{"misc"} }, "not one declared module"},
		{"no problem response", func(doc *openapi3.T) { livez(doc).Responses.Delete("default") }, "no application/problem+json response"},
		{"an answer without example", func(doc *openapi3.T) {
			livez(doc).Responses.Value("200").Value.Content["application/json"].Examples = nil
		}, "GET /livez response 200: no example"},
		{"a body without example", func(doc *openapi3.T) {
			doc.Paths.Value("/store/v1/carts").Post.RequestBody.Value.Content["application/json"].Example = nil
		}, "POST /store/v1/carts request application/json: no example"},
		{"an example with an unlisted code", func(doc *openapi3.T) {
			doc.Components.Examples["ProblemNotFound"].Value.Value.(map[string]any)["code"] = "gone_fishing"
		}, `code "gone_fishing" is not in errors.yaml`},
		{"a description with an unlisted code", func(doc *openapi3.T) { livez(doc).Description = "Errors: `not_found`, `gone_fishing`." },
			`GET /livez description: code "gone_fishing" is not in errors.yaml`},
		{"a request object that takes unknown fields", func(doc *openapi3.T) {
			doc.Components.Schemas["CartPatch"].Value.AdditionalProperties = openapi3.BoolSchema{}
		}, "object takes unknown fields"},
		{"a request string without end", func(doc *openapi3.T) {
			doc.Components.Schemas["Address"].Value.Properties["city"].Value.MaxLength = nil
		}, "city: string without maxLength"},
		{"a request array without end", func(doc *openapi3.T) {
			doc.Components.Schemas["CartLinesAdd"].Value.Properties["lines"].Value.MaxItems = nil
		}, "lines: array without maxItems"},
		{"a required header without a code for its absence", func(doc *openapi3.T) {
			delete(doc.Components.Parameters["IfMatchParam"].Value.Extensions, "x-rialto-missing")
		}, "If-Match x-rialto-missing: code"},
		{"a number", func(doc *openapi3.T) {
			doc.Components.Schemas["Totals"].Value.Properties["rate"] = openapi3.NewFloat64Schema().NewRef()
		}, "components/schemas/Totals/rate: a number may have a fraction"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc := load(t)

			c.plant(doc)

			assert.Contains(t, strings.Join(check(t, doc), "\n"), c.want)
		})
	}
}
