package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/app/demo"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/integrationsmod"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/storefront"
)

var errNoPicture = fault.New("not_found", "there is no such picture")

// Import brings a file of products into the shop, in this process or in a server that is at it first.
func (a *App) Import(ctx context.Context, req ImportRequest) (integrations.Import, error) {
	built, here := a.modules.here["integrations"].(*integrationsmod.Module)
	if !here {
		return integrations.Import{}, errors.New("the module integrations is in another process: import there, or with POST /admin/v1/imports")
	}
	return built.Import(ctx, integrationsmod.ImportRequest(req))
}

// ImportRequest is a file to import. Progress hears how far it is, Report of each row that is not as it should be.
type ImportRequest struct {
	Format   string
	DryRun   bool
	File     io.Reader
	Progress func(integrations.Import)
	Report   func(integrations.RowError)
}

// LoadDemo adds what is missing of the demo shop.
func (a *App) LoadDemo(ctx context.Context) error { return demo.Load(ctx, a.demoServices()) }

// ResetDemo puts the products, prices and stock of the demo shop back as they were.
func (a *App) ResetDemo(ctx context.Context) error { return demo.Reset(ctx, a.demoServices()) }

// RebuildStorefront refreshes every product in every channel.
func (a *App) RebuildStorefront(ctx context.Context) error {
	_, err := a.modules.storefront.Rebuild(ctx, storefront.RebuildRequest{})
	return err
}

func (a *App) demoServices() demo.Services {
	return demo.Services{Catalog: a.modules.catalog, Pricing: a.modules.pricing, Inventory: a.modules.inventory,
		Channels: a.modules.channels, Fulfillment: a.modules.fulfillment, Tax: a.modules.tax}
}

// loadDemoIfEmpty loads the demo shop, and has it on the shelves, unless the shop has a product already.
func (a *App) loadDemoIfEmpty(ctx context.Context) error {
	first, err := a.modules.catalog.ProductIDs(ctx, catalog.ProductIDsRequest{Limit: 1})
	if err != nil || len(first.IDs) > 0 {
		return err
	}
	if err := a.LoadDemo(ctx); err != nil {
		return err
	}
	return a.Drain(ctx)
}

// pictureCaching lets clients keep the pictures, which come with the binary, for a day.
const pictureCaching = "public, max-age=86400"

func (a *App) demoPictures(w http.ResponseWriter, r *http.Request) {
	picture, ok := demo.Picture(strings.TrimSpace(chi.URLParam(r, "file")))
	if !ok {
		problem.Write(w, r, errNoPicture)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", pictureCaching)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = w.Write(picture) // The client went away; there is nobody to tell.
}
