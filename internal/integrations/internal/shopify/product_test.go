package shopify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
)

func TestFactsComeFromTheFirstRow(t *testing.T) {
	group := readOne(t, sheet(t,
		plain("pot", cells{"Body (HTML)": "<p>Clay</p>", "Vendor": "Kiln", "Type": "Garden", "Tags": "clay, pots,,clay , round",
			"SEO Title": "Pots", "SEO Description": "Buy pots"}),
		cells{"Handle": "pot", "Title": "Other", "Vendor": "Other", "Image Src": "https://pictures.example/pot.jpg"}))

	p := group.Product
	assert.Equal(t, "Thing", p.Title)
	assert.Equal(t, "<p>Clay</p>", p.Body)
	assert.Equal(t, "Kiln", p.Vendor)
	assert.Equal(t, "Garden", p.Type)
	assert.Equal(t, []string{"clay", "pots", "round"}, p.Tags)
	assert.Equal(t, "Pots", p.SEOTitle)
	assert.Equal(t, "Buy pots", p.SEODescription)
	assert.Empty(t, group.Problems)
}

func TestPublishedDecidesWhetherAProductIsShown(t *testing.T) {
	tests := []struct {
		written string
		want    bool
	}{{"true", true}, {"TRUE", true}, {"", true}, {"false", false}, {"FALSE", false}}
	for _, tt := range tests {
		group := readOne(t, sheet(t, plain("pot", cells{"Published": tt.written})))

		assert.Equal(t, tt.want, group.Product.Published, "Published is %q", tt.written)
	}
}

func TestAProductWhoseFirstRowCannotBeReadIsSkippedWhole(t *testing.T) {
	tests := []struct {
		name   string
		broken cells
		column string
	}{
		{"no title", cells{"Title": ""}, "Title"},
		{"neither published nor hidden", cells{"Published": "maybe"}, "Published"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			group := readOne(t, sheet(t, plain("pot", tt.broken), cells{"Handle": "pot", "Image Src": "https://pictures.example/a"}))

			assert.Empty(t, group.Product.Variants)
			assert.Equal(t, []string{"!2 " + tt.column, "!3 "}, found(group.Problems))
		})
	}
}

func TestAGiftCardBecomesADraft(t *testing.T) {
	group := readOne(t, sheet(t, plain("card", cells{"Published": "true", "Gift Card": "true"})))

	assert.False(t, group.Product.Published)
	assert.Equal(t, []string{"2 Gift Card"}, found(group.Problems))
}

func TestTitleWithDefaultTitleMeansNoOptions(t *testing.T) {
	group := readOne(t, sheet(t, plain("pot", nil)))

	assert.Empty(t, group.Product.Options)
	require.Len(t, group.Product.Variants, 1)
	assert.Empty(t, group.Product.Variants[0].Options)
}

func TestAnOptionCalledTitleIsAnOptionWhenItHasOtherValues(t *testing.T) {
	group := readOne(t, sheet(t, plain("print", cells{"Option1 Value": "Sir"}),
		cells{"Handle": "print", "Option1 Value": "Dame", "Variant Price": "3"}))

	assert.Equal(t, []string{"Title"}, group.Product.Options)
	assert.Equal(t, []string{"Dame"}, group.Product.Variants[1].Options)
}

func TestVariantsHaveAValueForEachOptionOfTheFirstRow(t *testing.T) {
	row := func(one, two, three string) cells {
		return cells{"Handle": "shoe", "Option1 Value": one, "Option2 Value": two, "Option3 Value": three, "Variant Price": "3"}
	}
	first := row("Red", "", "41")
	first["Title"], first["Option1 Name"], first["Option3 Name"] = "Shoe", "Color", "Size"

	good := readOne(t, sheet(t, first, row("Red", "", "42")))
	bad := readOne(t, sheet(t, first, row("Red", "", "42"), row("Blue", "", ""), row("", "", "43"), row("Red", "Wide", "44"),
		row("Red", "", "42")))

	assert.Equal(t, []string{"Color", "Size"}, good.Product.Options)
	assert.Equal(t, []string{"SHOE_RED_41", "SHOE_RED_42"}, skus(good.Product))
	assert.Empty(t, bad.Product.Variants)
	assert.Equal(t, []string{"!2 ", "!3 ", "!4 Option3 Value", "!5 Option1 Value", "!6 Option2 Value", "!7 Option1 Value"}, found(bad.Problems))
}

