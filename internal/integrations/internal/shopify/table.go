package shopify

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rialto-commerce/rialto/internal/integrations"
)

// table reads the file row by row.
type table struct {
	csv     *csv.Reader
	width   int
	columns map[string]int
	unknown []string
}

// row is one line of the table. unreadable says why its cells cannot be used.
type row struct {
	line       int
	cells      []string
	columns    map[string]int
	unreadable string
}

// has says whether the file has the column.
func (r row) has(column string) bool {
	_, ok := r.columns[column]
	return ok
}

// cell is the content of the column without space around it, "" when the file has no such column.
func (r row) cell(column string) string {
	i, ok := r.columns[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

func (r row) isBlank() bool {
	return strings.TrimSpace(strings.Join(r.cells, "")) == ""
}

// openTable reads the header. Errors: integrations.ErrInvalidFile.
func openTable(file io.Reader) (*table, error) {
	reader := csv.NewReader(withoutBOM(file))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	var malformed *csv.ParseError
	if errors.Is(err, io.EOF) || errors.As(err, &malformed) {
		return nil, integrations.ErrInvalidFile.Detailf("the file has no header that can be read")
	}
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	t := &table{csv: reader, width: len(header), columns: map[string]int{}}
	return t, t.readHeader(header)
}

func withoutBOM(file io.Reader) io.Reader {
	const bom = "\ufeff"
	buffered := bufio.NewReader(file)
	if start, err := buffered.Peek(len(bom)); err == nil && bytes.Equal(start, []byte(bom)) {
		_, _ = buffered.Discard(len(bom)) // They are in the buffer already.
	}
	return buffered
}

func (t *table) readHeader(header []string) error {
	for i, name := range header {
		name = strings.TrimSpace(name)
		column := canonical(name)
		_, twice := t.columns[column]
		switch {
		case column != "" && twice:
			return integrations.ErrInvalidFile.Detailf("the header names the column %q twice", column)
		case column != "":
			t.columns[column] = i
		case name != "" && !isIgnored(name):
			t.unknown = append(t.unknown, name)
		}
	}
	for _, required := range []string{colHandle, colTitle} {
		if _, ok := t.columns[required]; !ok && slices.Contains(t.unknown, newerHandle) {
			return integrations.ErrInvalidFile.Detailf("this is the newer template, which cannot be read yet; use a product export, whose header begins with Handle,Title,Body (HTML)")
		}
		if _, ok := t.columns[required]; !ok {
			return integrations.ErrInvalidFile.Detailf("the header has no column %q", required)
		}
	}
	return nil
}

// next reads the next row that is not blank. Errors: io.EOF at the end.
func (t *table) next() (row, error) {
	for {
		cells, err := t.csv.Read()
		var malformed *csv.ParseError
		if errors.As(err, &malformed) {
			return row{line: malformed.StartLine, unreadable: malformedMessage(malformed)}, nil
		}
		if err != nil {
			return row{}, err
		}
		line, _ := t.csv.FieldPos(0)
		r := row{line: line, cells: cells, columns: t.columns, unreadable: t.misfit(cells)}
		if !r.isBlank() {
			return r, nil
		}
	}
}

func malformedMessage(err *csv.ParseError) string {
	if err.Line > err.StartLine {
		return fmt.Sprintf("a quote is not closed or stands in the wrong place; lines %d to %d are lost", err.StartLine, err.Line)
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
	}
	return ""
}
