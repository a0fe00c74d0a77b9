package cartmod_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestAddedLinesMergeWithEqualOnes(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	tee := b.Lines[0].ID

	b.must(http.MethodPost, "/lines", `{"variant_id": "`+s.publicID("TEE-M")+`", "quantity": 2}`)
	b.must(http.MethodPost, "/lines", `{"lines": [{"sku": "TEE-M", "quantity": 1, "metadata": {"engraving": "A. B."}}, {"sku": "MUG", "quantity": 1}]}`)
	b.must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 1, "metadata": {}}`)

	require.Len(t, b.Lines, 3)
	assert.Equal(t, tee, b.Lines[0].ID)
	assert.Equal(t, int64(4), b.Lines[0].Quantity)
	assert.Equal(t, map[string]string{"engraving": "A. B."}, b.Lines[1].Metadata)
	assert.Equal(t, 4, b.Version)
	assert.Equal(t, euros(5*1999+1000), b.Totals.Total)
	b.must(http.MethodGet, "", "")
	assert.Equal(t, int64(4), b.Lines[0].Quantity)
	assert.Equal(t, "MUG", b.Lines[2].SKU)
}

func TestReplacedLinesAreAllThatTheCartHolds(t *testing.T) {
	s := newShop(t)
	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 1}, {"sku": "MUG", "quantity": 1}]}`)
	mug := b.Lines[1].ID

	b.must(http.MethodPut, "/lines", `{"lines": [{"sku": "MUG", "quantity": 5}, {"sku": "TEE-M", "quantity": 1, "metadata": {"a": "b"}}]}`)

	require.Len(t, b.Lines, 2)
	assert.Equal(t, mug, b.Lines[0].ID)
	assert.Equal(t, int64(5), b.Lines[0].Quantity)
	b.must(http.MethodGet, "", "")
	assert.Equal(t, []string{"MUG", "TEE-M"}, []string{b.Lines[0].SKU, b.Lines[1].SKU})

	b.must(http.MethodPut, "/lines", `{"lines": [{"sku": "TEE-M", "quantity": 1, "metadata": {"a": "b"}}, {"sku": "MUG", "quantity": 5}]}`)
	b.must(http.MethodGet, "", "")
	assert.Equal(t, []string{"TEE-M", "MUG"}, []string{b.Lines[0].SKU, b.Lines[1].SKU}, "the order is that of the request")

	b.must(http.MethodPut, "/lines", `{"lines": []}`)
	assert.Empty(t, b.Lines)
	assert.Equal(t, euros(0), b.Totals.Total)
}

func TestALineIsChangedOrRemoved(t *testing.T) {
	s := newShop(t)
	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 1}, {"sku": "MUG", "quantity": 1}]}`)
	tee, mug := b.Lines[0].ID, b.Lines[1].ID

	b.must(http.MethodPatch, "/lines/"+tee, `{"quantity": 3}`)
	assert.Equal(t, int64(3), b.Lines[0].Quantity)
	assert.Equal(t, euros(3*1999+1000), b.Totals.Total)

	b.must(http.MethodPatch, "/lines/"+tee, `{"quantity": 0}`)
	require.Len(t, b.Lines, 1)
	b.do(http.MethodPatch, "/lines/"+tee, `{"quantity": 1}`).refuses(t, 404, "not_found")
	b.do(http.MethodDelete, "/lines/line_x", "").refuses(t, 404, "not_found")

	b.must(http.MethodDelete, "/lines/"+mug, "")
	assert.Empty(t, b.Lines)
	assert.Equal(t, 4, b.Version)
}

func TestLinesThatCannotBeAddedLeaveTheCartAlone(t *testing.T) {
	s := newShop(t)
	s.sells("GONE", 100)
	s.sells("UNPRICED", 100)
	s.set(func(o *owners) {
		gone := o.variants["GONE"]
		gone.Active = false
		o.variants["GONE"] = gone
		delete(o.prices, o.variants["UNPRICED"].VariantID+"EUR")
	})
	b := s.open(oneTee)
	unknown := ids.Encode(catalog.VariantPrefix, ids.New())
	tests := []struct {
		name, method, body string
		status             int
		code, pointer      string
	}{
		{"an unknown variant", "POST", `{"variant_id": "` + unknown + `", "quantity": 1}`, 422, "unknown_variant", "/variant_id"},
		{"an id of another kind", "POST", `{"variant_id": "prod_x", "quantity": 1}`, 422, "unknown_variant", "/variant_id"},
		{"an unknown SKU among others", "POST", `{"lines": [{"sku": "MUG", "quantity": 1}, {"sku": "NO", "quantity": 1}]}`, 422, "unknown_variant", "/lines/1/sku"},
		{"an inactive variant", "POST", `{"lines": [{"sku": "MUG", "quantity": 1}, {"sku": "GONE", "quantity": 1}]}`, 422, "variant_unavailable", "/lines/1/sku"},
		{"a variant without a price", "PUT", `{"lines": [{"sku": "UNPRICED", "quantity": 1}]}`, 422, "variant_unavailable", "/lines/0/sku"},
		{"more than a line holds once merged", "POST", `{"sku": "TEE-M", "quantity": 1000000}`, 422, "quantity_out_of_range", "/quantity"},
		{"neither variant nor SKU", "POST", `{"lines": [{"quantity": 1}]}`, 422, "validation_failed", "/lines/0/variant_id"},
		{"both variant and SKU", "POST", `{"variant_id": "` + unknown + `", "sku": "MUG", "quantity": 1}`, 422, "validation_failed", "/variant_id"},
		{"one and many", "POST", `{"sku": "MUG", "quantity": 1, "lines": [{"sku": "MUG", "quantity": 1}]}`, 422, "validation_failed", "/lines"},
		{"no quantity", "POST", `{"sku": "MUG"}`, 422, "validation_failed", "/quantity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pointers := b.do(tt.method, "/lines", tt.body).refuses(t, tt.status, tt.code)

			assert.Equal(t, []string{tt.pointer}, pointers)
			b.must(http.MethodGet, "", "")
			assert.Len(t, b.Lines, 1)
			assert.Equal(t, 1, b.Version)
		})
	}
}

func TestAQuantityIsAnIntegerInItsRange(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	for quantity, status := range map[string]int{"0.5": 400, `"1"`: 400, "1e3": 400, "9223372036854775808": 400, "1e400": 400,
		"-1": 422, "0": 422, "2147483648": 422, "9007199254740993": 422} {
		answer := b.do(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": `+quantity+`}`)

		assert.Equal(t, status, answer.status, "%s: %s", quantity, answer.body)
	}
	b.must(http.MethodGet, "", "")
	assert.Equal(t, 1, b.Version)
}

