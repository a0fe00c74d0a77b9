package abuse

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
)

const jsonType = "application/json"

// document is what the tests are generated from.
type document struct {
	operations []operation
	problem    *openapi3.Schema
	codes      map[string]api.ErrorEntry
}

// operation is a row of the matrix: what the document says about a route.
type operation struct {
	contract.Operation
	spec *openapi3.Operation
}

// byCart is checking out by cart: the operation is open to all, but the cart that its body names is not.
const byCart = "createCheckout by cart"

var readDocument = sync.OnceValues(func() (*document, error) {
	rules, err := contract.Load(api.Document(), contract.Options{})
	if err != nil {
		return nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		return nil, err
	}
	d := &document{problem: spec.Components.Schemas["Problem"].Value, codes: map[string]api.ErrorEntry{}}
	for _, op := range rules.Operations() {
		// Providers prove who they are by a signature over bytes, not by what the document can say; see tests/payments.
		if strings.HasPrefix(op.Pattern, "/hooks/") {
			continue
		}
		d.operations = append(d.operations, operation{op, spec.Paths.Value(op.Pattern).GetOperation(op.Method)})
	}
	for _, entry := range api.Errors() {
		d.codes[entry.Code] = entry
	}
	return d, nil
})

func theDocument(t testing.TB) *document {
	t.Helper()
	d, err := readDocument()
	require.NoError(t, err)
	require.NotEmpty(t, d.operations)
	return d
}

// rows are the operations of the document, and checking out by cart as one of its own.
func (d *document) rows() []operation {
	rows := slices.Clone(d.operations)
	for _, op := range d.operations {
		if op.ID == "createCheckout" {
			op.ID, op.Access = byCart, contract.AccessCart
			rows = append(rows, op)
		}
	}
	return rows
}

// withBody are the operations that take a JSON body.
func (d *document) withBody() []operation {
	return slices.DeleteFunc(slices.Clone(d.operations), func(op operation) bool { return op.spec.RequestBody == nil || op.takesFile() })
}

// lists are the operations that answer pages.
func (d *document) lists() []operation {
	return slices.DeleteFunc(slices.Clone(d.operations), func(op operation) bool { return op.parameter("limit") == nil })
}

// scopes are all that API keys can have.
func (d *document) scopes() []string {
	found := map[string]bool{}
	for _, op := range d.operations {
		if scope, needed := op.Access.Scope(); needed {
			found[scope] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// policy is who may call an operation, by its path and its module: the admin API needs the scope to read or to write what
// the module owns, carts, checkouts and orders of shoppers need their tokens, and the rest of the store is open.
func (op operation) policy() contract.Access {
	verb := ":write"
	if op.reads() {
		verb = ":read"
	}
	// Staff who see to orders see to what leads to them, too.
	area := map[string]string{"checkout": "orders", "payments": "orders"}[op.Tags[0]]
	if area == "" {
		area = op.Tags[0]
	}
	for prefix, access := range map[string]contract.Access{"/admin/": contract.Access(area + verb), "/store/v1/carts/{id}": contract.AccessCart,
		"/store/v1/checkouts/{id}": contract.AccessCheckout, "/store/v1/orders/{id}": contract.AccessOrder} {
		if strings.HasPrefix(op.Pattern, prefix) {
			return access
		}
	}
	return contract.AccessPublic
}

// takesFile says whether the body is a file and not JSON.
func (op operation) takesFile() bool {
	return op.spec.RequestBody != nil && op.spec.RequestBody.Value.Content[jsonType] == nil
}

// schema is that of the request body.
func (op operation) schema() *openapi3.Schema {
	return op.spec.RequestBody.Value.Content[jsonType].Schema.Value
}

// parameter finds a parameter, or nil.
func (op operation) parameter(name string) *openapi3.Parameter {
	for _, ref := range op.spec.Parameters {
		if ref.Value.Name == name {
			return ref.Value
		}
	}
	return nil
}

// queries are the query parameters.
func (op operation) queries() []*openapi3.Parameter {
	var found []*openapi3.Parameter
	for _, ref := range op.spec.Parameters {
		if ref.Value.In == openapi3.ParameterInQuery {
			found = append(found, ref.Value)
		}
	}
	return found
}

// resource is the pattern as far as its last id, which names what the operation is about; "" when it has no id.
func (op operation) resource() string {
	return op.Pattern[:strings.LastIndex(op.Pattern, "}")+1]
}

// success is the status that a good request is answered with.
func (op operation) success() int {
	if op.Method == http.MethodPost && op.spec.Responses.Status(http.StatusCreated) != nil {
		return http.StatusCreated
	}
	codes := slices.Sorted(maps.Keys(op.spec.Responses.Map()))
	status, _ := strconv.Atoi(codes[0])
	return status
}

func (op operation) reads() bool { return op.Method == http.MethodGet }
