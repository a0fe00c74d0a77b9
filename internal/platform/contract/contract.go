// Package contract holds the server to its OpenAPI document: every request is checked against it before
// a handler sees it, every route must be in it and say who may call it, and in tests and development
// every answer is checked too.
//
// It owns the strictness of the edge (what is 400 and what is 422) and the enforcement of
// x-rialto-access. It knows no module and no business rule; it does not know how a key is verified.
//
// Its middlewares look an operation up by chi's route pattern, so they belong behind the routing:
// router.With(c.Middlewares(authenticate)...) is what modules mount their generated routes on. They
// then run before the generated code reads any parameter.
package contract

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-chi/chi/v5"
)

// DefaultMaxBody is the largest request body accepted unless Options say otherwise, in bytes.
const DefaultMaxBody = 1 << 20

// Options of a Contract. The zero value is for production.
type Options struct {
	// MaxBody is the largest request body accepted, in bytes; DefaultMaxBody when zero.
	MaxBody int64
	// CheckResponses holds answers back until they have been checked, and replaces those the
	// document does not allow by a 500. It costs memory and time: for tests and development.
	CheckResponses bool
	// Only says which operations are enforced; all when nil. The others are as if the document did not have them.
	Only func(Operation) bool
	// RefuseCards says which operations refuse bodies with card numbers or security codes anywhere in them; none when nil.
	RefuseCards func(Operation) bool
}

// Contract is a document ready to be enforced. It never changes, so all goroutines can use it.
type Contract struct {
	operations map[string]*operation
	options    Options
}

// Operation is what the document says about one route.
type Operation struct {
	ID      string
	Method  string
	Pattern string // as chi spells it: "/store/v1/carts/{id}"
	Tags    []string
	Access  Access
	// Idempotent operations take an Idempotency-Key.
	Idempotent bool
	// StreamLimit, when it is not 0, is how many bytes a body may have that the handler reads while it comes in.
	StreamLimit int64
}

// operation is an Operation prepared for checking requests and answers.
type operation struct {
	Operation
	path    []*parameter
	query   map[string]*parameter
	headers []*parameter
	body    *body
	answers *openapi3.Responses
}

// Load reads an OpenAPI 3.0 document, as YAML or JSON. It fails when the document is not valid or one of
// its examples does not match its own schema.
func Load(document []byte, options Options) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read OpenAPI document: %w", err)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("check OpenAPI document: %w", err)
	}
	if options.MaxBody == 0 {
		options.MaxBody = DefaultMaxBody
	}
	c := &Contract{operations: map[string]*operation{}, options: options}
	for pattern, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			prepared, err := newOperation(method, pattern, item, op)
			if err != nil {
				return nil, fmt.Errorf("prepare %s %s: %w", method, pattern, err)
			}
			if options.Only != nil && !options.Only(prepared.Operation) {
				continue
			}
			prepared.guard(options.RefuseCards)
			c.operations[method+" "+pattern] = prepared
		}
	}
	return c, nil
}

func newOperation(method, pattern string, item *openapi3.PathItem, spec *openapi3.Operation) (*operation, error) {
	access, _ := spec.Extensions["x-rialto-access"].(string)
	stream, _ := spec.Extensions["x-rialto-stream-limit"].(float64)
	op := &operation{
		Operation: Operation{ID: spec.OperationID, Method: method, Pattern: pattern, Tags: spec.Tags, Access: Access(access), StreamLimit: int64(stream)},
		query:     map[string]*parameter{},
		answers:   spec.Responses,
	}
	for _, ref := range slices.Concat(item.Parameters, spec.Parameters) {
		if overridden(ref.Value, item, spec) {
			continue
		}
		p, err := newParameter(ref.Value)
		if err != nil {
			return nil, err
		}
		op.add(p)
	}
	if spec.RequestBody != nil {
		op.body = newBody(spec.RequestBody.Value)
	}
	return op, nil
}

// overridden reports whether p stands on the path while the operation has its own version of it.
func overridden(p *openapi3.Parameter, item *openapi3.PathItem, spec *openapi3.Operation) bool {
	own := spec.Parameters.GetByInAndName(p.In, p.Name)
	return own != nil && own != p && item.Parameters.GetByInAndName(p.In, p.Name) == p
}

func (op *operation) add(p *parameter) {
	switch p.in {
	case openapi3.ParameterInPath:
		op.path = append(op.path, p)
	case openapi3.ParameterInQuery:
		op.query[p.name] = p
	case openapi3.ParameterInHeader:
		op.headers = append(op.headers, p)
		op.Idempotent = op.Idempotent || p.name == idempotencyKey
	}
}

// Operations returns all operations of the document, ordered by pattern and method.
func (c *Contract) Operations() []Operation {
	var all []Operation
	for _, op := range c.operations {
		all = append(all, op.Operation)
	}
	slices.SortFunc(all, func(a, b Operation) int {
		return strings.Compare(a.Pattern+" "+a.Method, b.Pattern+" "+b.Method)
	})
	return all
}

// Operation returns what the document says about the route that chi chose; found is false where it says nothing.
func (c *Contract) Operation(r *http.Request) (op Operation, found bool) {
	if op := c.operation(r); op != nil {
		return op.Operation, true
	}
	return Operation{}, false
}

// Middlewares returns the middlewares of this package in their order: answers are checked around
// everything, and who may call is decided before what they say is read.
func (c *Contract) Middlewares(authenticate Authenticate) []func(http.Handler) http.Handler {
	return []func(http.Handler) http.Handler{c.Responses, c.Authorize(authenticate), c.Validate}
}

// operation finds what the document says about the route that chi chose, or nil. HEAD is what GET is.
func (c *Contract) operation(r *http.Request) *operation {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return c.operations[method+" "+chi.RouteContext(r.Context()).RoutePattern()]
}
