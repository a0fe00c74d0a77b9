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

const (
	// maxProductRows and maxProductBytes bound what one product can take of the memory: its text, and what each cell costs. It
	// is more than the shop takes of variants, pictures and texts.
	maxProductRows, maxProductBytes = 5000, 16 << 20
	// maxHandle is what the shop takes.
	maxHandle = 255
)

// Position is a place in a file between two products: a byte and the line of the row that begins there. The zero value is
// the beginning of the file.
type Position struct {
	Offset int64
	Line   int
}

// Problem is something about a row that was not as it should be. Skips says that the row has no effect.
type Problem struct {
	integrations.RowError

	Skips bool
}

// Group is what the file says of one product. Product has no variants when the product was refused: then each of its rows
// is among the problems, or the one from which on it was too large. After is where the next product begins.
type Group struct {
	// Handle and Line are known of refused products too; Handle is empty where it cannot be read or is too long.
	Handle   string
	Line     int
	Product  Product
	Rows     int
	Problems []Problem
	After    Position
}

// Reader reads a file product by product.
type Reader struct {
	table    *table
	currency string
	// ahead is the row that ended the group before.
	ahead *row
}

// Products reads the products of a file, whose prices are in the currency, from a position on. file begins at that
// position.
func (h *Header) Products(file io.Reader, from Position, currency string) *Reader {
	return &Reader{table: h.open(file, from), currency: currency}
}

// Next reads the next product.
// Errors: io.EOF behind the last one.
func (r *Reader) Next() (Group, error) {
	rows, err := r.gather()
	if err != nil && !errors.Is(err, io.EOF) {
		return Group{}, fmt.Errorf("read row: %w", err)
	}
	if rows.count == 0 {
		return Group{}, io.EOF
	}
	group := r.build(rows)
	group.Line, group.Rows = rows.rows[0].line, rows.count
	if handle := handleOf(rows.handle()); len(handle) <= maxHandle {
		group.Handle = handle
	}
	slices.SortStableFunc(group.Problems, func(a, b Problem) int { return cmp.Compare(a.Row, b.Row) })
	group.After = r.table.end()
	if r.ahead != nil {
		group.After = Position{Offset: r.ahead.offset, Line: r.ahead.line}
	}
	return group, nil
}

// gathered are the rows of one handle.
type gathered struct {
	rows  []row
	count int
	bytes int
	// over is the row from which on a product was too large; from there rows are only counted.
	over *row
}

func (g *gathered) add(next row) {
	g.count++
	g.bytes += next.bytes()
	switch {
	case g.over != nil:
	case g.count > maxProductRows || g.bytes > maxProductBytes:
		g.over = &next
	default:
		g.rows = append(g.rows, next)
	}
}

// gather collects the rows of one handle. Rows whose handle cannot be read belong to the product before them: they neither
// end nor begin one.
func (r *Reader) gather() (found gathered, err error) {
	if r.ahead != nil {
		found.add(*r.ahead)
		r.ahead = nil
	}
	for {
		next, err := r.table.next()
		if err != nil {
			return found, err
		}
		if found.ended(next) {
			r.ahead = &next
			return found, nil
		}
		found.add(next)
	}
}

func (g gathered) ended(next row) bool {
	handle := next.cell(ColHandle)
	if len(g.rows) == 0 || handle == "" && next.unreadable != "" {
		return false
	}
	return handle != g.handle()
}

// handle is that of the first row which has one.
func (g gathered) handle() string {
	for _, row := range g.rows {
		if handle := row.cell(ColHandle); handle != "" || row.unreadable == "" {
			return handle
		}
	}
	return ""
}

func (r *Reader) build(found gathered) Group {
	if found.over != nil {
		return refuse([]row{*found.over}, ColHandle, integrations.CodeProductRefused,
			fmt.Sprintf("a product has at most %d rows and %d MiB; neither this row nor any other of the product has an effect",
				maxProductRows, maxProductBytes>>20))
	}
	rows, written := found.rows, found.handle()
	handle := handleOf(written)
	draft := newDraft(rows, handle, r.currency)
	for _, row := range rows {
		if row.unreadable != "" {
			draft.refuse(row, integrations.CodeUnreadableRow, &cellError{"", row.unreadable})
		}
	}
	if written == "" && len(draft.problems) < len(rows) {
		return refuse(rows, ColHandle, integrations.CodeInvalidCell, "the handle is missing")
	}
	if handle == "" && len(draft.problems) < len(rows) {
		return refuse(rows, ColHandle, integrations.CodeInvalidCell, "a handle is made of letters a-z and digits")
	}
	if len(handle) > maxHandle {
		return refuse(rows, ColHandle, integrations.CodeInvalidCell, fmt.Sprintf("a handle has at most %d characters", maxHandle))
	}
	if handle != written && len(draft.problems) == 0 {
		draft.note(rows[0], ColHandle, fmt.Sprintf("%.64q cannot stand in a link; it becomes %s", written, handle))
	}
	return draft.group()
}

// handleOf spells what a file calls a handle as the shop does.
func handleOf(written string) string { return strings.ToLower(slug(written)) }

// refuse skips all rows for one reason.
func refuse(rows []row, column, code, reason string) Group {
	var group Group
	for _, row := range rows {
		group.Problems = append(group.Problems, skip(row, code, &cellError{column, reason}))
	}
	return group
}

func skip(r row, code string, bad *cellError) Problem {
	return Problem{RowError: integrations.RowError{Row: r.line, Column: r.nameOf(bad.column), Code: code, Message: bad.message}, Skips: true}
}

func (r row) nameOf(column string) string {
	if column == "" {
		return ""
	}
	return r.Name(column)
}
