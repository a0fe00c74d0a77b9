package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/app/eventsapi"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/passport"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

// neighbors is how the processes of a shop know and reach each other.
type neighbors struct {
	cfg     Config
	tokens  remote.Tokens
	office  *passport.Office
	metrics *remote.Metrics
	tracer  *tracing.Tracer
	// lines are the connections of requests that are passed on.
	lines *http.Transport
}

// newNeighbors answers nil for a shop of one process.
func (a *App) newNeighbors() (*neighbors, error) {
	if !a.cfg.split() {
		return nil, nil
	}
	tokens, err := a.cfg.tokens()
	if err != nil {
		return nil, err
	}
	office, err := passport.NewOffice(strings.Split(a.cfg.InternalToken, ","), failpoint.Now)
	if err != nil {
		return nil, err
	}
	return &neighbors{cfg: a.cfg, tokens: tokens, office: office, metrics: remote.NewMetrics(a.metrics), tracer: a.tracer,
		lines: remote.NewTransport()}, nil
}

// caller answers how a module is called that another process has; nil for one of this process.
func (n *neighbors) caller(module string) *remote.Caller {
	if n == nil || n.cfg.has(module) {
		return nil
	}
	return remote.NewCaller(remote.Config{
		Module: module, URL: n.cfg.elsewhere(module), Tokens: n.tokens, Metrics: n.metrics, Tracer: n.tracer})
}

// outerHeader is the key of what this process says in the header of an answer that comes from another.
type outerHeader struct{}

// forward passes requests on to the process that has a module, which hears who asks.
func (n *neighbors) forward(module string) (http.Handler, error) {
	target, err := url.Parse(n.cfg.elsewhere(module))
	if err != nil {
		return nil, fmt.Errorf("address of %s: %w", module, err)
	}
	proxy := &httputil.ReverseProxy{
		Transport: n.lines,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Header.Set(inbound.Header, inbound.RequestID(p.In.Context()))
			tracing.Show(p.In.Context(), p.Out.Header)
			n.tokens.Show(p.Out)
		},
		ModifyResponse: preferInner,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			problem.Write(w, r, remote.Broken(r.Context(), err))
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := n.office.Issue(r, module, identity.From(r.Context())); err != nil {
			problem.Write(w, r, err)
			return
		}
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), outerHeader{}, w.Header())))
	}), nil
}

// preferInner has the module's word count where this process has said something as well.
func preferInner(res *http.Response) error {
	outer, _ := res.Request.Context().Value(outerHeader{}).(http.Header)
	for name := range res.Header {
		outer.Del(name)
	}
	return nil
}

// mountAbsent adds the routes of modules that other processes have.
func (a *App) mountAbsent(r chi.Router, api *contract.Contract) error {
	forwards := map[string]http.Handler{}
	for _, module := range Modules() {
		if a.cfg.has(module) {
			continue
		}
		forward, err := a.neighbors.forward(module)
		if err != nil {
			return err
		}
		forwards[module] = forward
	}
	for _, op := range api.Operations() {
		if forward := forwards[op.Tags[0]]; forward != nil {
			r.Method(op.Method, op.Pattern, forward)
		}
	}
	return nil
}

// moduleRoutes are the routes of this process's modules, for the app, which has authenticated whoever asks.
func (a *App) moduleRoutes(api *contract.Contract, options httpserver.RouterOptions) (http.Handler, error) {
	router := httpserver.NewRouter(options)
	router.Use(refuseOnce, a.wakeRelays, pagination.Remember, a.neighbors.tokens.Admit)
	identify := func(_ context.Context, r *http.Request) (identity.Identity, error) {
		op, _ := api.Operation(r)
		holder, err := a.neighbors.office.Check(r, op.Tags[0])
		if err != nil {
			return identity.Identity{}, access.ErrUnauthenticated.Wrap(err)
		}
		return holder, nil
	}
	a.mountModules(router, api, identify)
	return router, api.CheckRoutes(router)
}

// internalHandler is what other processes of the shop see: the app's has the front doors of all modules, any other those of
// its own and their routes. Nil where there are no others.
func (a *App) internalHandler(api *contract.Contract, options httpserver.RouterOptions) (http.Handler, error) {
	if a.cfg.InternalAddr == "" {
		return nil, nil
	}
	calls := a.callRouter(options)
	if a.cfg.isApp() {
		return calls, nil
	}
	routes, err := a.moduleRoutes(api, options)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, remote.Prefix) {
			calls.ServeHTTP(w, r)
			return
		}
		routes.ServeHTTP(w, r)
	}), err
}

// callRouter has little around a call: its caller is one of the shop's processes, which logs the request it works for.
func (a *App) callRouter(options httpserver.RouterOptions) http.Handler {
	options.Logger = slog.New(slog.DiscardHandler)
	router := chi.NewRouter()
	router.Use(httpserver.RequestID(options.NewID), httpserver.Observe(options), httpserver.Recover, a.neighbors.tokens.Admit, refuseOnce, a.wakeRelays)
	methods := a.modules.methods()
	for _, module := range Modules() {
		if a.cfg.isApp() || a.cfg.has(module) {
			remote.Mount(router, module, methods[module])
		}
	}
	remote.Mount(router, eventsapi.Door, eventsapi.Methods(a.ownEvents()))
	return router
}
