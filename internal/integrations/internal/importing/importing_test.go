package importing_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func TestAFileBecomesProductsPricesAndStock(t *testing.T) {
	s := newShop()

	summary, reported := s.run(t, harbor(t))

	assert.Equal(t, integrations.Summary{Rows: 11, Products: 5, Variants: 9, Prices: 9, Tracked: 4, Pictures: 7, Created: 5}, summary)
	assert.Equal(t, []string{"8 Variant Inventory Qty"}, reported)
	assert.Len(t, s.products, 5)
	assert.Len(t, s.prices, 9)
	assert.Len(t, s.stock, 9)
}

func TestWhatTheCatalogIsTold(t *testing.T) {
	s := newShop()

	s.run(t, harbor(t))

	tote := s.products["canvas-tote"]
	assert.Equal(t, "<p>Carries a week of groceries.\nThe strap is <strong>long</strong>.</p>", strings.ReplaceAll(tote.Description, "\r", ""))
	assert.Equal(t, "Quay & Sons", tote.Vendor)
	assert.Equal(t, "Bag", tote.ProductType)
	assert.Equal(t, []string{"bags", "canvas"}, tote.Tags)
	assert.Equal(t, catalog.StatusActive, tote.Status)
	assert.Empty(t, tote.Categories)
	shoe := s.products["deck-shoe"]
	assert.Equal(t, catalog.SEO{Title: "Deck shoes", Description: "Shoes for wet planks"}, shoe.SEO)
	assert.Equal(t, []catalog.Media{
		{URL: "https://pictures.example/deck-cover.jpg", Alt: "A pair on a pier"},
		{URL: "https://pictures.example/deck-navy.jpg", Alt: "Navy deck shoe"},
		{URL: "https://pictures.example/deck-sole.jpg", Alt: "Its sole"},
		{URL: "https://pictures.example/deck-box.jpg"},
	}, shoe.Media)
	assert.Equal(t, catalog.Variant{
		ID: s.variantOf(t, "deck-shoe", "DECK-N-41").ID, SKU: "DECK-N-41", Barcode: "4006381333931", WeightGrams: 454,
		Options:          []catalog.SelectedOption{{Name: "Color", Value: "Navy"}, {Name: "Size", Value: "41"}},
		RequiresShipping: true, Taxable: true,
	}, s.variantOf(t, "deck-shoe", "DECK-N-41"))
	assert.Equal(t, catalog.StatusDraft, s.products["sample-card"].Status)
}

func TestAnArchivedProductStaysArchived(t *testing.T) {
	s := newShop()

	s.run(t, "Handle,Title,Published,Status,Variant Price\npot,Pot,TRUE,archived,3\n")

	assert.Equal(t, catalog.StatusArchived, s.products["pot"].Status)
}

func TestPricesHoldEverywhereInTheDefaultCurrency(t *testing.T) {
	s := newShop()

	s.run(t, harbor(t))

	tote := s.prices[s.variantOf(t, "canvas-tote", "CANVAS-TOTE").ID]
	assert.Equal(t, money.MustNew(1800, "EUR"), tote.Amount)
	assert.Equal(t, money.MustNew(2400, "EUR"), *tote.CompareAt)
	assert.Empty(t, tote.ChannelID+tote.Country)
	assert.Equal(t, money.MustNew(108900, "EUR"), s.prices[s.variantOf(t, "deck-shoe", "DECK-N-41").ID].Amount)
}

func TestStockFollowsTracker(t *testing.T) {
	s := newShop()

	s.run(t, harbor(t))

	assert.Equal(t, inventory.ModeNone, s.stock["SAILOR-TEE_SMALL"].Mode)
	assert.Equal(t, int64(-1), s.onHand("SAILOR-TEE_SMALL"), "what is not counted has no count")
	assert.Equal(t, inventory.ModeTrack, s.stock["PEAT-POTS"].Mode)
	assert.Equal(t, int64(8), s.onHand("PEAT-POTS"))
	assert.Equal(t, int64(0), s.onHand("DECK-N-42"), "below zero is zero")
	assert.Greater(t, s.stock["DECK-N-42"].BackorderLimit, int64(100_000))
	assert.Zero(t, s.stock["DECK-N-41"].BackorderLimit)
	assert.Equal(t, s.variantOf(t, "peat-pots", "PEAT-POTS").ID, s.stock["PEAT-POTS"].VariantID)
}

func TestImportingAFileAgainChangesNothing(t *testing.T) {
	s := newShop()
	first, _ := s.run(t, harbor(t))
	s.announced = 0

	second, _ := s.run(t, harbor(t))

	assert.Equal(t, 5, second.Unchanged)
	assert.Zero(t, s.announced)
	second.Created, second.Unchanged = second.Unchanged, second.Created
	assert.Equal(t, first, second)
}

