// Package httpapi is the admin API of the catalog. It turns public ids into internal ones and back, reads merge patches
// and pages lists; what may be changed, and how, is decided behind it.
package httpapi

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/arranging"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// revalidate lets a client keep what it read, and ask each time whether it still holds.
const revalidate = "private, no-cache"

// Handlers implements StrictServerInterface.
type Handlers struct {
	Products *postgres.Products
	Groups   *postgres.Groups
	Editor   *editing.Editor
	Arranger *arranging.Arranger
	Cursors  pagination.Codec
}

// decode answers the internal id behind a public one. One of the wrong form is treated like one that names nothing.
func decode(prefix, public string) (string, error) {
	id, ok := ids.Decode(prefix, public)
	if !ok {
		return "", catalog.ErrNotFound
	}
	return id, nil
}

// decodeAll answers the internal ids, each once. pointer is where the request has them.
func decodeAll(prefix string, public []string, pointer string) ([]string, error) {
	decoded := make([]string, 0, len(public))
	seen := make(map[string]bool, len(public))
	for i, text := range public {
		id, ok := ids.Decode(prefix, text)
		if !ok {
			return nil, catalog.ErrUnknownReference.With(fault.Field{
				Pointer: fmt.Sprintf("%s/%d", pointer, i), Code: catalog.ErrUnknownReference.Code})
		}
		if !seen[id] {
			seen[id] = true
			decoded = append(decoded, id)
		}
	}
	return decoded, nil
}

// list is a request for a page of a list that goes from new to old, by id.
type list struct {
	name    string
	filters any
	limit   int
	cursor  string
	total   bool
}

// source is where the items of a list come from.
type source[T any] struct {
	read  func(ctx context.Context, before string, limit int) ([]T, error)
	count func(ctx context.Context) (int64, error)
	id    func(T) string
}

// page reads one page of a list.
func page[T any](ctx context.Context, cursors pagination.Codec, l list, from source[T]) ([]T, Page, error) {
	after, err := cursors.Decode(l.name, l.filters, l.cursor)
	if err != nil {
		return nil, Page{}, err
	}
	before := ""
	if len(after) > 0 {
		before = after[0]
	}
	limit := pagination.Limit(l.limit)
	rows, err := from.read(ctx, before, limit+1)
	if err != nil {
		return nil, Page{}, err
	}
	shown, more := pagination.Cut(rows, limit)
	answer := Page{HasMore: more}
	if more {
		answer.NextCursor = cursors.Encode(l.name, l.filters, []string{from.id(shown[limit-1])})
	}
	if l.total {
		total, err := from.count(ctx)
		if err != nil {
			return nil, Page{}, err
		}
		answer.Total = &total
	}
	return shown, answer, nil
}

// link is the Link header of a page, nil on the last one.
func link(ctx context.Context, p Page) *string {
	if !p.HasMore {
		return nil
	}
	header := pagination.Link(ctx, p.NextCursor)
	return &header
}
