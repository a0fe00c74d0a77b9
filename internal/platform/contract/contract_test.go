package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
)

const document = `
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /things:
    get:
      operationId: listThings
      tags: [things]
      x-rialto-access: public
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: q, in: query, schema: {type: string, maxLength: 20}}
        - {name: in_stock, in: query, schema: {type: boolean}}
        - {name: rate, in: query, schema: {type: number}}
        - {name: after, in: query, schema: {type: string, format: date-time}}
        - {name: sort, in: query, schema: {allOf: [{$ref: '#/components/schemas/Kind'}]}}
        - {name: tag, in: query, schema: {type: array, maxItems: 2, items: {type: string, minLength: 1}}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: X-Level, in: header, schema: {type: integer, maximum: 5}}
      responses:
        '200':
          description: Things.
          headers:
            ETag: {required: true, schema: {type: string}}
            X-Total: {schema: {type: integer}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '204': {description: Nothing.}
        '304': {description: Nothing new.}
        '4XX': {$ref: '#/components/responses/Problem'}
    post:
      operationId: createThing
      tags: [things]
      x-rialto-access: things:write
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Thing'}}
          text/csv: {}
      responses: {default: {$ref: '#/components/responses/Problem'}}
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, maxLength: 20}}
    patch:
      operationId: changeThing
      x-rialto-access: cart
      parameters:
        - {name: If-Match, in: header, required: true, x-rialto-missing: precondition_required, schema: {type: string}}
        - {name: X-Must, in: header, required: true, schema: {type: string}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {default: {$ref: '#/components/responses/Problem'}}
    delete:
      operationId: removeThing
      x-rialto-access: order
      parameters:
        - {name: must, in: query, required: true, schema: {type: string}}
      responses: {'204': {description: Gone.}}
  /orders:
    post:
      operationId: order
      x-rialto-access: checkout
      parameters:
        - {name: Idempotency-Key, in: header, required: true, x-rialto-missing: idempotency_key_required, schema: {type: string}}
      responses: {'204': {description: Ordered.}}
components:
  responses:
    Problem:
      description: A problem.
      content: {application/problem+json: {schema: {type: object, required: [code], properties: {code: {type: string}}}}}
  schemas:
    Kind: {type: string, enum: [small, large]}
    Address:
      type: object
      required: [city]
      properties: {city: {type: string, minLength: 1}, floor: {type: integer}}
    Thing:
      type: object
      properties:
        name: {type: string, minLength: 2, maxLength: 5, pattern: '^[a-zé😀-]*$'}
        quantity: {type: integer, format: int64, minimum: 1, maximum: 1000000}
        amount: {type: integer, format: int64}
        weight: {type: number}
        kind: {$ref: '#/components/schemas/Kind'}
        on: {type: boolean}
        when: {type: string, format: date-time}
        day: {type: string, format: date}
        email: {type: string, format: email, nullable: true}
        address: {allOf: [{$ref: '#/components/schemas/Address'}], nullable: true}
        tags: {type: array, minItems: 1, maxItems: 3, uniqueItems: true, items: {type: string, maxLength: 3}}
        metadata: {type: object, maxProperties: 2, additionalProperties: {type: string, maxLength: 4}}
        counts: {type: object, additionalProperties: {type: integer}}
        free: {type: object}
        any: {}
        parts: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        either:
          oneOf:
            - {type: object, required: [a], properties: {a: {type: integer}}}
            - {type: object, required: [b], properties: {b: {type: string}}}
`

// served is a router whose handlers answer what the contract let through.
type served struct {
	http.Handler
	reached int
	body    string
	caller  identity.Identity
}

func serve(t *testing.T, options contract.Options) *served {
	t.Helper()
	c, err := contract.Load([]byte(document), options)
	require.NoError(t, err)
	s := &served{}
	router := chi.NewRouter()
	handler := func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		s.reached, s.body, s.caller = s.reached+1, string(data), identity.From(r.Context())
		w.WriteHeader(http.StatusNoContent)
	}
	mounted := router.With(c.Middlewares(authenticate)...)
	for _, op := range c.Operations() {
		mounted.MethodFunc(op.Method, op.Pattern, handler)
	}
	s.Handler = router
	return s
}

