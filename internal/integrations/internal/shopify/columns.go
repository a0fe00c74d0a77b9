package shopify

import (
	"regexp"
	"slices"
	"strings"
)

// Columns that mean something here, by the names of the oldest header. They stand for the column in every generation.
const (
	ColHandle        = "Handle"
	ColTitle         = "Title"
	ColBody          = "Body (HTML)"
	ColVendor        = "Vendor"
	ColType          = "Type"
	ColTags          = "Tags"
	ColSKU           = "Variant SKU"
	ColGrams         = "Variant Grams"
	ColQuantity      = "Variant Inventory Qty"
	ColPrice         = "Variant Price"
	ColBarcode       = "Variant Barcode"
	ColImage         = "Image Src"
	ColSEOTitle      = "SEO Title"
	ColSEODetail     = "SEO Description"
	ColOption        = "Option1 Value"
	ColCategory      = "Product Category"
	colPublished     = "Published"
	colStatus        = "Status"
	colTracker       = "Variant Inventory Tracker"
	colPolicy        = "Variant Inventory Policy"
	colCompareAt     = "Variant Compare At Price"
	colShipping      = "Variant Requires Shipping"
	colTaxable       = "Variant Taxable"
	colImagePosition = "Image Position"
	colImageAlt      = "Image Alt Text"
	colGiftCard      = "Gift Card"
	colGoogle        = "Google Shopping / Google Product Category"
)

// Generations of the header.
const (
	Generation2018 = "product-2018"
	Generation2024 = "product-export-2024"
	Generation2025 = "product-template-2025"
)

// maxOptions is how many options the format has room for.
const maxOptions = 3

const googlePrefix = "google shopping / "

func optionName(n int) string  { return "Option" + string(rune('0'+n)) + " Name" }
func optionValue(n int) string { return "Option" + string(rune('0'+n)) + " Value" }

func usedColumns() []string {
	used := []string{
		ColHandle, ColTitle, ColBody, ColVendor, ColType, ColTags, ColSKU, ColGrams, ColQuantity, ColPrice, ColBarcode, ColImage,
		ColSEOTitle, ColSEODetail, ColCategory, colPublished, colStatus, colTracker, colPolicy, colCompareAt, colShipping, colTaxable,
		colImagePosition, colImageAlt, colGiftCard, colGoogle,
	}
	for n := 1; n <= maxOptions; n++ {
		used = append(used, optionName(n), optionValue(n))
	}
	return used
}

// newerNames are the names of 2025, in lower case, where they differ in more than case.
func newerNames() map[string]string {
	return map[string]string{
		"url handle": ColHandle, "description": ColBody, "published on online store": colPublished, "sku": ColSKU, "barcode": ColBarcode,
		"price": ColPrice, "compare-at price": colCompareAt, "charge tax": colTaxable, "inventory tracker": colTracker,
		"inventory quantity": ColQuantity, "continue selling when out of stock": colPolicy, "weight value (grams)": ColGrams,
		"requires shipping": colShipping, "product image url": ColImage,
	}
}

// ignoredNames belong to the format and are not taken over, in lower case.
func ignoredNames() []string {
	return []string{
		"variant fulfillment service", "fulfillment service", "variant image", "variant image url", "variant weight unit",
		"weight unit for display", "variant tax code", "tax code", "cost per item",
		"unit price total measure", "unit price total measure unit", "unit price base measure", "unit price base measure unit",
		"option1 linked to", "option2 linked to", "option3 linked to",
	}
}

func isIgnored(lower string) bool {
	return strings.HasPrefix(lower, googlePrefix) || slices.Contains(ignoredNames(), lower)
}

// canonical is the column that a name stands for, or "" when it is none that means something here.
func canonical(name string) string {
	for _, used := range usedColumns() {
		if strings.EqualFold(used, name) {
			return used
		}
	}
	return newerNames()[strings.ToLower(name)]
}

// metafield is a column such as "Color (product.metafields.shopify.color-pattern)".
var metafield = regexp.MustCompile(`^(.+) \(product\.metafields\.([^.()]+\.[^()]+)\)$`)

// marketColumn is a column such as "Price / Switzerland".
var marketColumn = regexp.MustCompile(`(?i)^(included|price|compare[ -]at price) / (.+)$`)

// generation tells the header's by the columns that only it has.
func generation(header []string) string {
	lower := make([]string, len(header))
	for i, name := range header {
		lower[i] = strings.ToLower(strings.TrimSpace(name))
	}
	if slices.Contains(lower, "url handle") {
		return Generation2025
	}
	for _, newer := range []string{"product category", "status", "option1 linked to", "unit price total measure"} {
		if slices.Contains(lower, newer) {
			return Generation2024
		}
	}
	return Generation2018
}
