package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// table prints counts side by side and remembers which differ.
type table struct {
	out    *tabwriter.Writer
	differ []error
}

func newTable(columns ...string) *table {
	t := &table{out: tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)}
	t.line(columns...)
	return t
}

func (t *table) line(cells ...string) {
	_, _ = fmt.Fprintln(t.out, "  "+strings.Join(cells, "\t")) // A lost line shows at once.
}

// row prints found counts behind the one that each should equal.
func (t *table) row(name string, want int, found ...int) {
	wants := make([]int, len(found))
	for i := range wants {
		wants[i] = want
	}
	t.compare(name, fmt.Sprint(want), wants, found)
}

// expect prints found counts that the file has no count for.
func (t *table) expect(name string, want []int, found ...int) {
	t.compare(name, "", want, found)
}

func (t *table) compare(name, shown string, want, found []int) {
	cells := []string{name, shown}
	for i := range found {
		cell := fmt.Sprint(found[i])
		if found[i] != want[i] {
			cell += fmt.Sprintf(" (not %d)", want[i])
			t.differ = append(t.differ, fmt.Errorf("%s: %d, not %d", name, found[i], want[i]))
		}
		cells = append(cells, cell)
	}
	t.line(cells...)
}

// print ends the table. It answers an error when counts differ.
func (t *table) print() error {
	return errors.Join(append(t.differ, t.out.Flush())...)
}
