package contract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// CheckRoutes compares what a router serves with what the document says, and is to be asked before the
// server listens. It fails for a route that is not in the document or whose access is missing or
// unknown, and for an operation that no route serves. exempt names routes, spelled
// "GET /internal/probe", that may be in one of the two only.
func (c *Contract) CheckRoutes(routes chi.Routes, exempt ...string) error {
	mounted := map[string]bool{}
	err := chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		mounted[method+" "+spell(route)] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("walk routes: %w", err)
	}
	var wrong []error
	for key := range mounted {
		wrong = append(wrong, c.checkMounted(key, exempt))
	}
	for key := range c.operations {
		if !mounted[key] && !slices.Contains(exempt, key) {
			wrong = append(wrong, fmt.Errorf("%s is in the OpenAPI document but not mounted", key))
		}
	}
	slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return errors.Join(wrong...)
}

func (c *Contract) checkMounted(key string, exempt []string) error {
	op := c.operations[key]
	switch {
	case op == nil && slices.Contains(exempt, key):
		return nil
	case op == nil:
		return fmt.Errorf("%s is mounted but not in the OpenAPI document", key)
	case op.Access == "":
		return fmt.Errorf("%s does not say who may call it (x-rialto-access)", key)
	case !op.Access.Known():
		return fmt.Errorf("%s has the unknown access %q", key, op.Access)
	default:
		return nil
	}
}

// spell writes a route of chi.Walk the way RoutePattern does, without the seams of mounted routers.
func spell(route string) string {
	route = strings.ReplaceAll(route, "/*/", "/")
	if route == "/" {
		return route
	}
	return strings.TrimSuffix(route, "/")
}
