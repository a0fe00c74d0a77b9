package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

var (
	errInvalidParameter   = fault.New("invalid_parameter", "A parameter is not valid.")
	errUnknownParameter   = fault.New("unknown_parameter", "There is no such query parameter.")
	errDuplicateParameter = fault.New("duplicate_parameter", "A parameter is given twice.")
	errNotFound           = fault.New("not_found", "There is nothing here.")
)

const idempotencyKey = "Idempotency-Key"

// Validate answers requests that do not match the document and lets the others through, with their body
// ready to be read again. The order is path, query, headers, body; within the query and within the body
// all mistakes are told at once.
//
// A path parameter that cannot name anything is 404, like one that names nothing.
func (c *Contract) Validate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op := c.operation(r)
		if op == nil {
			problem.Write(w, r, fmt.Errorf("%s %s is not in the OpenAPI document", r.Method, r.URL.Path))
			return
		}
		if err := op.checkParameters(r); err != nil {
			problem.Write(w, r, err)
			return
		}
		if op.StreamLimit > 0 {
			op.stream(w, r, next)
			return
		}
		checked, err := op.checkBody(r, c.options.MaxBody)
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		next.ServeHTTP(w, checked)
	})
}

func (op *operation) checkParameters(r *http.Request) error {
	if err := op.checkPath(r); err != nil {
		return err
	}
	if err := op.checkQuery(r.URL.RawQuery); err != nil {
		return err
	}
	return op.checkHeaders(r.Header)
}

func (op *operation) checkPath(r *http.Request) error {
	if !storable(r.URL.Path) {
		return errInvalidParameter.Detailf("The path is not UTF-8 text, or holds U+0000.")
	}
	for _, p := range op.path {
		value := chi.URLParam(r, p.name)
		if r.URL.RawPath != "" { // chi then matched the escaped path
			unescaped, err := url.PathUnescape(value)
			if err != nil {
				return errNotFound.Wrap(err)
			}
			value = unescaped
		}
		if p.check([]string{value}) != "" {
			return errNotFound
		}
	}
	return nil
}

func (op *operation) checkQuery(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return errInvalidParameter.Detailf("The query cannot be read: an escape is incomplete, or a semicolon is not escaped.").Wrap(err)
	}
	var wrong refusals
	for name, values := range query {
		wrong.add(op.checkQueryValues(name, values), name)
	}
	for name, p := range op.query {
		if p.required && !query.Has(name) {
			wrong.add(errInvalidParameter.Detailf("%s is required.", name), name)
		}
	}
	return wrong.fault()
}

func (op *operation) checkQueryValues(name string, values []string) *fault.Error {
	p := op.query[name]
	switch {
	case p == nil:
		return errUnknownParameter.Detailf("There is no query parameter %q.", shorten(name))
	case len(values) > 1 && !p.list:
		return errDuplicateParameter.Detailf("%s is given %d times.", name, len(values))
	}
	if why := p.check(values); why != "" {
		return errInvalidParameter.Detailf("%s %s.", name, why)
	}
	return nil
}

func (op *operation) checkHeaders(header http.Header) error {
	for _, p := range op.headers {
		if err := p.checkHeader(header.Values(p.name)); err != nil {
			return err
		}
	}
	return nil
}

func (p *parameter) checkHeader(values []string) error {
	if len(values) == 0 {
		return p.checkAbsent()
	}
	if p.name == idempotencyKey {
		_, err := idempotency.ParseKey(values)
		return err
	}
	field := fault.Field{Members: map[string]any{"parameter": p.name}}
	if len(values) > 1 && !p.list {
		field.Code = errDuplicateParameter.Code
		return errDuplicateParameter.Detailf("The header %s is given %d times.", p.name, len(values)).With(field)
	}
	if why := p.check(values); why != "" {
		field.Code = errInvalidParameter.Code
		return errInvalidParameter.Detailf("The header %s %s.", p.name, why).With(field)
	}
	return nil
}

func (p *parameter) checkAbsent() error {
	if !p.required {
		return nil
	}
	code := p.missing
	if code == "" {
		code = errInvalidParameter.Code
	}
	return fault.New(code, "The header "+p.name+" is required.")
}

// refusals gathers what is wrong with the query. The one whose parameter sorts first gives the answer
// its code, so that the same request is always answered alike.
type refusals []refusal

type refusal struct {
	parameter string
	err       *fault.Error
}

func (rs *refusals) add(err *fault.Error, parameter string) {
	if err != nil && len(*rs) < maxFields {
		*rs = append(*rs, refusal{parameter: parameter, err: err})
	}
}

func (rs refusals) fault() error {
	if len(rs) == 0 {
		return nil
	}
	slices.SortFunc(rs, func(a, b refusal) int { return strings.Compare(a.parameter, b.parameter) })
	all := rs[0].err
	for _, r := range rs {
		all = all.With(fault.Field{
			Code: r.err.Code, Detail: r.err.Detail,
			Members: map[string]any{"parameter": shorten(r.parameter)},
		})
	}
	return all
}
