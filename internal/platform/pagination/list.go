package pagination

import "context"

// List is a request for a page of a list that goes from new to old, by id. Filters choose its items; a cursor is bound to
// them.
type List struct {
	Name    string
	Filters any
	Limit   int
	Cursor  string
	Total   bool
}

// Source is where the items of a list come from: those before an id ("" for the newest), their number, and an item's id.
type Source[T any] struct {
	Read  func(ctx context.Context, before string, limit int) ([]T, error)
	Count func(ctx context.Context) (int64, error)
	ID    func(T) string
}

// Page says where a list stands. Generated Page types convert from it.
type Page struct {
	HasMore    bool
	NextCursor string
	Total      *int64 // nil unless it was asked for
}

// Link is the Link header of the page, nil on the last one.
func (p Page) Link(ctx context.Context) *string {
	if !p.HasMore {
		return nil
	}
	header := Link(ctx, p.NextCursor)
	return &header
}

// Read reads one page of a list.
//
// Errors: ErrInvalidCursor, and those of the source.
func Read[T any](ctx context.Context, cursors Codec, l List, from Source[T]) ([]T, Page, error) {
	after, err := cursors.Decode(l.Name, l.Filters, l.Cursor)
	if err != nil {
		return nil, Page{}, err
	}
	before := ""
	if len(after) > 0 {
		before = after[0]
	}
	limit := Limit(l.Limit)
	rows, err := from.Read(ctx, before, limit+1)
	if err != nil {
		return nil, Page{}, err
	}
	shown, more := Cut(rows, limit)
	page := Page{HasMore: more}
	if more {
		page.NextCursor = cursors.Encode(l.Name, l.Filters, []string{from.ID(shown[limit-1])})
	}
	if l.Total {
		total, err := from.Count(ctx)
		if err != nil {
			return nil, Page{}, err
		}
		page.Total = &total
	}
	return shown, page, nil
}