func TestACartHoldsSoManyLinesAndNoMore(t *testing.T) {
	s := newShop(t)
	b := s.open(`{}`)
	const half = cart.MaxLines / 2
	b.must(http.MethodPost, "/lines", manyLines(0, half))
	b.must(http.MethodPost, "/lines", manyLines(half, half))
	require.Len(t, b.Lines, cart.MaxLines)

	b.do(http.MethodPost, "/lines", manyLines(cart.MaxLines, 1)).refuses(t, 422, "too_many_lines")

	b.must(http.MethodPost, "/lines", manyLines(0, half))
	assert.Len(t, b.Lines, cart.MaxLines)
	assert.Equal(t, int64(2), b.Lines[0].Quantity)
}

func TestALineWhoseVariantIsGoneStaysWithAMessage(t *testing.T) {
	s := newShop(t)
	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 1}, {"sku": "MUG", "quantity": 2}]}`)
	tee := b.Lines[0].ID
	tests := []struct {
		name, code string
		happens    func(*owners)
	}{
		{"inactive", "variant_unavailable", func(o *owners) {
			v := o.variants["TEE-M"]
			v.Active = false
			o.variants["TEE-M"] = v
		}},
		{"without a price", "variant_unavailable", func(o *owners) {
			v := o.variants["TEE-M"]
			v.Active = true
			o.variants["TEE-M"] = v
			delete(o.prices, v.VariantID+"EUR")
		}},
		{"removed", "unknown_variant", func(o *owners) { delete(o.variants, "TEE-M") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.set(tt.happens)

			b.must(http.MethodGet, "", "")

			require.Len(t, b.Lines, 2)
			assert.Equal(t, "Plain TEE-M, Red", b.Lines[0].Title)
			assert.Equal(t, euros(0), b.Lines[0].Total)
			assert.Equal(t, euros(2000), b.Totals.Total)
			require.NotEmpty(t, b.Messages)
			assert.Equal(t, "error", b.Messages[0].Type)
			assert.Equal(t, tt.code, b.Messages[0].Code)
			assert.Equal(t, "blocking", b.Messages[0].Severity)
			assert.Equal(t, "/lines/0", b.Messages[0].Path)
		})
	}

	b.must(http.MethodPatch, "", `{"note": "still works"}`)
	b.must(http.MethodDelete, "/lines/"+tee, "")
	assert.Equal(t, euros(2000), b.Totals.Total)
}

func TestMoreThanIsInStockIsSaidAndNotRefused(t *testing.T) {
	s := newShop(t)

	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 6}, {"sku": "TEE-M", "quantity": 5, "metadata": {"a": "b"}}, {"sku": "MUG", "quantity": 1000}]}`)

	assert.Equal(t, "in_stock", b.Lines[0].Availability)
	var short []string
	for _, m := range b.Messages {
		if m.Code == "insufficient_stock" {
			short = append(short, m.Type+" "+m.Severity+" "+m.Path)
		}
	}
	assert.Equal(t, []string{"warning recoverable /lines/0", "warning recoverable /lines/1"}, short)
}

func manyLines(from, n int) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"sku": "MUG", "quantity": 1, "metadata": {"n": "%d"}}`, from+i)
	}
	return `{"lines": [` + strings.Join(lines, ", ") + `]}`
}
