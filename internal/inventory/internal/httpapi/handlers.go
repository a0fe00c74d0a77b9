// Package httpapi is the admin API of stock: locations, levels, adjustments, SKUs and reservations. It turns public ids
// into internal ones and back, and holds no rule.
package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/review"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// variantPrefix is that of the module that owns variants; ids of them only pass through here.
const variantPrefix = "var"

// Handlers implements StrictServerInterface.
type Handlers struct {
	counting *counting.Service
	reader   Reader
	reviews  Reviews
	cursors  pagination.Codec
}

// Reader answers what is shown and never changed on the way.
type Reader interface {
	Item(ctx context.Context, sku string) (counting.Item, error)
	Location(ctx context.Context, id string) (counting.Location, error)
	Locations(ctx context.Context, after counting.NewestFirst, limit int) ([]counting.Location, error)
	CountLocations(ctx context.Context) (int64, error)
	Levels(ctx context.Context, f counting.LevelFilter) ([]inventory.Level, error)
	CountLevels(ctx context.Context, f counting.LevelFilter) (int64, error)
	Reservations(ctx context.Context, f counting.ReservationFilter) ([]counting.Reservation, error)
	CountReservations(ctx context.Context, f counting.ReservationFilter) (int64, error)
}

// Reviews are what staff must look at.
type Reviews interface {
	Reviews(ctx context.Context, f review.Filter) ([]review.Review, error)
	CountReviews(ctx context.Context, f review.Filter) (int64, error)
	// ResolveReview errors: inventory.ErrNotFound.
	ResolveReview(ctx context.Context, id, note string) (review.Review, error)
}

// NewHandlers makes the handlers.
func NewHandlers(c *counting.Service, r Reader, reviews Reviews, cursors pagination.Codec) *Handlers {
	return &Handlers{counting: c, reader: r, reviews: reviews, cursors: cursors}
}

// list says which list a page belongs to, and what chose its items.
type list struct {
	name    string
	filters any
}

// after decodes a cursor into as many values as a position of the list has, or nil for the first page.
func (h *Handlers) after(l list, cursor string, values int) ([]string, error) {
	after, err := h.cursors.Decode(l.name, l.filters, cursor)
	if err != nil {
		return nil, err
	}
	if after != nil && len(after) != values {
		return nil, pagination.ErrInvalidCursor
	}
	return after, nil
}

// page describes a page that ends at the position last, and the Link header to the next one.
func (h *Handlers) page(ctx context.Context, l list, more bool, last ...string) (Page, *string) {
	if !more {
		return Page{}, nil
	}
	cursor := h.cursors.Encode(l.name, l.filters, last)
	link := pagination.Link(ctx, cursor)
	return Page{HasMore: true, NextCursor: cursor}, &link
}

// optional decodes an id of a filter; known is false when it can match nothing.
func optional(prefix, public string) (id string, known bool) {
	if public == "" {
		return "", true
	}
	return ids.Decode(prefix, public)
}

func variantID(id string) string {
	if id == "" {
		return ""
	}
	return ids.Encode(variantPrefix, id)
}