func TestARowWithOnlyAPictureIsNoVariant(t *testing.T) {
	group := readOne(t, sheet(t,
		plain("pot", cells{"Image Src": "https://pictures.example/2.jpg", "Image Position": "2"}),
		cells{"Handle": "pot", "Image Src": "https://pictures.example/last.jpg"},
		cells{"Handle": "pot", "Image Src": "https://pictures.example/1.jpg", "Image Position": "1", "Image Alt Text": "The pot", "Variant Weight Unit": "kg"},
		cells{"Handle": "pot", "Image Src": "https://pictures.example/2.jpg", "Image Position": "3"}))

	assert.Len(t, group.Product.Variants, 1)
	assert.Equal(t, []shopify.Picture{
		{Line: 4, URL: "https://pictures.example/1.jpg", Alt: "The pot", Alone: true},
		{Line: 2, URL: "https://pictures.example/2.jpg"},
		{Line: 3, URL: "https://pictures.example/last.jpg", Alone: true},
	}, group.Product.Pictures)
	assert.Empty(t, group.Problems)
}

func TestAPictureThatIsNoLinkIsLeftOut(t *testing.T) {
	group := readOne(t, sheet(t,
		plain("pot", cells{"Image Src": "C:\\pot.jpg"}),
		cells{"Handle": "pot", "Image Src": "javascript:alert(1)"},
		cells{"Handle": "pot", "Image Src": "https://pictures.example/pot.jpg", "Image Position": "first"}))

	assert.Len(t, group.Product.Variants, 1)
	assert.Len(t, group.Product.Pictures, 1)
	assert.Equal(t, []string{"2 Image Src", "!3 Image Src", "4 Image Position"}, found(group.Problems))
}

func TestARowWithNothingInItIsSkipped(t *testing.T) {
	group := readOne(t, sheet(t, plain("pot", nil), cells{"Handle": "pot", "Variant Weight Unit": "kg"}))

	assert.Len(t, group.Product.Variants, 1)
	assert.Equal(t, []string{"!3 Variant Price"}, found(group.Problems))
}

func TestAProductWithoutAVariantThatCanBeSoldIsSkippedWhole(t *testing.T) {
	group := readOne(t, sheet(t, plain("pot", cells{"Variant Price": "free"}),
		cells{"Handle": "pot", "Image Src": "https://pictures.example/pot.jpg"}))

	assert.Empty(t, group.Product.Variants)
	assert.Equal(t, []string{"!2 Variant Price", "!3 "}, found(group.Problems))
}

func TestAFirstRowMaySpeakOfTheProductOnly(t *testing.T) {
	group := readOne(t, sheet(t, cells{"Handle": "tee", "Title": "Tee", "Option1 Name": "Size"},
		cells{"Handle": "tee", "Option1 Value": "S", "Variant Price": "20"}))

	assert.Equal(t, []string{"TEE_S"}, skus(group.Product))
	assert.Empty(t, group.Problems)
}

// The time of a test is bounded: what grew with the square of their number would not end.
func TestManyTagsAreReadInATimeThatGrowsWithThem(t *testing.T) {
	var list strings.Builder
	for i := range 150_000 {
		fmt.Fprintf(&list, "%06d,", i)
	}
	begun := time.Now()
	product := readOne(t, "Handle,Title,Tags,Variant Price\npot,Pot,\""+list.String()+"\",3\n").Product

	assert.Len(t, product.Tags, 150_000)
	assert.Less(t, time.Since(begun), 5*time.Second)
}
