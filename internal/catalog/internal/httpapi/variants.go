package httpapi

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListVariants implements StrictServerInterface. A product is read as a whole, so pages are cut from its variants.
func (h *Handlers) ListVariants(ctx context.Context, r ListVariantsRequestObject) (ListVariantsResponseObject, error) {
	after, err := h.Cursors.Decode("variants", r.ID, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := h.product(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	rest := found.Variants
	if len(after) == 2 {
		rest = behind(rest, after[0], after[1])
	}
	shown, more := pagination.Cut(rest, pagination.Limit(r.Params.Limit))
	answer := Page{HasMore: more}
	if more {
		last := shown[len(shown)-1]
		answer.NextCursor = h.Cursors.Encode("variants", r.ID, []string{strconv.Itoa(last.Position), last.ID})
	}
	if r.Params.Total {
		total := int64(len(found.Variants))
		answer.Total = &total
	}
	return ListVariants200JSONResponse{
		Body:    VariantList{Data: views(shown, variantView), Page: answer},
		Headers: ListVariants200ResponseHeaders{Link: pagination.Page(answer).Link(ctx)},
	}, nil
}

// behind answers the variants that are shown after the one of this position and id.
func behind(variants []catalog.Variant, position, id string) []catalog.Variant {
	place, _ := strconv.Atoi(position)
	start := slices.IndexFunc(variants, func(v catalog.Variant) bool {
		return cmp.Or(cmp.Compare(v.Position, place), cmp.Compare(v.ID, id)) > 0
	})
	if start < 0 {
		return nil
	}
	return variants[start:]
}

// CreateVariant implements StrictServerInterface.
func (h *Handlers) CreateVariant(ctx context.Context, r CreateVariantRequestObject) (CreateVariantResponseObject, error) {
	productID, err := decode(catalog.ProductPrefix, r.ID)
	if err != nil {
		return nil, err
	}
	created, err := h.Editor.AddVariant(ctx, productID, newVariant(*r.Body))
	if err != nil {
		return nil, err
	}
	shown := variantView(created)
	return CreateVariant201JSONResponse{Body: shown, Headers: CreateVariant201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/products/" + shown.ProductID + "/variants/" + shown.ID}}, nil
}

// GetVariant implements StrictServerInterface.
func (h *Handlers) GetVariant(ctx context.Context, r GetVariantRequestObject) (GetVariantResponseObject, error) {
	id, err := decode(catalog.VariantPrefix, r.VariantID)
	if err != nil {
		return nil, err
	}
	found, err := h.product(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	i, err := product.VariantIndex(found, id)
	if err != nil {
		return nil, err
	}
	tag := etag.Of(found.Variants[i].Version)
	if etag.NotModified(r.Params.IfNoneMatch, tag) {
		return GetVariant304Response{Headers: NotModifiedResponseHeaders{ETag: tag, CacheControl: revalidate}}, nil
	}
	return GetVariant200JSONResponse{
		Body: variantView(found.Variants[i]), Headers: GetVariant200ResponseHeaders{ETag: tag, CacheControl: revalidate}}, nil
}

// UpdateVariant implements StrictServerInterface.
func (h *Handlers) UpdateVariant(ctx context.Context, r UpdateVariantRequestObject) (UpdateVariantResponseObject, error) {
	ref, err := variantRef(r.ID, r.VariantID)
	if err != nil {
		return nil, err
	}
	if ref.Version, err = etag.Required(r.Params.IfMatch); err != nil {
		return nil, err
	}
	change := func(v *catalog.Variant) { patchVariant(v, *r.Body) }
	changed, err := h.Editor.ChangeVariant(ctx, ref, change, r.Body.OptionValues)
	if err != nil {
		return nil, err
	}
	return UpdateVariant200JSONResponse{
		Body: variantView(changed), Headers: UpdateVariant200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

// DeleteVariant implements StrictServerInterface.
func (h *Handlers) DeleteVariant(ctx context.Context, r DeleteVariantRequestObject) (DeleteVariantResponseObject, error) {
	ref, err := variantRef(r.ID, r.VariantID)
	if err != nil {
		return nil, err
	}
	if err := h.Editor.RemoveVariant(ctx, ref.ProductID, ref.VariantID); err != nil {
		return nil, err
	}
	return DeleteVariant204Response{}, nil
}

func variantRef(publicProduct, publicVariant string) (editing.VariantRef, error) {
	productID, err := decode(catalog.ProductPrefix, publicProduct)
	if err != nil {
		return editing.VariantRef{}, err
	}
	id, err := decode(catalog.VariantPrefix, publicVariant)
	return editing.VariantRef{ProductID: productID, VariantID: id}, err
}
