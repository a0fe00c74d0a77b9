package shopify_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
)

const header = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value," +
	"Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty," +
	"Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping," +
	"Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description," +
	"Google Shopping / Google Product Category,Google Shopping / Gender,Google Shopping / Age Group,Google Shopping / MPN," +
	"Google Shopping / AdWords Grouping,Google Shopping / AdWords Labels,Google Shopping / Condition," +
	"Google Shopping / Custom Product,Google Shopping / Custom Label 0,Google Shopping / Custom Label 1," +
	"Google Shopping / Custom Label 2,Google Shopping / Custom Label 3,Google Shopping / Custom Label 4,Variant Image," +
	"Variant Weight Unit,Variant Tax Code,Cost per item"

// cells are the cells of a row that are not blank, by column.
type cells map[string]string

// sheet writes a file with the whole header.
func sheet(t *testing.T, rows ...cells) string {
	t.Helper()
	columns := strings.Split(header, ",")
	var file strings.Builder
	w := csv.NewWriter(&file)
	require.NoError(t, w.Write(columns))
	for _, row := range rows {
		record := make([]string, len(columns))
		written := 0
		for i, column := range columns {
			if value, ok := row[column]; ok {
				record[i] = value
				written++
			}
		}
		require.Len(t, row, written, "a cell of the test is in no column")
		require.NoError(t, w.Write(record))
	}
	w.Flush()
	return file.String()
}

// plain is the first and only row of a product without options, with some cells changed.
func plain(handle string, changes cells) cells {
	row := cells{"Handle": handle, "Title": "Thing", "Option1 Name": "Title", "Option1 Value": "Default Title", "Variant Price": "10"}
	for column, value := range changes {
		row[column] = value
	}
	return row
}

// noMarkets is a shop whose channels no file names.
func noMarkets(string) (shopify.Market, bool) { return shopify.Market{}, false }

func open(t *testing.T, file string) *shopify.Reader {
	t.Helper()
	parsed, err := shopify.ReadHeader(strings.NewReader(file), noMarkets)
	require.NoError(t, err)
	return parsed.Products(strings.NewReader(file), shopify.Position{}, "EUR")
}

func read(t *testing.T, file string) []shopify.Group {
	t.Helper()
	reader := open(t, file)
	var groups []shopify.Group
	for {
		group, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return groups
		}
		require.NoError(t, err)
		groups = append(groups, group)
	}
}

// readOne reads a file of one product.
func readOne(t *testing.T, file string) shopify.Group {
	t.Helper()
	groups := read(t, file)
	require.Len(t, groups, 1)
	return groups[0]
}

// found lists problems as "line column", with "!" in front of those that skip the row.
func found(problems []shopify.Problem) []string {
	var list []string
	for _, p := range problems {
		mark := ""
		if p.Skips {
			mark = "!"
		}
		list = append(list, fmt.Sprintf("%s%d %s", mark, p.Row, p.Column))
	}
	return list
}

func skus(p shopify.Product) []string {
	var list []string
	for _, v := range p.Variants {
		list = append(list, v.SKU)
	}
	return list
}
