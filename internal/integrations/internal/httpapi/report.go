package httpapi

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/integrations/internal/postgres"
)

const reportPage = 2000

// report is the errors of an import as a CSV file, one page in memory at a time.
type report struct {
	ctx      context.Context //nolint:containedctx // io.Reader has no place for it, and a report lives as long as one answer
	store    *postgres.Store
	importID string
	after    int64
	ended    bool
	buffer   bytes.Buffer
}

func newReport(ctx context.Context, store *postgres.Store, importID string) *report {
	r := &report{ctx: ctx, store: store, importID: importID}
	r.buffer.WriteString("row,column,code,message\n")
	return r
}

// Read implements io.Reader. When the errors cannot be read it cuts the connection, because by then the answer has begun, and
// a file that only ends too early would be taken for the whole.
func (r *report) Read(p []byte) (int, error) {
	if r.buffer.Len() == 0 && !r.ended {
		if err := r.fill(); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if r.buffer.Len() == 0 {
		return 0, io.EOF
	}
	return r.buffer.Read(p)
}

func (r *report) fill() error {
	found, err := r.store.Errors(r.ctx, r.importID, r.after, reportPage)
	if err != nil {
		return err
	}
	r.ended = len(found) < reportPage
	w := csv.NewWriter(&r.buffer)
	for _, e := range found {
		r.after = e.ID
		if err := w.Write([]string{strconv.Itoa(e.Row), harmless(e.Column), harmless(e.Code), harmless(e.Message)}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// formula is how one begins, in a cell or in what a spreadsheet takes for a cell that separates by semicolons or tabs, with
// anything invisible and quotes before it. East Asian spreadsheets take the wide signs for the others.
var formula = regexp.MustCompile(`((?:^|[;\t\r\n])[\pZ\pC"]*)([=+\-@＝＋－＠])`)

// harmless keeps a spreadsheet from taking text that came from a file for a formula.
func harmless(cell string) string { return formula.ReplaceAllString(cell, "$1'$2") }
