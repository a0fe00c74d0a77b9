package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListProducts implements StrictServerInterface.
func (h *Handlers) ListProducts(ctx context.Context, r ListProductsRequestObject) (ListProductsResponseObject, error) {
	filter := postgres.ProductFilter{
		Status: string(r.Params.Status), Handle: r.Params.Handle, SKU: r.Params.SKU, ExternalID: r.Params.ExternalID}
	wanted := pagination.List{Name: "products", Filters: filter, Limit: r.Params.Limit, Cursor: r.Params.Cursor, Total: r.Params.Total}
	products, answer, err := pagination.Read(ctx, h.Cursors, wanted, pagination.Source[catalog.Product]{
		Read: func(ctx context.Context, before string, limit int) ([]catalog.Product, error) {
			return h.Products.ProductPage(ctx, filter, before, limit)
		},
		Count: func(ctx context.Context) (int64, error) { return h.Products.CountProducts(ctx, filter) },
		ID:    func(p catalog.Product) string { return p.ID },
	})
	if err != nil {
		return nil, err
	}
	return ListProducts200JSONResponse{
		Body:    ProductList{Data: views(products, productSummary), Page: Page(answer)},
		Headers: ListProducts200ResponseHeaders{Link: answer.Link(ctx)},
	}, nil
}

// CreateProduct implements StrictServerInterface.
func (h *Handlers) CreateProduct(ctx context.Context, r CreateProductRequestObject) (CreateProductResponseObject, error) {
	wanted, err := newProduct(*r.Body)
	if err != nil {
		return nil, err
	}
	variants := make([]editing.NewVariant, len(r.Body.Variants))
	for i, v := range r.Body.Variants {
		variants[i] = newVariant(v)
	}
	created, err := h.Editor.CreateProduct(ctx, wanted, variants)
	if err != nil {
		return nil, err
	}
	shown := productView(created)
	return CreateProduct201JSONResponse{Body: shown, Headers: CreateProduct201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/products/" + shown.ID}}, nil
}

// GetProduct implements StrictServerInterface.
func (h *Handlers) GetProduct(ctx context.Context, r GetProductRequestObject) (GetProductResponseObject, error) {
	found, err := h.product(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	tag := etag.Of(found.Version)
	if etag.NotModified(r.Params.IfNoneMatch, tag) {
		return GetProduct304Response{Headers: NotModifiedResponseHeaders{ETag: tag, CacheControl: revalidate}}, nil
	}
	return GetProduct200JSONResponse{
		Body: productView(found), Headers: GetProduct200ResponseHeaders{ETag: tag, CacheControl: revalidate}}, nil
}

// UpdateProduct implements StrictServerInterface.
func (h *Handlers) UpdateProduct(ctx context.Context, r UpdateProductRequestObject) (UpdateProductResponseObject, error) {
	id, err := decode(catalog.ProductPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	version, err := etag.Required(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := h.Editor.ChangeProduct(ctx, id, version, func(p *catalog.Product) error {
		return patchProduct(p, *r.Body)
	})
	if err != nil {
		return nil, err
	}
	return UpdateProduct200JSONResponse{
		Body: productView(changed), Headers: UpdateProduct200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

// DeleteProduct implements StrictServerInterface.
func (h *Handlers) DeleteProduct(ctx context.Context, r DeleteProductRequestObject) (DeleteProductResponseObject, error) {
	id, err := decode(catalog.ProductPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	if err := h.Editor.ArchiveProduct(ctx, id); err != nil {
		return nil, err
	}
	return DeleteProduct204Response{}, nil
}

func (h *Handlers) product(ctx context.Context, public string) (catalog.Product, error) {
	id, err := decode(catalog.ProductPrefix, public)
	if err != nil {
		return catalog.Product{}, err
	}
	return h.Products.Product(ctx, id)
}
