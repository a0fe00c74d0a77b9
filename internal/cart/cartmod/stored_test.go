package cartmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestAChangeLeavesLinesAloneThatItDoesNotChange(t *testing.T) {
	s := newShop(t)
	b := s.ready()
	before := s.lineVersions(b)
	require.Len(t, before, 1)

	b.must(http.MethodPatch, "", `{"shipping_address": `+address+`, "note": "ring twice"}`)
	b.must(http.MethodPatch, "", `{"shipping_option_id": "`+s.optionID("express")+`"}`)
	assert.Equal(t, before, s.lineVersions(b))

	b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`)
	after := s.lineVersions(b)
	require.Len(t, after, 2)
	assert.Equal(t, before[0], after[0])
}

func TestLinesAreStoredAsTheyWereAnswered(t *testing.T) {
	s := newShop(t)
	b := s.open(`{"lines": [{"sku": "TEE-M", "quantity": 1}, {"sku": "MUG", "quantity": 1}]}`)
	s.sameLines(b)
	line := func(i int) string { return "/lines/" + b.Lines[i].ID }

	for _, change := range []func(){
		func() { b.must(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1, "metadata": {"a": "b"}}`) },
		func() { b.must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 2}`) },
		func() { b.must(http.MethodPatch, line(1), `{"quantity": 4}`) },
		func() { b.must(http.MethodPatch, "", `{"shipping_address": `+address+`}`) },
		func() {
			s.set(func(o *owners) { o.reprice("MUG", 1100) })
			b.must(http.MethodPatch, "", `{"note": "x"}`)
		},
		func() {
			s.set(func(o *owners) { o.rename("MUG", "Big mug") })
			b.must(http.MethodPatch, "", `{"note": "y"}`)
		},
		func() {
			s.set(func(o *owners) { o.reprice("TEE-M", 1500) })
			b.must(http.MethodPost, "/lines", `{"sku": "TEE-M", "quantity": 1, "metadata": {"a": "b"}}`)
		},
		func() { b.must(http.MethodDelete, line(0), "") },
		func() {
			b.must(http.MethodPut, "/lines", `{"lines": [{"sku": "MUG", "quantity": 4}, {"sku": "TEE-M", "quantity": 1, "metadata": {"a": "b"}}]}`)
		},
		func() { b.must(http.MethodDelete, line(1), "") },
	} {
		change()
		s.sameLines(b)
	}
}

// sameLines compares the lines that were answered last with those that are stored.
func (s *shop) sameLines(b *basket) {
	s.t.Helper()
	const query = `
		SELECT id, position, quantity, product ->> 'title' || coalesce(', ' || nullif(product ->> 'variant_title', ''), '') AS title,
		       unit_price, subtotal, tax, total
		FROM cart.cart_lines WHERE cart_id = $1 ORDER BY position`

	type storedLine struct {
		ID        string `db:"id"`
		Position  int    `db:"position"`
		Quantity  int64  `db:"quantity"`
		Title     string `db:"title"`
		UnitPrice int64  `db:"unit_price"`
		Subtotal  int64  `db:"subtotal"`
		Tax       int64  `db:"tax"`
		Total     int64  `db:"total"`
	}
	answered := make([]storedLine, len(b.Lines))
	for i, line := range b.Lines {
		id, ok := ids.Decode(cart.LinePrefix, line.ID)
		require.True(s.t, ok)
		answered[i] = storedLine{id, i, line.Quantity, line.Title, line.UnitPrice.Minor(), line.Subtotal.Minor(),
			line.Tax.Minor(), line.Total.Minor()}
	}
	var stored []storedLine
	require.NoError(s.t, s.db.Admin().Select(s.t.Context(), &stored, query, b.uuid()))
	assert.Equal(s.t, answered, stored)
	s.verify(s.t)
}

// lineVersions tells for each stored line which transactions wrote and locked it.
func (s *shop) lineVersions(b *basket) []string {
	const query = `SELECT concat_ws(' ', ctid, xmin, xmax) FROM cart.cart_lines WHERE cart_id = $1 ORDER BY position`

	var versions []string
	require.NoError(s.t, s.db.Admin().Select(s.t.Context(), &versions, query, b.uuid()))
	return versions
}

func (o *owners) rename(sku, title string) {
	variant := o.variants[sku]
	variant.Title = title
	o.variants[sku] = variant
}
