package keys

import (
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Role is a named set of scopes.
type Role struct {
	Name        string
	Description string
	Scopes      []string
}

// AllScopes are every scope there is: reading and writing of each area of the admin API.
func AllScopes() []string {
	var scopes []string
	for _, area := range []string{"access", "catalog", "channels", "events", "fulfillment", "integrations", "inventory", "orders", "pricing", "tax"} {
		scopes = append(scopes, area+":read", area+":write")
	}
	return scopes
}

// Roles answers the roles, the mightiest first. Staff run the shop but neither hand out keys nor change channels.
func Roles() []Role {
	staff := without(AllScopes(), func(s string) bool { return strings.HasPrefix(s, "access:") || s == "channels:write" })
	reading := without(staff, func(s string) bool { return strings.HasSuffix(s, ":write") })
	return []Role{
		{access.RoleOwner, "Does everything, including handing out keys.", AllScopes()},
		{access.RoleStaff, "Runs the shop: products, prices, stock, delivery, tax and orders.", staff},
		{access.RoleReadOnly, "Reads everything but keys, and changes nothing.", reading},
	}
}

func scopesOf(name string) ([]string, error) {
	for _, role := range Roles() {
		if role.Name == name {
			return role.Scopes, nil
		}
	}
	return nil, access.ErrUnknownRole.With(fault.Field{Pointer: "/role", Code: "invalid_value"})
}

func without(scopes []string, drop func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(scopes), drop)
}
