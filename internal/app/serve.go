package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
)

const (
	apiListener      = "api"
	internalListener = "internal"
	metricsListener  = "metrics"
)

// Serve runs the API server until ctx ends. Without a configured database it runs a private one, loads the demo shop
// into it if it is empty, and makes the keys that the banner on out shows.
func Serve(ctx context.Context, cfg Config, out io.Writer) error {
	isPrivate := cfg.private()
	cfg, err := complete(cfg)
	if err != nil {
		return err
	}
	ready := func(*App) error { return nil }
	if !isPrivate {
		return serve(ctx, cfg, ready)
	}
	if cfg.isApp() {
		ready = func(a *App) error { return a.welcome(ctx, out) }
	}
	// The database outlives the signal that ends ctx, so that requests in progress can finish.
	return withPrivate(context.WithoutCancel(ctx), cfg, func(cfg Config) error { return serve(ctx, cfg, ready) })
}

// serve migrates, builds the shop and runs it; ready is called when the listeners are open.
func serve(ctx context.Context, cfg Config, ready func(*App) error) (err error) {
	a, err := start(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	server, err := a.listen(ctx)
	if err != nil {
		return fmt.Errorf("%w; RIALTO_ADDR and RIALTO_METRICS_ADDR choose other addresses", err)
	}
	if err := ready(a); err != nil {
		return err
	}
	debug.FreeOSMemory() // Reading the API document took several times what is kept of it.
	cfg.Log.InfoContext(ctx, "listening", "address", server.Addr(apiListener), "metrics", server.Addr(metricsListener),
		"internal", server.Addr(internalListener), "modules", cfg.present())
	return a.run(ctx, server)
}

func (a *App) listen(ctx context.Context) (*httpserver.Server, error) {
	listeners := []httpserver.Listener{{Name: apiListener, Addr: a.cfg.Addr, Handler: a.handler}}
	if a.internal != nil {
		listeners = append(listeners, httpserver.Listener{Name: internalListener, Addr: a.cfg.InternalAddr, Handler: a.internal})
	}
	listeners = append(listeners, httpserver.Listener{Name: metricsListener, Addr: a.cfg.MetricsAddr, Handler: httpserver.MetricsHandler(a.metrics)})
	return httpserver.Open(ctx, httpserver.Config{
		Listeners:  listeners,
		Logger:     a.cfg.Log,
		OnDrain:    a.readiness.Drain,
		DrainDelay: a.cfg.DrainDelay,
	})
}

// run serves and works until ctx ends; background work stops only after the last request has.
func (a *App) run(ctx context.Context, server *httpserver.Server) error {
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer stopWork()
		return server.Run(groupCtx)
	})
	group.Go(func() error { return a.Work(workCtx) })
	return group.Wait()
}

// welcome makes a new private shop worth looking at and says how.
func (a *App) welcome(ctx context.Context, out io.Writer) error {
	if a.cfg.Demo {
		if err := a.loadDemoIfEmpty(ctx); err != nil {
			return fmt.Errorf("load demo shop: %w", err)
		}
	}
	adminKey, err := a.adminKey(ctx)
	if err != nil {
		return fmt.Errorf("make admin key: %w", err)
	}
	return a.printBanner(ctx, out, adminKey)
}

// adminKey is the owner key of a private shop. It is kept in the data directory, readable by its owner alone, so that
// every start can show it.
func (a *App) adminKey(ctx context.Context) (string, error) {
	path := filepath.Join(a.cfg.DataDir, adminKeyFile)
	kept, err := os.ReadFile(path)
	if err == nil {
		_, err = a.modules.access.Authenticate(ctx, access.AuthenticateRequest{Secret: string(kept)})
		if err == nil {
			return string(kept), nil
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, access.ErrUnauthenticated) {
		return "", err
	}
	secret, err := a.CreateKey(ctx, "private shop", access.RoleOwner)
	if err != nil {
		return "", err
	}
	return secret, os.WriteFile(path, []byte(secret), privateFileMode)
}

// CreateKey makes an API key with the scopes of a role and answers its secret.
func (a *App) CreateKey(ctx context.Context, name, role string) (string, error) {
	created, err := a.modules.access.CreateKey(ctx, access.CreateKeyRequest{Name: name, Role: role})
	return created.Secret, err
}

// LocalURL is how a process on this machine reaches a listener at addr, which may name no host.
func LocalURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
