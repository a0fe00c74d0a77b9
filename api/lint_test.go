package api_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// modules are the tags an operation may have.
var modules = []string{
	"storefront", "cart", "checkout", "orders", "catalog", "pricing", "inventory",
	"channels", "fulfillment", "tax", "integrations", "payments", "access", "events", "platform",
}

// access are the values of x-rialto-access beside the scopes.
var access = []string{"public", "cart", "checkout", "order"}

var scope = regexp.MustCompile(`^(catalog|pricing|inventory|channels|fulfillment|tax|orders|integrations|access|events):(read|write)$`)

// linter collects what is wrong with a document, one sentence for each finding.
type linter struct {
	doc      *openapi3.T
	codes    map[string]bool
	ids      map[string]string
	findings []string
}

// lint checks a loaded document against the rules of this repository that OpenAPI itself does not have.
// codes are the error codes that exist.
func lint(doc *openapi3.T, codes map[string]bool) []string {
	l := &linter{doc: doc, codes: codes, ids: map[string]string{}}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			l.operation(method+" "+path, op)
		}
	}
	for name, example := range doc.Components.Examples {
		l.exampleCodes("components/examples/"+name, example.Value.Value)
	}
	for name, schema := range doc.Components.Schemas {
		l.noFractions("components/schemas/"+name, schema)
	}
	slices.Sort(l.findings)
	return slices.Compact(l.findings)
}

func (l *linter) find(where, format string, args ...any) {
	l.findings = append(l.findings, where+": "+fmt.Sprintf(format, args...))
}

func (l *linter) operation(where string, op *openapi3.Operation) {
	l.identity(where, op)
	l.access(where, op)
	l.descriptionCodes(where, op.Description)
	for _, p := range op.Parameters {
		l.parameter(where+" parameter "+p.Value.Name, p.Value)
	}
	if op.RequestBody != nil {
		l.requestBody(where, op.RequestBody.Value)
	}
	l.responses(where, op)
}

func (l *linter) identity(where string, op *openapi3.Operation) {
	if op.OperationID == "" {
		l.find(where, "no operationId")
	}
	if other, taken := l.ids[op.OperationID]; taken {
		l.find(where, "operationId %s is also that of %s", op.OperationID, other)
	}
	l.ids[op.OperationID] = where
	if op.Summary == "" {
		l.find(where, "no summary")
	}
	if op.Description == "" {
		l.find(where, "no description")
	}
	if len(op.Tags) != 1 || !slices.Contains(modules, op.Tags[0]) || l.doc.Tags.Get(op.Tags[0]) == nil {
		l.find(where, "tags %v are not one declared module", op.Tags)
	}
}

// access also compares the declared security with x-rialto-access, since clients read the one and the
// server the other.
func (l *linter) access(where string, op *openapi3.Operation) {
	who, _ := op.Extensions["x-rialto-access"].(string)
	if !slices.Contains(access, who) && !scope.MatchString(who) {
		l.find(where, "x-rialto-access is missing or unknown: %q", who)
		return
	}
	if op.Security == nil || len(*op.Security) == 0 {
		l.find(where, "no security")
		return
	}
	want := map[string]string{"public": "", "cart": "cartToken", "checkout": "checkoutToken", "order": "orderToken"}
	scheme, tokens := want[who]
	if !tokens {
		scheme = "apiKey"
	}
	first := slices.Collect(maps.Keys((*op.Security)[0]))
	if strings.Join(first, ",") != scheme {
		l.find(where, "security %v does not fit x-rialto-access %s", first, who)
	}
}

// parameter demands a code for each required header, since their absence has meanings of its own (428,
// for one).
func (l *linter) parameter(where string, p *openapi3.Parameter) {
	l.strings(where, p.Schema, p.In == openapi3.ParameterInQuery)
	if p.In == openapi3.ParameterInHeader && p.Required {
		l.knownCode(where+" x-rialto-missing", p.Extensions["x-rialto-missing"])
	}
}

func (l *linter) requestBody(where string, body *openapi3.RequestBody) {
	for mediaType, content := range body.Content {
		at := where + " request " + mediaType
		l.examples(at, content)
		l.closed(at, content.Schema, map[*openapi3.Schema]bool{})
	}
}

func (l *linter) responses(where string, op *openapi3.Operation) {
	problem := false
	for status, response := range op.Responses.Map() {
		at := where + " response " + status
		for mediaType, content := range response.Value.Content {
			problem = problem || mediaType == "application/problem+json"
			if mediaType == "application/json" && strings.HasPrefix(status, "2") {
				l.examples(at, content)
			}
			if mediaType == "application/json" && !strings.HasPrefix(status, "2") {
				l.find(at, "an error is not application/problem+json")
			}
			l.exampleCodesOf(at, content)
		}
	}
	if !problem {
		l.find(where, "no application/problem+json response")
	}
}

func (l *linter) examples(where string, content *openapi3.MediaType) {
	if content.Example == nil && len(content.Examples) == 0 {
		l.find(where, "no example")
	}
}

func (l *linter) exampleCodesOf(where string, content *openapi3.MediaType) {
	l.exampleCodes(where, content.Example)
	for name, example := range content.Examples {
		l.exampleCodes(where+" example "+name, example.Value.Value)
	}
}

// exampleCodes looks at problems only: "code" names other things in other schemas.
func (l *linter) exampleCodes(where string, value any) {
	problem, _ := value.(map[string]any)
	if problem["type"] == nil || problem["status"] == nil {
		return
	}
	l.knownCode(where, problem["code"])
	fields, _ := problem["errors"].([]any)
	for _, field := range fields {
		entry, _ := field.(map[string]any)
		l.knownCode(where, entry["code"])
	}
}

func (l *linter) knownCode(where string, code any) {
	name, _ := code.(string)
	if !l.codes[name] {
		l.find(where, "code %q is not in errors.yaml", name)
	}
}

var (
	errorSentence = regexp.MustCompile(`Errors: ([^.]*)\.`)
	quoted        = regexp.MustCompile("`([a-z_]+)`")
)

func (l *linter) descriptionCodes(where, description string) {
	for _, sentence := range errorSentence.FindAllStringSubmatch(description, -1) {
		for _, name := range quoted.FindAllStringSubmatch(sentence[1], -1) {
			l.knownCode(where+" description", name[1])
		}
	}
}
