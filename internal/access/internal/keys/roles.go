package keys

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/access"
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
	for _, area := range []string{"access", "catalog", "channels", "fulfillment", "inventory", "orders", "pricing", "tax"} {
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

// ScopesOf answers the scopes of a role, and whether there is such a role.
func ScopesOf(name string) ([]string, bool) {
	for _, role := range Roles() {
		if role.Name == name {
			return role.Scopes, true
		}
	}
	return nil, false
}

func without(scopes []string, drop func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(scopes), drop)
}

func pointer(i int) string { return "/scopes/" + strconv.Itoa(i) }
