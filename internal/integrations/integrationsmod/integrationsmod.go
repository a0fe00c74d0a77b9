// Package integrationsmod builds the integrations module. Only the composition root imports it.
package integrationsmod

import (
	"context"
	"io"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// Deps is what the module needs.
type Deps struct {
	Catalog   catalog.Service
	Pricing   pricing.Service
	Inventory inventory.Service
	Channels  channels.Service
}

// Module is the built module. It has no tables and no routes yet.
type Module struct {
	importer *importing.Importer
}

// New builds the module.
func New(deps Deps) *Module {
	return &Module{importer: importing.New(deps.Catalog, deps.Pricing, deps.Inventory, deps.Channels)}
}

// ImportProducts brings a product file in the format integrations.FormatShopify into the shop, in one pass and product
// by product. report hears of each row that was not as it should be. Importing a file again changes nothing.
// Errors: integrations.ErrInvalidFile; any other ends the import where it stands, and running the file again goes on.
func (m *Module) ImportProducts(
	ctx context.Context, file io.Reader, report func(integrations.RowError),
) (integrations.Summary, error) {
	return m.importer.ImportProducts(ctx, file, report)
}
