package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one line of the result. Ratio is PerSecond against the same of the row that comparedWith names; commits and
// trips are those in requests, for each order, six-call flow or refusal.
type row struct {
	PerSecond float64 `json:"per_s"`
	Ratio     float64 `json:"ratio"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Commits   float64 `json:"commits"`
	Trips     float64 `json:"trips"`
}

// rowNames are in the order of the table.
func rowNames() []string {
	return []string{limitRow, atOnceRow, sixCallsRow, hotRow, soldOutRow, twoRow, splitRow}
}

// comparedWith names the row that each is measured against.
func comparedWith(name string) string {
	return map[string]string{limitRow: limitRow, atOnceRow: limitRow, sixCallsRow: limitRow, hotRow: atOnceRow,
		soldOutRow: hotRow, twoRow: atOnceRow, splitRow: atOnceRow}[name]
}

// rows are the medians of all rounds.
func (r results) rows() map[string]row {
	rows := map[string]row{}
	for _, name := range rowNames() {
		rows[name] = row{
			PerSecond: rounded(r.median(name, func(p pace) float64 { return p.perSecond }), 1),
			P50:       rounded(r.median(name, func(p pace) float64 { return milliseconds(p.p50) }), 2),
			P99:       rounded(r.median(name, func(p pace) float64 { return milliseconds(p.p99) }), 2),
			Commits:   rounded(r.counted[name].commits, 2),
			Trips:     rounded(r.counted[name].trips, 2),
		}
	}
	for name, made := range rows {
		made.Ratio = rounded(made.PerSecond/rows[comparedWith(name)].PerSecond, 3)
		rows[name] = made
	}
	return rows
}

func (r results) median(name string, of func(pace) float64) float64 {
	values := make([]float64, len(r.paces[name]))
	for i, p := range r.paces[name] {
		values[i] = of(p)
	}
	return middle(values)
}

// behind is how many transactions per order the background needed under load; unknown for rows without orders.
func (r results) behind(name string) (perOrder float64, known bool) {
	if len(r.commits[name]) == 0 {
		return 0, false
	}
	return middle(r.commits[name]) - r.counted[name].commits, true
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func rounded(value float64, digits int) float64 {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return 0
	}
	scale := math.Pow10(digits)
	return math.Round(value*scale) / scale
}

// mark is a figure that must be reached.
type mark struct {
	row, figure string
	of          func(row) float64
	atLeast     bool
	bound       float64
}

// marks is everything that must be reached.
func marks() []mark {
	ratio := func(r row) float64 { return r.Ratio }
	return []mark{
		{atOnceRow, "ratio", ratio, true, 0.15},
		{sixCallsRow, "ratio", ratio, true, 0.06},
		{hotRow, "ratio", ratio, true, 0.5},
		{soldOutRow, "ratio", ratio, true, 5},
		{twoRow, "ratio", ratio, true, 0.9},
		{splitRow, "ratio", ratio, true, 0.6},
		{atOnceRow, "commits", func(r row) float64 { return r.Commits }, false, 8},
		{atOnceRow, "trips", func(r row) float64 { return r.Trips }, false, 20},
	}
}

func (m mark) reached(rows map[string]row) bool {
	value := m.of(rows[m.row])
	if m.atLeast {
		return value >= m.bound
	}
	return value > 0 && value <= m.bound
}

func (m mark) String() string {
	if m.atLeast {
		return fmt.Sprintf("%s >= %g", m.figure, m.bound)
	}
	return fmt.Sprintf("%s <= %g", m.figure, m.bound)
}

func missed(rows map[string]row, all []mark) []mark {
	var misses []mark
	for _, m := range all {
		if !m.reached(rows) {
			misses = append(misses, m)
		}
	}
	return misses
}

// table is the rows as people read them.
func table(rows map[string]row, r results) string {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(columns, "row\tper second\tratio\tof\tp50 ms\tp99 ms\tcommits\ttrips\tbackground\tmarks\t")
	for _, name := range rowNames() {
		made := rows[name]
		background := "-"
		if perOrder, known := r.behind(name); known {
			background = fmt.Sprintf("%.2f", perOrder)
		}
		_, _ = fmt.Fprintf(columns, "%s\t%.1f\t%.3f\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%s\t%s\t\n", name, made.PerSecond, made.Ratio,
			comparedWith(name), made.P50, made.P99, made.Commits, made.Trips, background, marksOf(name, rows))
	}
	_ = columns.Flush()
	return text.String() + "commits and trips are those in requests; background is commits per order behind them, under load\n"
}

func marksOf(name string, rows map[string]row) string {
	var said []string
	for _, m := range marks() {
		if m.row != name {
			continue
		}
		word := "reached"
		if !m.reached(rows) {
			word = "MISSED"
		}
		said = append(said, m.String()+" "+word)
	}
	return strings.Join(said, ", ")
}

// writeJSON writes the rows under their fixed names.
func writeJSON(path string, rows map[string]row) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
