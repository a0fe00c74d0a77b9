package contract

import (
	"context"
	"fmt"
	"net/http"
	"regexp"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

// Access says who may call an operation: the value of its x-rialto-access.
type Access string

const (
	// AccessPublic operations are open to everybody and read no credentials.
	AccessPublic Access = "public"
	// AccessCart, AccessCheckout and AccessOrder operations are open to the holder of the token of
	// the thing they name. Only its module can tell, so the handler checks the token.
	AccessCart     Access = "cart"
	AccessCheckout Access = "checkout"
	AccessOrder    Access = "order"
)

var (
	errUnauthenticated = fault.New("unauthenticated", "Send a valid API key as Authorization: Bearer sk_...")
	errForbidden       = fault.New("forbidden", "The API key may not do this.")

	scopePattern = regexp.MustCompile(`^[a-z]+([_-][a-z]+)*:(read|write)$`)
)

// Scope returns the scope that an API key needs; ok is false where no key is needed.
func (a Access) Scope() (scope string, ok bool) {
	if !scopePattern.MatchString(string(a)) {
		return "", false
	}
	return string(a), true
}

// Known reports whether a is one of the values that the server can enforce.
func (a Access) Known() bool {
	switch a {
	case AccessPublic, AccessCart, AccessCheckout, AccessOrder:
		return true
	default:
		return scopePattern.MatchString(string(a))
	}
}

// Authenticate tells who sends a request by its credentials. An error is answered as it is; one
// without credentials, or with wrong ones, is the fault unauthenticated or an anonymous identity.
type Authenticate func(ctx context.Context, r *http.Request) (identity.Identity, error)

// Authorize lets a request through to an operation that its sender may call, with the sender in the
// context for identity.From. authenticate is asked only where the operation needs the scope of an API
// key; elsewhere the Authorization header is not looked at, so that it cannot split a cache. An
// operation whose access is not known is closed to everybody.
func (c *Contract) Authorize(authenticate Authenticate) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			caller, err := c.admit(r, authenticate)
			if err != nil {
				problem.Write(w, r, err)
				return
			}
			caller.PublishableKey = publishableKey(r)
			next.ServeHTTP(w, r.WithContext(identity.With(r.Context(), caller)))
		})
	}
}

func (c *Contract) admit(r *http.Request, authenticate Authenticate) (identity.Identity, error) {
	op := c.operation(r)
	if op == nil || !op.Access.Known() {
		return identity.Identity{}, fmt.Errorf("no access policy for %s %s", r.Method, r.URL.Path)
	}
	scope, needed := op.Access.Scope()
	if !needed {
		return identity.Identity{}, nil
	}
	caller, err := authenticate(r.Context(), r)
	if err != nil {
		return identity.Identity{}, fmt.Errorf("authenticate: %w", err)
	}
	if caller.Kind == identity.Anonymous {
		return identity.Identity{}, errUnauthenticated
	}
	if !caller.Has(scope) {
		return identity.Identity{}, errForbidden.Detailf("The API key lacks the scope %s.", scope)
	}
	return caller, nil
}

// publishableKey prefers the query, which is part of a cache's key, to the header, which is not.
func publishableKey(r *http.Request) string {
	if key := r.URL.Query().Get("key"); key != "" {
		return key
	}
	return r.Header.Get("X-Publishable-Key")
}
