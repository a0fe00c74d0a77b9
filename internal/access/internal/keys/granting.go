package keys

import (
	"context"
	"slices"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// GrantRequest names a key and what it may do: either as a role or scope by scope.
type GrantRequest struct {
	Name   string
	Role   string
	Scopes []string
}

// Grant makes a key on behalf of a caller, who can give only what the caller has.
// Errors: access.ErrUnknownRole, access.ErrInvalidKey, access.ErrForbidden.
func (k *Keys) Grant(ctx context.Context, callerScopes []string, req GrantRequest) (access.CreatedKey, error) {
	wanted, err := req.wanted()
	if err != nil {
		return access.CreatedKey{}, err
	}
	for _, scope := range wanted {
		if !slices.Contains(callerScopes, scope) {
			return access.CreatedKey{}, access.ErrForbidden.Detailf("a key cannot give %s, which it does not have", scope)
		}
	}
	return k.create(ctx, NewKey{Name: req.Name, Role: req.Role, Scopes: wanted})
}

// wanted answers the scopes that the key is to have.
func (r GrantRequest) wanted() ([]string, error) {
	if (r.Role == "") == (len(r.Scopes) == 0) {
		return nil, access.ErrInvalidKey.With(fault.Field{Pointer: "/scopes", Code: "invalid_value", Detail: "send either role or scopes"})
	}
	if r.Role != "" {
		return scopesOf(r.Role)
	}
	for i, scope := range r.Scopes {
		if !slices.Contains(AllScopes(), scope) {
			return nil, access.ErrInvalidKey.With(fault.Field{
				Pointer: "/scopes/" + strconv.Itoa(i), Code: "invalid_value", Detail: "there is no such scope"})
		}
	}
	return r.Scopes, nil
}
