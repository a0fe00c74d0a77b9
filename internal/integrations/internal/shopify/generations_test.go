package shopify_test

import (
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/money"
)

const header2024 = "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option1 Linked To," +
	"Option2 Name,Option2 Value,Option2 Linked To,Option3 Name,Option3 Value,Option3 Linked To,Variant SKU,Variant Grams," +
	"Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price," +
	"Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Unit Price Total Measure,Unit Price Total Measure Unit," +
	"Unit Price Base Measure,Unit Price Base Measure Unit,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title," +
	"SEO Description,Google Shopping / Google Product Category,Color (product.metafields.shopify.color-pattern),Variant Image," +
	"Variant Weight Unit,Variant Tax Code,Cost per item,Included / Schweiz,Price / Schweiz,Compare At Price / Schweiz,Price / Mars,Status"

const header2025 = "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,Option1 name," +
	"Option1 value,Option1 Linked To,Option2 name,Option2 value,Option2 Linked To,Option3 name,Option3 value,Option3 Linked To,Price," +
	"Compare-at price,Cost per item,Charge tax,Tax code,Unit price total measure,Unit price total measure unit,Unit price base measure," +
	"Unit price base measure unit,Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams)," +
	"Weight unit for display,Requires shipping,Fulfillment service,Product image URL,Image position,Image alt text,Variant image URL," +
	"Gift card,SEO title,SEO description,Color (product.metafields.shopify.color-pattern),Google Shopping / Google product category"

func swiss(name string) (shopify.Market, bool) {
	return shopify.Market{ChannelID: "ch", Currency: "CHF"}, name == "Schweiz"
}

// write is a file of one row under a header.
func write(t *testing.T, header string, row cells) string {
	t.Helper()
	columns, err := csv.NewReader(strings.NewReader(header)).Read()
	require.NoError(t, err)
	record := make([]string, len(columns))
	for i, column := range columns {
		record[i] = row[column]
	}
	var file strings.Builder
	w := csv.NewWriter(&file)
	require.NoError(t, w.WriteAll([][]string{columns, record}))
	return file.String()
}

func readWith(t *testing.T, file string) (*shopify.Header, shopify.Product) {
	t.Helper()
	parsed, err := shopify.ReadHeader(strings.NewReader(file), swiss)
	require.NoError(t, err)
	reader := parsed.Products(strings.NewReader(file), shopify.Position{}, "EUR")
	group, err := reader.Next()
	require.NoError(t, err)
	require.Empty(t, group.Problems)
	_, err = reader.Next()
	require.ErrorIs(t, err, io.EOF)
	return parsed, group.Product
}

func TestEveryGenerationIsRecognizedWithAllItsColumns(t *testing.T) {
	for text, want := range map[string]string{
		header: shopify.Generation2018, header2024: shopify.Generation2024, header2025: shopify.Generation2025,
	} {
		parsed, err := shopify.ReadHeader(strings.NewReader(text+"\n"), swiss)

		require.NoError(t, err)
		assert.Equal(t, want, parsed.Generation)
		if want == shopify.Generation2024 {
			assert.Equal(t, []string{"Price / Mars"}, parsed.Unknown)
			assert.Contains(t, parsed.Ignored, "Included / Schweiz")
			assert.Contains(t, parsed.Ignored, "Unit Price Total Measure")
			continue
		}
		assert.Empty(t, parsed.Unknown)
	}
}

func TestTheNewestTemplateIsRead(t *testing.T) {
	parsed, product := readWith(t, write(t, header2025, cells{
		"Title": "Tee", "URL handle": "tee", "Description": "<p>Soft</p>", "Product category": "Apparel > Shirts & Tops",
		"Published on online store": "TRUE", "Status": "Active", "SKU": "T-1", "Option1 name": "Size", "Option1 value": "S", "Price": "20",
		"Compare-at price": "25", "Charge tax": "TRUE", "Inventory tracker": "shopify", "Inventory quantity": "7",
		"Continue selling when out of stock": "TRUE", "Weight value (grams)": "120", "Requires shipping": "TRUE",
		"Product image URL": "https://pictures.example/tee.jpg", "Color (product.metafields.shopify.color-pattern)": "Red",
	}))

	assert.Equal(t, "Tee", product.Title)
	assert.Equal(t, "<p>Soft</p>", product.Body)
	assert.Equal(t, "shirts-tops", product.Category)
	assert.Equal(t, map[string]string{"Color": "Red"}, product.Attributes)
	assert.Equal(t, "https://pictures.example/tee.jpg", product.Pictures[0].URL)
	seven := int64(7)
	twentyFive := money.MustNew(2500, "EUR")
	assert.Equal(t, shopify.Variant{Line: 2, SKU: "T-1", Options: []string{"S"}, Grams: 120, RequiresShipping: true, Taxable: true,
		Price: money.MustNew(2000, "EUR"), CompareAt: &twentyFive, Tracked: true, OnHand: &seven, Backorder: true}, product.Variants[0])
	assert.Equal(t, "SKU", parsed.Name(shopify.ColSKU), "errors name columns as the file does")
}

func TestMarketPricesAreThoseOfChannels(t *testing.T) {
	_, product := readWith(t, write(t, header2024, cells{"Handle": "tee", "Title": "Tee", "Variant Price": "20", "Status": "active",
		"Price / Schweiz": "24.50", "Compare At Price / Schweiz": "30", "Price / Mars": "much"}))

	thirty := money.MustNew(3000, "CHF")
	assert.Equal(t, []shopify.MarketPrice{{ChannelID: "ch", Price: money.MustNew(2450, "CHF"), CompareAt: &thirty}}, product.Variants[0].Markets)
}

func TestGooglesCategoryStandsInForAMissingOne(t *testing.T) {
	for written, want := range map[string]string{"Home > Garden > Pots": "pots", "1604": "", "": "", "Pots": "pots"} {
		_, product := readWith(t, write(t, header, cells{"Handle": "pot", "Title": "Pot", "Variant Price": "3",
			"Google Shopping / Google Product Category": written}))

		assert.Equal(t, want, product.Category, written)
	}
}
