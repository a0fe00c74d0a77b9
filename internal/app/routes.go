package app

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/cors"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// unlisted are routes that serve files and pages, which the API document does not describe.
func unlisted() []string {
	return []string{"GET /", "GET /docs/{file}", "GET /media/demo/{file}"}
}

// refusesCards says where what shoppers and staff write must hold no card data: a number that is stored once is stored in
// every backup.
func refusesCards(op contract.Operation) bool {
	for _, beginning := range []string{"/store/v1/", "/admin/v1/orders", "/admin/v1/payment-reviews"} {
		if strings.HasPrefix(op.Pattern, beginning) {
			return true
		}
	}
	return false
}

// corsMaxAge is how long, in seconds, a browser may keep the answer to a preflight request.
const corsMaxAge = 3600

// router mounts everything public. It fails when a route is missing in the document or says not who may call it.
func (a *App) router(api *contract.Contract, options httpserver.RouterOptions) (http.Handler, error) {
	router := httpserver.NewRouter(options)
	if !a.cfg.isApp() {
		a.mountProbes(router)
		return router, nil
	}
	router.Use(refuseOnce, allowBrowsers(), a.wakeRelays, pagination.Remember)
	checked := a.mountModules(router, api, a.authenticate)
	a.mountPlatform(checked)
	if err := a.mountEvents(checked); err != nil {
		return nil, err
	}
	a.mountPages(router)
	if err := a.mountAbsent(checked, api); err != nil {
		return nil, err
	}
	if err := api.CheckRoutes(router, unlisted()...); err != nil {
		return nil, err
	}
	return router, nil
}

// mountModules adds the routes of this process's modules, and answers the router on which requests are held to the document.
func (a *App) mountModules(router *chi.Mux, api *contract.Contract, identify contract.Authenticate) chi.Router {
	checked := router.With(append(api.Middlewares(identify), a.once(api))...)
	for _, module := range a.modules.here {
		module.Mount(checked)
	}
	return checked
}

// refuseOnce has a request that found no connection answered at once.
func refuseOnce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(sqldb.RefuseOnce(r.Context())))
	})
}

// allowBrowsers lets pages of any origin call the store API, show its pictures and read its document: there are no
// cookies, so an origin gains nothing by it. The admin API is not for browsers.
func allowBrowsers() func(http.Handler) http.Handler {
	allow := cors.Handler(cors.Options{
		AllowedOrigins: []string{"*"},
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"Accept", "Accept-Language", "Cart-Token", "Checkout-Token", "Content-Type", "Idempotency-Key",
			"If-Match", "If-None-Match", "Order-Token", "Traceparent", "X-Publishable-Key", "X-Request-Id"},
		ExposedHeaders: []string{"Age", "Content-Language", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After", "X-Request-Id"},
		MaxAge:         corsMaxAge,
	})
	return func(next http.Handler) http.Handler {
		allowed := allow(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/admin/") {
				next.ServeHTTP(w, r)
				return
			}
			allowed.ServeHTTP(w, r)
		})
	}
}

// wakeRelays has events delivered right after the request that caused them, instead of at the next poll.
func (a *App) wakeRelays(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			for _, relay := range a.relays {
				relay.Wake()
			}
		}
	})
}

// bearer is the scheme of RFC 6750; like every scheme it may be spelled in any case.
const bearer = "bearer "

// authenticate answers whose API key a request brings; without one it is anonymous.
func (a *App) authenticate(ctx context.Context, r *http.Request) (identity.Identity, error) {
	header := r.Header.Get("Authorization")
	if len(header) < len(bearer) || !strings.EqualFold(header[:len(bearer)], bearer) {
		return identity.Identity{}, nil
	}
	secret := header[len(bearer):]
	key, err := a.modules.access.Authenticate(ctx, access.AuthenticateRequest{Secret: secret})
	if err != nil {
		return identity.Identity{}, err
	}
	return identity.Identity{Kind: identity.APIKey, KeyID: key.ID, Name: key.Name, Scopes: key.Scopes}, nil
}

func (a *App) mountProbes(r chi.Router) {
	r.Get("/livez", httpserver.Livez)
	r.Get("/readyz", a.readiness.ServeHTTP)
}

func (a *App) mountPlatform(r chi.Router) {
	a.mountProbes(r)
	r.Get("/openapi.yaml", a.documents.YAML)
	r.Get("/openapi.json", a.documents.JSON)
	r.Get("/docs", a.documents.Page)
}

func (a *App) mountPages(r chi.Router) {
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/docs", http.StatusFound) })
	r.Get("/docs/{file}", a.documents.Asset)
	r.Get("/media/demo/{file}", a.demoPictures)
}
