package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListCategories implements StrictServerInterface.
func (h *Handlers) ListCategories(
	ctx context.Context, r ListCategoriesRequestObject,
) (ListCategoriesResponseObject, error) {
	wanted := pagination.List{Name: "categories", Limit: r.Params.Limit, Cursor: r.Params.Cursor, Total: r.Params.Total}
	categories, answer, err := pagination.Read(ctx, h.Cursors, wanted, pagination.Source[catalog.Category]{
		Read: h.Groups.CategoryPage, Count: h.Groups.CountCategories, ID: func(c catalog.Category) string { return c.ID }})
	if err != nil {
		return nil, err
	}
	return ListCategories200JSONResponse{
		Body:    CategoryList{Data: views(categories, categoryView), Page: Page(answer)},
		Headers: ListCategories200ResponseHeaders{Link: answer.Link(ctx)},
	}, nil
}

// CreateCategory implements StrictServerInterface.
func (h *Handlers) CreateCategory(
	ctx context.Context, r CreateCategoryRequestObject,
) (CreateCategoryResponseObject, error) {
	parent, err := parentID(r.Body.ParentID)
	if err != nil {
		return nil, err
	}
	created, err := h.Arranger.CreateCategory(ctx, catalog.Category{
		Handle: r.Body.Handle, Name: r.Body.Name, Description: r.Body.Description, ParentID: parent,
		Position: int(r.Body.Position)})
	if err != nil {
		return nil, err
	}
	shown := categoryView(created)
	return CreateCategory201JSONResponse{Body: shown, Headers: CreateCategory201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/categories/" + shown.ID}}, nil
}

// GetCategory implements StrictServerInterface.
func (h *Handlers) GetCategory(ctx context.Context, r GetCategoryRequestObject) (GetCategoryResponseObject, error) {
	id, err := decode(catalog.CategoryPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	found, err := h.Groups.Category(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetCategory200JSONResponse{
		Body: categoryView(found), Headers: GetCategory200ResponseHeaders{ETag: etag.Of(found.Version)}}, nil
}

// UpdateCategory implements StrictServerInterface.
func (h *Handlers) UpdateCategory(
	ctx context.Context, r UpdateCategoryRequestObject,
) (UpdateCategoryResponseObject, error) {
	id, err := decode(catalog.CategoryPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	version, err := etag.Required(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := h.Arranger.ChangeCategory(ctx, id, version, func(c *catalog.Category) error {
		return patchCategory(c, *r.Body)
	})
	if err != nil {
		return nil, err
	}
	return UpdateCategory200JSONResponse{
		Body: categoryView(changed), Headers: UpdateCategory200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

// ListCollections implements StrictServerInterface.
func (h *Handlers) ListCollections(
	ctx context.Context, r ListCollectionsRequestObject,
) (ListCollectionsResponseObject, error) {
	wanted := pagination.List{Name: "collections", Limit: r.Params.Limit, Cursor: r.Params.Cursor, Total: r.Params.Total}
	collections, answer, err := pagination.Read(ctx, h.Cursors, wanted, pagination.Source[catalog.Collection]{
		Read: h.Groups.CollectionPage, Count: h.Groups.CountCollections, ID: func(c catalog.Collection) string { return c.ID }})
	if err != nil {
		return nil, err
	}
	return ListCollections200JSONResponse{
		Body:    CollectionList{Data: views(collections, collectionView), Page: Page(answer)},
		Headers: ListCollections200ResponseHeaders{Link: answer.Link(ctx)},
	}, nil
}

// CreateCollection implements StrictServerInterface.
func (h *Handlers) CreateCollection(
	ctx context.Context, r CreateCollectionRequestObject,
) (CreateCollectionResponseObject, error) {
	products, err := decodeAll(catalog.ProductPrefix, r.Body.ProductIds, "/product_ids")
	if err != nil {
		return nil, err
	}
	created, err := h.Arranger.CreateCollection(ctx, catalog.Collection{
		Handle: r.Body.Handle, Name: r.Body.Title, Description: r.Body.Description, ProductIDs: products})
	if err != nil {
		return nil, err
	}
	shown := collectionView(created)
	return CreateCollection201JSONResponse{Body: shown, Headers: CreateCollection201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/collections/" + shown.ID}}, nil
}

// GetCollection implements StrictServerInterface.
func (h *Handlers) GetCollection(
	ctx context.Context, r GetCollectionRequestObject,
) (GetCollectionResponseObject, error) {
	id, err := decode(catalog.CollectionPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	found, err := h.Groups.Collection(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetCollection200JSONResponse{
		Body: collectionView(found), Headers: GetCollection200ResponseHeaders{ETag: etag.Of(found.Version)}}, nil
}

// UpdateCollection implements StrictServerInterface.
func (h *Handlers) UpdateCollection(
	ctx context.Context, r UpdateCollectionRequestObject,
) (UpdateCollectionResponseObject, error) {
	id, err := decode(catalog.CollectionPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	version, err := etag.Required(r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := h.Arranger.ChangeCollection(ctx, id, version, func(c *catalog.Collection) error {
		return patchCollection(c, *r.Body)
	})
	if err != nil {
		return nil, err
	}
	return UpdateCollection200JSONResponse{
		Body: collectionView(changed), Headers: UpdateCollection200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

// parentID answers the internal id of a parent, "" for none.
func parentID(public string) (string, error) {
	if public == "" {
		return "", nil
	}
	id, ok := ids.Decode(catalog.CategoryPrefix, public)
	if !ok {
		return "", catalog.ErrUnknownReference.With(fault.Field{
			Pointer: "/parent_id", Code: catalog.ErrUnknownReference.Code})
	}
	return id, nil
}