func TestANewPriceOrCountMakesAProductUpdated(t *testing.T) {
	s := newShop()
	s.run(t, harbor(t))

	changed := strings.NewReplacer("manual,18,24", "manual,19,24", "shopify,8,deny", "shopify,9,deny").Replace(harbor(t))
	summary, _ := s.run(t, changed)

	assert.Equal(t, 2, summary.Updated)
	assert.Equal(t, 3, summary.Unchanged)
	assert.Equal(t, int64(9), s.onHand("PEAT-POTS"))
}

func TestAVariantThatTheFileNoLongerNamesIsRemoved(t *testing.T) {
	s := newShop()
	s.run(t, tee("S,20", "M,20"))

	summary, _ := s.run(t, tee("S,20"))

	assert.Equal(t, 1, summary.Updated)
	assert.Len(t, s.products["tee"].Variants, 1)
}

func TestAProductWithABadRowStaysWholeAsItWas(t *testing.T) {
	s := newShop()
	s.run(t, tee("S,20", "M,20"))
	before := s.products["tee"]

	summary, reported := s.run(t, tee("S,25", "M,twenty", "L,20")+"mug,Mug,,,4\n")

	assert.Equal(t, []string{"2 ", "3 Variant Price", "4 "}, reported)
	assert.Equal(t, integrations.Summary{Rows: 4, Products: 1, Variants: 1, Prices: 1, Created: 1, Failed: 3}, summary)
	assert.Equal(t, before, s.products["tee"])
	assert.Equal(t, money.MustNew(2000, "EUR"), s.prices[s.variantOf(t, "tee", "TEE_S").ID].Amount)
}

func TestAProductWithoutOneGoodRowIsSkippedAndOthersGoOn(t *testing.T) {
	s := newShop()

	summary, _ := s.run(t, tee("S,x", "M,y")+"mug,Mug,,,4\n")

	assert.Equal(t, integrations.Summary{Rows: 3, Products: 1, Variants: 1, Prices: 1, Created: 1, Failed: 2}, summary)
	assert.Len(t, s.products, 1)
}

func TestASKUOfAnotherProductCostsTheProduct(t *testing.T) {
	s := newShop()
	s.run(t, "Handle,Title,Variant SKU,Variant Price\ncup,Cup,TEE_M,3\n")

	out := s.importAs(t, "second", tee("S,20", "M,20"), false)

	assert.Equal(t, []string{"2 product_skipped", "3 sku_taken"}, codes(out.Errors))
	assert.Equal(t, "Variant SKU", out.Errors[1].Column)
	assert.Equal(t, 2, out.Summary.Failed)
	assert.NotContains(t, s.products, "tee")
}

func TestWhatTheCatalogRefusesCostsTheProduct(t *testing.T) {
	for pointer, want := range map[string][]string{
		"/vendor": {"2 Vendor", "3 "}, "/variants/1/barcode": {"2 ", "3 Variant Barcode"}, "": {"2 ", "3 "},
	} {
		s := newShop()
		s.refuse = func(req catalog.SaveProductRequest) error {
			if req.Handle != "tee" {
				return nil
			}
			return catalog.ErrInvalidProduct.With(fault.Field{Pointer: pointer, Detail: "at most 255 characters"})
		}

		summary, reported := s.run(t, tee("S,20", "M,20")+"mug,Mug,,,4\n")

		assert.Equal(t, want, reported)
		assert.Equal(t, 2, summary.Failed)
		assert.Equal(t, 1, summary.Created)
	}
}

func TestAHandleThatComesBackIsRefusedHoweverTheFirstFared(t *testing.T) {
	for _, first := range []string{"20", "twenty"} {
		s := newShop()

		out := s.importAs(t, "one", tee("S,"+first)+"mug,Mug,,,4\ntee,Tee,Size,M,20\ntee,,,L,20\n", false)

		assert.Contains(t, codes(out.Errors), "4 handle_repeated")
		assert.Contains(t, codes(out.Errors), "5 handle_repeated")
		assert.Contains(t, out.Errors[len(out.Errors)-1].Message, "tee began at row 2")
		assert.Contains(t, s.products, "mug")
	}
}

func TestAHandleThatComesBackInALaterBatchIsRefusedAndARepeatedBatchIsNot(t *testing.T) {
	s := newShop()
	whole := groups(t, tee("S,20")+"mug,Mug,,,4\ntee,Tee,Size,M,20\n")
	batch := func(from, to int) []string {
		out, err := s.importer().Import(t.Context(), importing.Batch{ImportID: "one", Groups: whole[from:to]})
		require.NoError(t, err)
		return codes(out.Errors)
	}

	assert.Empty(t, batch(0, 2))
	assert.Empty(t, batch(0, 2), "done twice because nobody knew that it was done")
	assert.Equal(t, []string{"4 handle_repeated"}, batch(2, 3))
	assert.Len(t, s.products["tee"].Variants, 1)
}

