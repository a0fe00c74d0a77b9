package shopify

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/integrations"
)

// Problem is something about a row that was not as it should be. Skips says that the row was left out; otherwise it went
// on without the cell that the message names.
type Problem struct {
	integrations.RowError

	Skips bool
}

// Group is what the file says of one product. Product has no variants when nothing of it can be imported; then each of
// its rows is among the problems.
type Group struct {
	Product  Product
	Rows     int
	Problems []Problem
}

// IsPartial says whether rows of the product were skipped, so that what Product leaves out is not known to be gone.
func (g Group) IsPartial() bool {
	return slices.ContainsFunc(g.Problems, func(p Problem) bool { return p.Skips })
}

// Reader reads a file product by product.
type Reader struct {
	table    *table
	currency string
	// ahead is the row that ended the group before.
	ahead *row
	// seen holds the line at which each handle began.
	seen map[string]int
}

// NewReader reads the header of a file whose prices are in the currency.
// Errors: integrations.ErrInvalidFile.
func NewReader(file io.Reader, currency string) (*Reader, error) {
	opened, err := openTable(file)
	if err != nil {
		return nil, err
	}
	return &Reader{table: opened, currency: currency, seen: map[string]int{}}, nil
}

// UnknownColumns names the columns that do not belong to the format, in the order of the file.
func (r *Reader) UnknownColumns() []string { return r.table.unknown }

// Next reads the next product.
// Errors: io.EOF behind the last one.
func (r *Reader) Next() (Group, error) {
	rows, unreadable, err := r.gather()
	if err != nil && !errors.Is(err, io.EOF) {
		return Group{}, fmt.Errorf("read row: %w", err)
	}
	if len(rows)+len(unreadable) == 0 {
		return Group{}, io.EOF
	}
	group := r.build(rows)
	group.Rows = len(rows) + len(unreadable)
	for _, u := range unreadable {
		group.Problems = append(group.Problems, skip(u.line, "", u.unreadable))
	}
	slices.SortStableFunc(group.Problems, func(a, b Problem) int { return cmp.Compare(a.Row, b.Row) })
	return group, nil
}

// gather collects the rows of one handle. Rows that cannot be read belong to the product around them: they neither end
// nor begin one.
func (r *Reader) gather() (rows, unreadable []row, err error) {
	if r.ahead != nil {
		rows = append(rows, *r.ahead)
		r.ahead = nil
	}
	for {
		next, err := r.table.next()
		switch {
		case err != nil:
			return rows, unreadable, err
		case next.unreadable != "":
			unreadable = append(unreadable, next)
		case len(rows) > 0 && next.cell(colHandle) != rows[0].cell(colHandle):
			r.ahead = &next
			return rows, unreadable, nil
		default:
			rows = append(rows, next)
		}
	}
}

func (r *Reader) build(rows []row) Group {
	if len(rows) == 0 {
		return Group{}
	}
	written := rows[0].cell(colHandle)
	handle := strings.ToLower(slug(written))
	if handle == "" {
		return refuse(rows, colHandle, "a handle is made of letters a-z and digits")
	}
	if line, again := r.seen[handle]; again {
		return refuse(rows, colHandle, fmt.Sprintf("the rows of a product must stand together; %s began at row %d", handle, line))
	}
	r.seen[handle] = rows[0].line
	draft := newDraft(rows, handle, r.currency)
	if handle != written {
		draft.note(rows[0], colHandle, fmt.Sprintf("%q cannot stand in a link; it becomes %s", written, handle))
	}
	return draft.group()
}

// refuse skips all rows for one reason.
func refuse(rows []row, column, reason string) Group {
	var group Group
	for _, row := range rows {
		group.Problems = append(group.Problems, skip(row.line, column, reason))
	}
	return group
}

func skip(line int, column, message string) Problem {
	return Problem{RowError: integrations.RowError{Row: line, Column: column, Message: message}, Skips: true}
}
