package importing_test

import (
	"context"
	"errors"
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

func TestAVariantWhoseRowIsSkippedStaysAsItWas(t *testing.T) {
	s := newShop()
	s.run(t, tee("S,20", "M,20"))
	medium := s.variantOf(t, "tee", "TEE_M")

	summary, reported := s.run(t, tee("S,25", "M,twenty", "L,20"))

	assert.Equal(t, []string{"3 Variant Price"}, reported)
	assert.Equal(t, 1, summary.Failed)
	assert.Equal(t, 2, summary.Variants)
	assert.Equal(t, medium.ID, s.variantOf(t, "tee", "TEE_M").ID)
	assert.Equal(t, money.MustNew(2000, "EUR"), s.prices[medium.ID].Amount)
	assert.Equal(t, money.MustNew(2500, "EUR"), s.prices[s.variantOf(t, "tee", "TEE_S").ID].Amount)
	s.variantOf(t, "tee", "TEE_L")
}

func TestAProductIsSkippedWhenASkippedRowMeetsOtherOptions(t *testing.T) {
	s := newShop()
	s.run(t, tee("S,20", "M,20"))

	summary, reported := s.run(t, strings.Replace(tee("S,20", "M,x"), "Size", "Length", 1))

	assert.Equal(t, 2, summary.Failed)
	assert.Zero(t, summary.Products)
	assert.Equal(t, []string{"3 Variant Price", "2 Option1 Name"}, reported)
	assert.Equal(t, "Size", s.products["tee"].Options[0].Name)
}

func TestAProductWithoutOneGoodRowIsSkippedAndOthersGoOn(t *testing.T) {
	s := newShop()

	summary, _ := s.run(t, tee("S,x", "M,y")+"mug,Mug,,,4\n")

	assert.Equal(t, integrations.Summary{Rows: 3, Products: 1, Variants: 1, Prices: 1, Created: 1, Failed: 2}, summary)
	assert.Len(t, s.products, 1)
}

func TestASKUOfAnotherProductCostsItsRow(t *testing.T) {
	s := newShop()
	s.run(t, "Handle,Title,Variant SKU,Variant Price\ncup,Cup,TEE_M,3\n")

	summary, reported := s.run(t, tee("S,20", "M,20"))

	assert.Equal(t, []string{"3 Variant SKU"}, reported)
	assert.Equal(t, 1, summary.Failed)
	assert.Len(t, s.products["tee"].Variants, 1)
}

func TestWhatTheCatalogRefusesCostsTheProduct(t *testing.T) {
	s := newShop()
	s.refuse = func(req catalog.SaveProductRequest) error {
		if req.Handle != "tee" {
			return nil
		}
		return catalog.ErrInvalidProduct.With(fault.Field{Pointer: "/vendor", Detail: "at most 255 characters"})
	}

	summary, reported := s.run(t, tee("S,20", "M,20")+"mug,Mug,,,4\n")

	assert.Equal(t, []string{"2 Vendor", "3 Vendor"}, reported)
	assert.Equal(t, 2, summary.Failed)
	assert.Equal(t, 1, summary.Created)
}

func TestAProductOfWhichEveryVariantIsRefusedIsSkipped(t *testing.T) {
	s := newShop()
	s.refuse = func(catalog.SaveProductRequest) error {
		return catalog.ErrInvalidProduct.With(fault.Field{Pointer: "/variants/0/barcode", Detail: "at most 255 characters"})
	}

	summary, reported := s.run(t, tee("S,20", "M,20"))

	assert.Equal(t, []string{"2 Variant Barcode", "3 Variant Barcode"}, reported)
	assert.Equal(t, integrations.Summary{Rows: 2, Failed: 2}, summary)
}

func TestWhatTheFileDoesNotSpeakOfStays(t *testing.T) {
	s := newShop()
	s.run(t, tee("S,20"))
	arranged := s.products["tee"]
	arranged.Categories = []catalog.Category{{Handle: "shirts"}}
	arranged.Collections = []catalog.Collection{{Handle: "summer"}}
	arranged.Attributes = map[string]string{"material": "Cotton"}
	arranged.TaxClass, arranged.ExternalID = "reduced", "erp-7"
	s.products["tee"] = arranged

	summary, _ := s.run(t, tee("S,20"))

	assert.Equal(t, 1, summary.Unchanged)
	assert.Equal(t, arranged, s.products["tee"])
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

	summary, err := importing.New(s, s, s, s).ImportProducts(t.Context(), strings.NewReader(tee("S,20")), func(integrations.RowError) {
		t.Error("a row was blamed")
	})

	require.ErrorIs(t, err, s.broken)
	assert.Zero(t, summary.Failed)
	assert.Equal(t, 1, summary.Rows)
}

func TestAFileOfAnotherFormatIsRefused(t *testing.T) {
	s := newShop()

	_, err := importing.New(s, s, s, s).ImportProducts(context.Background(), strings.NewReader("sku;name\n"), func(integrations.RowError) {})

	assert.ErrorIs(t, err, integrations.ErrInvalidFile)
}

func TestUnknownColumnsAreNamed(t *testing.T) {
	summary, _ := newShop().run(t, "Handle,Title,Shelf,Variant Price\nmug,Mug,B4,4\n")

	assert.Equal(t, []string{"Shelf"}, summary.UnknownColumns)
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
