package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
)

// GetStockItem implements StrictServerInterface.
func (h *Handlers) GetStockItem(ctx context.Context, request GetStockItemRequestObject) (GetStockItemResponseObject, error) {
	found, err := h.reader.Item(ctx, request.SKU)
	if err != nil {
		return nil, err
	}
	return GetStockItem200JSONResponse{Body: itemView(found), Headers: GetStockItem200ResponseHeaders{ETag: etag.Of(found.Version)}}, nil
}

// PutStockItem implements StrictServerInterface.
func (h *Handlers) PutStockItem(ctx context.Context, request PutStockItemRequestObject) (PutStockItemResponseObject, error) {
	version, err := etag.Optional(request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	wanted := inventory.StockItem{SKU: request.SKU, Mode: string(request.Body.Mode), BackorderLimit: request.Body.BackorderLimit,
		LowStockThreshold: request.Body.LowStockThreshold}
	item, created, err := h.counting.PutItem(ctx, wanted, version)
	if err != nil {
		return nil, err
	}
	if created {
		return PutStockItem201JSONResponse{Body: itemView(item), Headers: PutStockItem201ResponseHeaders{ETag: etag.Of(item.Version)}}, nil
	}
	return PutStockItem200JSONResponse{Body: itemView(item), Headers: PutStockItem200ResponseHeaders{ETag: etag.Of(item.Version)}}, nil
}

func itemView(i counting.Item) StockItem {
	return StockItem{SKU: i.SKU, VariantID: variantID(i.VariantID), Mode: StockMode(i.Mode), BackorderLimit: i.BackorderLimit,
		LowStockThreshold: i.LowStockThreshold, Version: int64(i.Version), UpdatedAt: i.UpdatedAt}
}
