package shopify

import (
	"slices"
	"strings"
)

// Columns of the header that mean something here.
const (
	colHandle           = "Handle"
	colTitle            = "Title"
	colBody             = "Body (HTML)"
	colVendor           = "Vendor"
	colType             = "Type"
	colTags             = "Tags"
	colPublished        = "Published"
	colStatus           = "Status"
	colSKU              = "Variant SKU"
	colGrams            = "Variant Grams"
	colTracker          = "Variant Inventory Tracker"
	colQuantity         = "Variant Inventory Qty"
	colPolicy           = "Variant Inventory Policy"
	colPrice            = "Variant Price"
	colCompareAt        = "Variant Compare At Price"
	colRequiresShipping = "Variant Requires Shipping"
	colTaxable          = "Variant Taxable"
	colBarcode          = "Variant Barcode"
	colImage            = "Image Src"
	colImagePosition    = "Image Position"
	colImageAlt         = "Image Alt Text"
	colGiftCard         = "Gift Card"
	colSEOTitle         = "SEO Title"
	colSEODescription   = "SEO Description"
)

// newerHandle tells the template of 2025, whose columns have other names, from a file of another kind.
const newerHandle = "URL handle"

// maxOptions is how many options the format has room for.
const maxOptions = 3

const googlePrefix = "google shopping / "

func optionName(n int) string  { return "Option" + string(rune('0'+n)) + " Name" }
func optionValue(n int) string { return "Option" + string(rune('0'+n)) + " Value" }

func usedColumns() []string {
	used := []string{
		colHandle, colTitle, colBody, colVendor, colType, colTags, colPublished, colStatus, colSKU, colGrams, colTracker, colQuantity,
		colPolicy, colPrice, colCompareAt, colRequiresShipping, colTaxable, colBarcode, colImage, colImagePosition,
		colImageAlt, colGiftCard, colSEOTitle, colSEODescription,
	}
	for n := 1; n <= maxOptions; n++ {
		used = append(used, optionName(n), optionValue(n))
	}
	return used
}

// isIgnored says whether a column belongs to the format but has no use here.
func isIgnored(name string) bool {
	lower := strings.ToLower(name)
	ignored := []string{
		"variant fulfillment service", "variant image", "variant weight unit", "variant tax code", "cost per item",
	}
	return strings.HasPrefix(lower, googlePrefix) || slices.Contains(ignored, lower)
}

// canonical is the spelling of a column that the format uses, or "" when it is none that means something here.
func canonical(name string) string {
	for _, used := range usedColumns() {
		if strings.EqualFold(used, name) {
			return used
		}
	}
	return ""
}
