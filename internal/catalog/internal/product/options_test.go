package product_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// counter makes ids that are easy to read.
func counter() func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("id-%d", n)
	}
}

// request draws something to save: up to 3 options, and variants with different values.
func request(t *rapid.T) catalog.SaveProductRequest {
	req := catalog.SaveProductRequest{
		Handle: "h", Title: rapid.SampledFrom([]string{"A", " B "}).Draw(t, "title"), Status: catalog.StatusActive,
		Description:     rapid.SampledFrom([]string{"", "<p>a</p>", "<b>x<script>y</script>"}).Draw(t, "description"),
		Options:         rapid.SampledFrom([][]string{nil, {"Size"}, {"Size", "Color"}, {"Color", "Size", "Fit"}}).Draw(t, "options"),
		Tags:            rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", " "}), 0, 4).Draw(t, "tags"),
		CategoryHandles: rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y"}), 0, 3).Draw(t, "categories"),
	}
	taken := map[string]bool{}
	for i := range rapid.IntRange(1, 6).Draw(t, "variants") {
		values := make([]string, len(req.Options))
		for j := range values {
			values[j] = rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "value")
		}
		if key := fmt.Sprint(values); !taken[key] {
			taken[key] = true
			req.Variants = append(req.Variants, catalog.SaveVariant{SKU: fmt.Sprintf("S%d", i), Options: values})
		}
	}
	return req
}

func TestApplyingARequestTwiceChangesNothingTheSecondTime(t *testing.T) {
	clean := product.NewCleaner()
	rapid.Check(t, func(t *rapid.T) {
		newID := counter()
		first, err := product.Apply(catalog.Product{ID: newID()}, request(t), clean, newID)
		require.NoError(t, err)
		req := request(t)

		once, err := product.Apply(first, req, clean, newID)
		require.NoError(t, err)
		twice, err := product.Apply(once, req, clean, newID)
		require.NoError(t, err)

		assert.Equal(t, once, twice)
		assert.True(t, product.Same(once, twice))
		assert.Equal(t, first.ID, once.ID)
		for _, v := range once.Variants {
			for _, old := range first.Variants {
				assert.Equal(t, old.SKU == v.SKU, old.ID == v.ID, "a SKU keeps its id")
			}
		}
	})
}

func TestReplacingOptionsKeepsOneValueOfEachForEveryVariant(t *testing.T) {
	clean := product.NewCleaner()
	rapid.Check(t, func(t *rapid.T) {
		newID := counter()
		before, err := product.Apply(catalog.Product{ID: newID()}, request(t), clean, newID)
		require.NoError(t, err)
		names := rapid.Permutation([]string{"Size", "Color", "Fit", "New"}).Draw(t, "names")
		wanted := make([]catalog.Option, rapid.IntRange(0, 4).Draw(t, "n"))
		for i := range wanted {
			wanted[i] = catalog.Option{Name: names[i], Values: rapid.SampledFrom([][]string{{"1", "2", "3"}, {"3", "1"}}).Draw(t, "values")}
		}
		after := product.Clone(before)

		err = product.ReplaceOptions(&after, wanted, newID)

		if err != nil {
			require.ErrorIs(t, err, catalog.ErrOptionsInUse)
			assert.Equal(t, before, after, "a refused change changes nothing")
			return
		}
		require.NoError(t, product.CheckNew(after))
		for i, v := range after.Variants {
			for _, had := range before.Variants[i].Options {
				assert.Contains(t, v.Options, had, "a variant keeps the values it had")
			}
		}
	})
}

func TestAnOptionNamedLikeAnotherIsThatOption(t *testing.T) {
	p := catalog.Product{Options: []catalog.Option{{ID: "size", Name: "Size", Values: []string{"S"}}}}

	require.NoError(t, product.ReplaceOptions(&p, []catalog.Option{
		{Name: "Color", Values: []string{"Red"}}, {Name: "Size", Values: []string{"M"}}}, counter()))

	assert.Equal(t, []string{"id-1", "size"}, []string{p.Options[0].ID, p.Options[1].ID})
}

func TestValuesGivenToAVariantDoNotReachIntoTheProductTheyCameFrom(t *testing.T) {
	before := catalog.Product{Options: []catalog.Option{{Name: "Size", Values: append(make([]string, 0, 8), "S")}}}
	after := product.Clone(before)
	var v catalog.Variant

	require.NoError(t, product.Select(&after, &v, map[string]string{"Size": "M"}, ""))

	assert.Equal(t, []string{"S"}, before.Options[0].Values)
	assert.Equal(t, []string{"S", "M"}, after.Options[0].Values)
	assert.Equal(t, "M", v.Title)
}
