package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListStockLevels implements StrictServerInterface.
func (h *Handlers) ListStockLevels(ctx context.Context, request ListStockLevelsRequestObject) (ListStockLevelsResponseObject, error) {
	which := list{name: "stock_levels", filters: []string{request.Params.SKU, request.Params.LocationID}}
	after, err := h.after(which, request.Params.Cursor, 2)
	if err != nil {
		return nil, err
	}
	locationID, known := optional(inventory.LocationPrefix, request.Params.LocationID)
	if !known {
		return ListStockLevels200JSONResponse{Body: StockLevelList{Data: []StockLevel{}, Page: emptyPage(request.Params.Total)}}, nil
	}
	limit := pagination.Limit(request.Params.Limit)
	filter := counting.LevelFilter{SKU: request.Params.SKU, LocationID: locationID, Limit: limit + 1}
	if after != nil {
		filter.AfterSKU, filter.AfterLocationID = after[0], after[1]
	}
	return h.levels(ctx, which, filter, request.Params.Total)
}

func (h *Handlers) levels(ctx context.Context, which list, filter counting.LevelFilter, total bool) (ListStockLevelsResponseObject, error) {
	rows, err := h.reader.Levels(ctx, filter)
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(rows, filter.Limit-1)
	answer := ListStockLevels200JSONResponse{Body: StockLevelList{Data: make([]StockLevel, len(shown))}}
	for i, level := range shown {
		answer.Body.Data[i] = levelView(level)
	}
	if more {
		last := shown[len(shown)-1]
		answer.Body.Page, answer.Headers.Link = h.page(ctx, which, more, last.SKU, last.LocationID)
	}
	if total {
		count, err := h.reader.CountLevels(ctx, filter)
		if err != nil {
			return nil, err
		}
		answer.Body.Page.Total = &count
	}
	return answer, nil
}

// AdjustStock implements StrictServerInterface.
func (h *Handlers) AdjustStock(ctx context.Context, request AdjustStockRequestObject) (AdjustStockResponseObject, error) {
	body := request.Body
	if body.Delta == 0 {
		return nil, fault.New("validation_failed", "an adjustment changes something").
			With(fault.Field{Pointer: "/delta", Code: "not_zero", Detail: "must not be 0"})
	}
	locationID, ok := ids.Decode(inventory.LocationPrefix, body.LocationID)
	if !ok {
		return nil, inventory.ErrUnknownLocation
	}
	adjusted, err := h.counting.Adjust(ctx, inventory.AdjustRequest{SKU: body.SKU, LocationID: locationID, Delta: body.Delta,
		Reason: string(body.Reason), Note: body.Note})
	if err != nil {
		return nil, err
	}
	return AdjustStock201JSONResponse{Body: StockAdjustment{ID: ids.Encode(inventory.MovementPrefix, adjusted.MovementID), SKU: body.SKU,
		LocationID: body.LocationID, Delta: body.Delta, Reason: body.Reason, Note: body.Note, CreatedAt: adjusted.CreatedAt,
		Level: levelView(adjusted.Level)}}, nil
}

func levelView(l inventory.Level) StockLevel {
	return StockLevel{SKU: l.SKU, VariantID: variantID(l.VariantID), LocationID: ids.Encode(inventory.LocationPrefix, l.LocationID),
		OnHand: l.OnHand, Reserved: l.Reserved, Allocated: l.Allocated, Incoming: l.Incoming, Available: l.Available}
}

func emptyPage(total bool) Page {
	if !total {
		return Page{}
	}
	return Page{Total: new(int64)}
}