func authenticate(_ context.Context, r *http.Request) (identity.Identity, error) {
	switch r.Header.Get("Authorization") {
	case "":
		return identity.Identity{}, nil
	case "Bearer writer":
		return identity.Identity{Kind: identity.APIKey, KeyID: "k1", Scopes: []string{"things:write"}}, nil
	case "Bearer reader":
		return identity.Identity{Kind: identity.APIKey, KeyID: "k2", Scopes: []string{"things:read"}}, nil
	case "Bearer outage":
		return identity.Identity{}, fault.New("unavailable", "").Wrap(errors.New("dial tcp 10.0.0.7"))
	default:
		return identity.Identity{}, fault.New("unauthenticated", "No such key.")
	}
}

type answer struct {
	status int
	header http.Header
	code   string
	detail string
	body   string
	errors []map[string]any
}

func (s *served) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	s.reached, s.body = 0, ""
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	got := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if w.Code >= 400 {
		assert.Zero(t, s.reached, "refused requests must not reach the handler")
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		var doc struct {
			Code, Detail string
			Errors       []map[string]any
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc), w.Body.String())
		got.code, got.detail, got.errors = doc.Code, doc.Detail, doc.Errors
	}
	return got
}

func (s *served) get(t *testing.T, target string) answer {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, target, nil))
}

func (s *served) post(t *testing.T, body string) answer {
	t.Helper()
	return s.do(t, postRequest(strings.NewReader(body)))
}

func postRequest(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/things", body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer writer")
	return r
}

// places returns pointer (or parameter) and code of each error.
func (a answer) places() []string {
	var all []string
	for _, e := range a.errors {
		place, ok := e["pointer"]
		if !ok {
			place = e["parameter"]
		}
		text, _ := place.(string)
		all = append(all, text+" "+e["code"].(string))
	}
	return all
}

func TestADocumentThatIsNotOneIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not YAML":         "a: [",
		"not OpenAPI":      "a: 1",
		"dangling":         strings.Replace(document, "schemas/Kind'", "schemas/Nobody'", 1),
		"schema":           strings.Replace(document, "type: boolean", "type: bool", 1),
		"object parameter": strings.Replace(document, "schema: {type: boolean}}", "schema: {type: object}}", 1),
	} {
		_, err := contract.Load([]byte(text), contract.Options{})
		assert.Error(t, err, name)
	}
}

func TestAnExampleThatDoesNotValidateIsRefused(t *testing.T) {
	good := strings.Replace(document, "text/csv: {}", "text/csv: {schema: {type: string}, example: abc}", 1)
	_, err := contract.Load([]byte(good), contract.Options{})
	require.NoError(t, err)

	bad := strings.Replace(document, "text/csv: {}", "text/csv: {schema: {type: string}, example: 7}", 1)
	_, err = contract.Load([]byte(bad), contract.Options{})
	assert.ErrorContains(t, err, "example")
}

func TestOperationsAreListedWithTheirAccess(t *testing.T) {
	c, err := contract.Load([]byte(document), contract.Options{})
	require.NoError(t, err)

	var got []string
	for _, op := range c.Operations() {
		got = append(got, op.Method+" "+op.Pattern+" "+op.ID+" "+string(op.Access))
	}

	assert.Equal(t, []string{
		"POST /orders order checkout",
		"GET /things listThings public",
		"POST /things createThing things:write",
		"DELETE /things/{id} removeThing order",
		"PATCH /things/{id} changeThing cart",
	}, got)
}

func TestAHandlerCanAskWhichOperationItServes(t *testing.T) {
	c, err := contract.Load([]byte(document), contract.Options{})
	require.NoError(t, err)
	asked := map[string]bool{}
	router := chi.NewRouter()
	ask := func(_ http.ResponseWriter, r *http.Request) {
		op, found := c.Operation(r)
		asked[op.ID] = found && op.Idempotent
	}
	router.Post("/orders", ask)
	router.Delete("/things/{id}", ask)
	router.Get("/elsewhere", ask)

	for _, call := range [][2]string{{"POST", "/orders"}, {"DELETE", "/things/7"}, {"GET", "/elsewhere"}} {
		router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(call[0], call[1], nil))
	}

	assert.Equal(t, map[string]bool{"order": true, "removeThing": false, "": false}, asked)
}
