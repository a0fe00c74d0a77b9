package catalogmod

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/postgres"
)

// defaultIDs is the size of a page of product ids that nobody asked a size for.
const defaultIDs = 1000

// service implements catalog.Service in this process; SaveProduct is the editor's.
type service struct {
	*editing.Editor
	products *postgres.Products
	groups   *postgres.Groups
}

// Products implements catalog.Service.
func (s service) Products(ctx context.Context, req catalog.ProductsRequest) (catalog.ProductsAnswer, error) {
	products, err := s.products.Products(ctx, req.IDs)
	return catalog.ProductsAnswer{Products: products}, err
}

// ProductIDs implements catalog.Service.
func (s service) ProductIDs(ctx context.Context, req catalog.ProductIDsRequest) (catalog.ProductIDsAnswer, error) {
	limit := req.Limit
	if limit < 1 {
		limit = defaultIDs
	}
	ids, err := s.products.ProductIDs(ctx, req.After, limit)
	return catalog.ProductIDsAnswer{IDs: ids}, err
}

// Variants implements catalog.Service.
func (s service) Variants(ctx context.Context, req catalog.VariantsRequest) (catalog.VariantsAnswer, error) {
	variants, err := s.products.SellableVariants(ctx, req)
	return catalog.VariantsAnswer{Variants: variants}, err
}

// Categories implements catalog.Service.
func (s service) Categories(ctx context.Context, _ catalog.CategoriesRequest) (catalog.CategoriesAnswer, error) {
	categories, err := s.groups.CategoryTree(ctx)
	return catalog.CategoriesAnswer{Categories: categories}, err
}

// Collections implements catalog.Service.
func (s service) Collections(ctx context.Context, _ catalog.CollectionsRequest) (catalog.CollectionsAnswer, error) {
	collections, err := s.groups.AllCollections(ctx)
	return catalog.CollectionsAnswer{Collections: collections}, err
}
