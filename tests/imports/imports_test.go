// Package imports brings product files into the real server, good ones and bad ones, and kills it in the middle.
package imports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

const (
	importsPath = "/admin/v1/imports"
	awaitLimit  = 60 * time.Second
	lookEvery   = 50 * time.Millisecond
)

func typed(contentType string) shop.Header {
	return shop.Header{Name: "Content-Type", Value: contentType}
}

// send uploads a file and answers what was said to it.
func send(s *shop.Shop, file string, headers ...shop.Header) shop.Answer {
	return s.Send(http.MethodPost, importsPath+"?format=shopify", file, append([]shop.Header{shop.Key(s.Owner), typed("text/csv")}, headers...)...)
}

// accept uploads a file that must be taken and answers the id of its import.
func accept(t *testing.T, s *shop.Shop, file string, headers ...shop.Header) string {
	t.Helper()
	answer := send(s, file, headers...)
	require.Equal(t, http.StatusAccepted, answer.Status, "%s", answer.Raw)
	id := answer.Body.Text("id")
	require.Equal(t, importsPath+"/"+id, answer.Header.Get("Location"))
	return id
}

func read(s *shop.Shop, id string) shop.Object {
	return s.Must(http.StatusOK, http.MethodGet, importsPath+"/"+id, nil, shop.Key(s.Owner)).Body
}

// await waits for the end of an import, which must be as wanted.
func await(t *testing.T, s *shop.Shop, id, status string) shop.Object {
	t.Helper()
	var last shop.Object
	require.Eventually(t, func() bool {
		last = read(s, id)
		return last.Text("finished_at") != ""
	}, awaitLimit, lookEvery, "the import does not end")
	require.Equal(t, status, last.Text("status"), "%v", last)
	return last
}

// bring imports a file that must be carried out.
func bring(t *testing.T, s *shop.Shop, file string, headers ...shop.Header) shop.Object {
	t.Helper()
	return await(t, s, accept(t, s, file, headers...), "completed")
}

// problems are the errors of an import as "row column code".
func problems(t *testing.T, s *shop.Shop, id string) []string {
	t.Helper()
	var list []string
	for _, row := range report(t, s, id) {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", row[0], row[2], row[1])))
	}
	return list
}

// report is the file of an import's errors without its header.
func report(t *testing.T, s *shop.Shop, id string) [][]string {
	t.Helper()
	answer := s.Must(http.StatusOK, http.MethodGet, importsPath+"/"+id+"/errors", nil, shop.Key(s.Owner))
	require.Equal(t, "text/csv", answer.Header.Get("Content-Type"))
	rows, err := csv.NewReader(strings.NewReader(string(answer.Raw))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"row", "column", "code", "message"}, rows[0])
	return rows[1:]
}

// counts are those of an import, by name.
func counts(t *testing.T, found shop.Object, names ...string) []int64 {
	t.Helper()
	list := make([]int64, len(names))
	for i, name := range names {
		list[i] = found.Number(t, "counts."+name)
	}
	return list
}

// most is how many rows made can make.
const most = severalChunks

var generated = sync.OnceValues(func() ([][]string, error) {
	cmd := exec.Command("go", "run", "./scripts/make-catalog", "--rows", strconv.Itoa(most))
	cmd.Dir = "../.."
	output, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	return csv.NewReader(bytes.NewReader(output)).ReadAll()
})

// made is a file with so many rows.
func made(t *testing.T, rows int) string {
	t.Helper()
	all, err := generated()
	require.NoError(t, err)
	var file strings.Builder
	require.NoError(t, csv.NewWriter(&file).WriteAll(all[:rows+1]))
	return file.String()
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(content)
}

// goods is everything the shop has of products, prices and stock, without ids and times.
func goods(t *testing.T, s *shop.Shop) []string {
	t.Helper()
	const query = `
SELECT 'product ' || concat_ws(' | ', handle, title, description, vendor, product_type, status, tags, attributes, seo_title, seo_description, tax_class)
	FROM catalog.products
UNION ALL SELECT 'option ' || concat_ws(' | ', p.handle, o.position, o.name, o.value_list) FROM catalog.options o JOIN catalog.products p ON p.id = o.product_id
UNION ALL SELECT 'variant ' || concat_ws(' | ', p.handle, v.position, v.sku, v.title, v.option_values, v.barcode, v.weight_grams, v.requires_shipping, v.taxable)
	FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id
UNION ALL SELECT 'picture ' || concat_ws(' | ', p.handle, m.position, m.url, m.alt) FROM catalog.media m JOIN catalog.products p ON p.id = m.product_id
UNION ALL SELECT 'category ' || concat_ws(' | ', p.handle, c.handle, c.name) FROM catalog.product_categories pc
	JOIN catalog.categories c ON c.id = pc.category_id JOIN catalog.products p ON p.id = pc.product_id
UNION ALL SELECT 'price ' || concat_ws(' | ', v.sku, r.amount, r.currency, r.compare_at, r.country, r.channel_id) FROM pricing.prices r
	JOIN catalog.variants v ON v.id = r.variant_id WHERE r.superseded_at IS NULL
UNION ALL SELECT 'item ' || concat_ws(' | ', i.sku, i.mode, v.sku) FROM inventory.stock_items i LEFT JOIN catalog.variants v ON v.id = i.variant_id
UNION ALL SELECT 'level ' || concat_ws(' | ', l.sku, l.on_hand, l.backorder_limit) FROM inventory.stock_levels l
UNION ALL SELECT 'movement ' || concat_ws(' | ', m.sku, m.delta, m.reason) FROM inventory.stock_movements m
UNION ALL SELECT 'counted ' || concat_ws(' | ', sku, on_hand) FROM integrations.counted_stock
UNION ALL SELECT 'linked ' || concat_ws(' | ', p.handle, i.url) FROM integrations.pictures i JOIN catalog.products p ON p.id = i.product_id
ORDER BY 1`
	var found []string
	require.NoError(t, s.Admin().Select(t.Context(), &found, query))
	return found
}
