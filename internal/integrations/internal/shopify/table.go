package shopify

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxRowBytes bounds a row, and so what a quote that is never closed can take of the memory. A description alone may have
// 64 Ki characters.
const maxRowBytes = 1 << 20

var errRowTooLong = errors.New("the row is too long")

// bounded ends with errRowTooLong when one row asks it for too much.
type bounded struct {
	source io.Reader
	left   int
	read   int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := b.source.Read(p)
	b.left -= n
	b.read += int64(n)
	return n, err
}

// skip reads to the end of the file.
func (b *bounded) skip() error {
	n, err := io.Copy(io.Discard, b.source)
	b.read += n
	return err
}

func newCSV(source io.Reader) *csv.Reader {
	reader := csv.NewReader(source)
	reader.FieldsPerRecord = -1
	return reader
}

// table reads the file row by row.
type table struct {
	*Header

	csv    *csv.Reader
	source *bounded
	// start is where in the file the reading began. shift is what the reader's line numbers lack.
	start Position
	shift int
	begun bool
	// last is the line on which the newest row ended.
	last int
	// lost says that a row was too long. Nobody knows where the next one begins, so that row is the last.
	lost bool
}

// row is one line of the table. unreadable says why its cells cannot be used; cells then has the handle alone, if it came
// before the mistake.
type row struct {
	*Header

	line       int
	offset     int64
	cells      []string
	unreadable string
	// malformed rows are no blank ones, though the mistake may stand before their first cell.
	malformed bool
}

// cell is the content of the column without space around it, "" when the row has no such cell.
func (r row) cell(column string) string {
	i, ok := r.columns[column]
	if !ok {
		return ""
	}
	return r.at(i)
}

func (r row) at(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// bytes is about what the row takes of the memory.
func (r row) bytes() int {
	const header = 16
	sum := header * cap(r.cells)
	for _, cell := range r.cells {
		sum += len(cell)
	}
	return sum
}

// withHandleOnly is the row without what nobody reads of one that cannot be used.
func (r row) withHandleOnly() row {
	i := r.columns[ColHandle]
	cells := make([]string, min(i+1, len(r.cells)))
	if i < len(cells) {
		cells[i] = strings.Clone(r.cells[i])
	}
	r.cells = cells
	return r
}

func (r row) isBlank() bool {
	for _, cell := range r.cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return !r.malformed
}

func (h *Header) open(file io.Reader, from Position) *table {
	source := &bounded{source: file}
	return &table{Header: h, csv: newCSV(source), source: source, start: from, last: max(from.Line-1, 0)}
}

// next reads the next row that is not blank. Errors: io.EOF at the end.
func (t *table) next() (row, error) {
	for {
		r, err := t.read()
		if err != nil {
			return row{}, err
		}
		isHeader := t.start == (Position{}) && !t.begun
		t.begun = true
		if isHeader || r.isBlank() {
			continue
		}
		if r.unreadable != "" {
			r = r.withHandleOnly()
		}
		return r, nil
	}
}

// read reads a row, whatever is in it.
func (t *table) read() (row, error) {
	if t.lost {
		return row{}, io.EOF
	}
	r := row{Header: t.Header, offset: t.start.Offset + t.csv.InputOffset()}
	t.source.left = maxRowBytes
	var err error
	r.cells, err = t.csv.Read()
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed):
		r.line, r.unreadable, r.malformed = t.number(malformed.StartLine), t.explain(malformed), true
		t.last = t.number(malformed.Line)
		return r, nil
	case errors.Is(err, errRowTooLong):
		if err := t.source.skip(); err != nil {
			return row{}, err
		}
		t.lost = true
		r.line, r.malformed = t.last+1, true
		r.unreadable = fmt.Sprintf("a row is longer than %d bytes, most likely because a quote is not closed; nothing behind it was read", maxRowBytes)
		return r, nil
	case err != nil:
		return row{}, err
	}
	line, _ := t.csv.FieldPos(0)
	r.line = t.number(line)
	t.last = r.line + strings.Count(strings.Join(r.cells, ""), "\n")
	r.unreadable = t.misfit(r.cells)
	return r, nil
}

// number turns the reader's count of lines, which begins where the reading does, into the file's.
func (t *table) number(line int) int {
	if !t.begun && t.start.Line > 0 {
		t.shift = t.start.Line - line
	}
	return line + t.shift
}

// end is where the file goes on behind the newest row.
func (t *table) end() Position {
	if t.lost {
		return Position{Offset: t.start.Offset + t.source.read, Line: t.last + 1}
	}
	return Position{Offset: t.start.Offset + t.csv.InputOffset(), Line: t.last + 1}
}

func (t *table) explain(err *csv.ParseError) string {
	if err.Line > err.StartLine {
		return fmt.Sprintf("a quote is not closed or stands in the wrong place; lines %d to %d are lost", t.number(err.StartLine), t.number(err.Line))
	}
	return "a quote stands in the wrong place"
}

// misfit says why cells are no row of this table, "" when they are.
func (t *table) misfit(cells []string) string {
	if len(cells) != t.width {
		return fmt.Sprintf("the row has %d cells, the header %d", len(cells), t.width)
	}
	for _, cell := range cells {
		if !utf8.ValidString(cell) {
			return "the row is not UTF-8 text"
		}
		if strings.IndexByte(cell, 0) >= 0 {
			return "the row holds the character U+0000"
		}
	}
	return ""
}
