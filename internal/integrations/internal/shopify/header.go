package shopify

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/integrations"
)

// Market is a channel that a file has prices for.
type Market struct {
	ChannelID string
	Currency  string
}

// Header is what the first row of a file says of all others.
type Header struct {
	Generation string
	// Unknown and Ignored are columns in the order of the file.
	Unknown []string
	Ignored []string

	width int
	// columns and names say where a column is and how the file calls it.
	columns map[string]int
	names   map[string]string
	markets []marketColumns
	// metafields are columns by the name of the attribute that they become.
	metafields []attributeColumn
}

type attributeColumn struct {
	name  string
	index int
}

// marketColumns are what a file says of one market; an index below 0 is no column.
type marketColumns struct {
	Market

	name             string
	price, compareAt int
}

// maxColumns and maxColumnName, which is in bytes, bound what a header may name: it is kept and shown with each import.
const maxColumns, maxColumnName = 1000, 255

// ReadHeader reads the header of a file, which is UTF-8 without a byte order mark. markets answers the channel that a
// market is, if it is one; names that it does not know make their columns unknown.
// Errors: integrations.ErrInvalidFile.
func ReadHeader(file io.Reader, markets func(name string) (Market, bool)) (*Header, error) {
	reader := newCSV(&bounded{source: file, left: maxRowBytes})
	header, err := reader.Read()
	var malformed *csv.ParseError
	if errors.Is(err, io.EOF) || errors.Is(err, errRowTooLong) || errors.As(err, &malformed) {
		return nil, integrations.ErrInvalidFile.Detailf("the file has no header that can be read")
	}
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if len(header) > maxColumns {
		return nil, integrations.ErrInvalidFile.Detailf("the header has more than %d columns", maxColumns)
	}
	h := &Header{Generation: generation(header), width: len(header), columns: map[string]int{}, names: map[string]string{}}
	for i, name := range header {
		if err := h.take(i, strings.TrimSpace(name), markets); err != nil {
			return nil, err
		}
	}
	if err := h.check(header); err != nil {
		return nil, err
	}
	for _, name := range header {
		if len(name) > maxColumnName {
			return nil, integrations.ErrInvalidFile.Detailf("the header has a name of more than %d bytes, which begins with %.64q", maxColumnName, name)
		}
	}
	return h, nil
}

// take finds out what a column means.
func (h *Header) take(i int, name string, markets func(string) (Market, bool)) error {
	column := canonical(name)
	lower := strings.ToLower(name)
	switch {
	case column != "":
		if h.has(column) {
			return integrations.ErrInvalidFile.Detailf("the header names the column %q twice", name)
		}
		h.columns[column], h.names[column] = i, name
	case name == "":
	case metafield.MatchString(name):
		h.metafields = append(h.metafields, attributeColumn{metafield.FindStringSubmatch(name)[1], i})
	case marketColumn.MatchString(name):
		h.takeMarket(i, name, markets)
	case isIgnored(lower):
		h.Ignored = append(h.Ignored, name)
	default:
		h.Unknown = append(h.Unknown, name)
	}
	return nil
}

func (h *Header) takeMarket(i int, name string, markets func(string) (Market, bool)) {
	parts := marketColumn.FindStringSubmatch(name)
	what, place := strings.ToLower(parts[1]), strings.TrimSpace(parts[2])
	market, known := markets(place)
	switch {
	case !known:
		h.Unknown = append(h.Unknown, name)
	case what == "included":
		h.Ignored = append(h.Ignored, name)
	case what == "price":
		h.market(market, name).price = i
	default:
		h.market(market, name).compareAt = i
	}
}

func (h *Header) market(m Market, name string) *marketColumns {
	for i := range h.markets {
		if h.markets[i].ChannelID == m.ChannelID {
			return &h.markets[i]
		}
	}
	h.markets = append(h.markets, marketColumns{Market: m, name: name, price: -1, compareAt: -1})
	return &h.markets[len(h.markets)-1]
}

func (h *Header) check(header []string) error {
	for _, required := range []string{ColHandle, ColTitle} {
		if h.has(required) {
			continue
		}
		if name := separatedBy(header); name != "" {
			return integrations.ErrInvalidFile.Detailf("the cells are separated by %s; save the file as comma-separated CSV (UTF-8)", name)
		}
		return integrations.ErrInvalidFile.Detailf("the header has no column %q; the first row of a product file begins with Handle,Title or Title,URL handle", required)
	}
	return nil
}

// separatedBy names what separates the cells of a header that would be one with commas, "" for any other.
func separatedBy(header []string) string {
	whole := strings.Join(header, ",")
	isHandle := func(name string) bool { return canonical(strings.Trim(name, `" `)) == ColHandle }
	for _, separator := range []struct{ mark, name string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}} {
		names := strings.SplitN(whole, separator.mark, maxColumns+1)
		if len(names) > 1 && slices.ContainsFunc(names[:min(len(names), maxColumns)], isHandle) {
			return separator.name
		}
	}
	return ""
}

func (h *Header) has(column string) bool {
	_, ok := h.columns[column]
	return ok
}

// Name is how the file calls a column, and the column itself where the file has none.
func (h *Header) Name(column string) string {
	if name, ok := h.names[column]; ok {
		return name
	}
	return column
}