func TestADryRunAnswersTheSameAndChangesNothing(t *testing.T) {
	file := harbor(t) + strings.Repeat(",", 46) + "\n"
	planned, done := newShop(), newShop()

	foreseen := planned.importAs(t, "one", file, true)
	real := done.importAs(t, "one", file, false)

	assert.Equal(t, real.Summary, foreseen.Summary)
	assert.Equal(t, real.Errors, foreseen.Errors)
	assert.Empty(t, planned.products)
	assert.Empty(t, planned.prices)
	assert.Empty(t, planned.stock)
	assert.Empty(t, foreseen.Counted)
	assert.Empty(t, foreseen.Pictures)
}

func TestADryRunSeesPricesAndSKUsThatOtherProductsOfTheFileHave(t *testing.T) {
	s := newShop()
	s.run(t, tee("S,20"))

	repriced := s.importAs(t, "two", tee("S,21"), true)
	taken := s.importAs(t, "three", "Handle,Title,Variant SKU,Variant Price\ncup,Cup,X,3\npot,Pot,X,3\n", true)

	assert.Equal(t, 1, repriced.Summary.Updated)
	assert.Equal(t, []string{"3 sku_taken"}, codes(taken.Errors))
	assert.Equal(t, 1, taken.Summary.Created)
}

func TestAPictureThatMustNotBeFetchedIsLeftOut(t *testing.T) {
	s := newShop()

	out := s.importAs(t, "one", "Handle,Title,Variant Price,Image Src\npot,Pot,3,http://127.0.0.1/a.png\npot,,,https://pictures.example/b.png\n"+
		"pot,,,http://127.0.0.1/c.png\n", false)

	assert.Equal(t, []string{"2 picture_link_refused", "4 picture_link_refused"}, codes(out.Errors))
	assert.Equal(t, "the address 127.0.0.1 is of this machine; left out", out.Errors[0].Message)
	assert.Equal(t, 1, out.Summary.Failed, "the last row was nothing but a picture")
	assert.Equal(t, []catalog.Media{{URL: "https://pictures.example/b.png"}}, s.products["pot"].Media)
	assert.Equal(t, map[string][]string{s.products["pot"].ID: {"https://pictures.example/b.png"}}, out.Pictures)
}

func TestACountThatTheFileOnlyRepeatsLeavesTheStockAlone(t *testing.T) {
	s := newShop()
	s.run(t, harbor(t))
	sold := int64(5)
	pots := s.stock["PEAT-POTS"]
	pots.OnHand = &sold
	s.stock["PEAT-POTS"] = pots

	again, _ := s.run(t, harbor(t))
	assert.Equal(t, int64(5), s.onHand("PEAT-POTS"))
	assert.Equal(t, 5, again.Unchanged)

	s.run(t, strings.Replace(harbor(t), "shopify,8,deny", "shopify,9,deny", 1))
	assert.Equal(t, int64(9), s.onHand("PEAT-POTS"))
}

func TestManyProductsAreOneCall(t *testing.T) {
	s := newShop()
	file := "Handle,Title,Variant Price\n"
	for i := range 100 {
		file += fmt.Sprintf("pot-%d,Pot,3\n", i)
	}

	s.run(t, file)

	assert.Len(t, s.products, 100)
	assert.Equal(t, 1, s.calls)
}

func TestACountBelowWhatIsPromisedLeavesTheStockAlone(t *testing.T) {
	s := newShop()
	s.run(t, harbor(t))
	s.promised["PEAT-POTS"] = 6

	lower := strings.Replace(harbor(t), "shopify,8,deny", "shopify,5,deny", 1)
	summary, reported := s.run(t, lower)

	assert.Contains(t, reported, "12 Variant Inventory Qty")
	assert.Equal(t, int64(8), s.onHand("PEAT-POTS"))
	assert.Equal(t, 5, summary.Unchanged)
	assert.Zero(t, summary.Failed)
}

func TestAShopThatIsDownEndsTheImportAndIsNoFaultOfTheFile(t *testing.T) {
	s := newShop()
	s.broken = errors.New("connection refused")

	_, err := s.importer().Import(t.Context(), importing.Batch{ImportID: "one", Groups: groups(t, tee("S,20"))})

	require.ErrorIs(t, err, s.broken)
}

// tee is a file with a small header and one product whose variants are "size,price".
func tee(variants ...string) string {
	file := "Handle,Title,Option1 Name,Option1 Value,Variant Price\n"
	for i, variant := range variants {
		if i == 0 {
			file += "tee,Tee,Size," + variant + "\n"
			continue
		}
		file += "tee,,," + variant + "\n"
	}
	return file
}
