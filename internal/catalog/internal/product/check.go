package product

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Limits of a product. Lengths are in UTF-16 code units.
const (
	MaxOptions      = 5
	MaxOptionValues = 200
	MaxMedia        = 250
	MaxVariants     = 2000

	maxShort       = 255
	maxOptionName  = 100
	maxOptionValue = 200
	maxTags        = 250
	maxAttributes  = 100
	maxDescription = 65535
	maxURL         = 2048
	maxText        = 1000
	maxKey         = 64

	// maxCombination is in bytes and keeps the values of a variant within what an index can hold.
	maxCombination = 2000
)

var (
	taxClassForm = regexp.MustCompile(`^[a-z0-9]+([_-][a-z0-9]+)*$`)
	mediaForm    = regexp.MustCompile(`^(https?://|/)[^ ]+$`)
)

// Check reports everything about a normalized product that is not consistent.
// Errors: ErrInvalidProduct with pointers into the request that creates a product.
func Check(p catalog.Product) error {
	var faults []fault.Field
	if !ValidHandle(p.Handle) {
		faults = append(faults, invalid("/handle", "lower-case letters, digits and single dashes"))
	}
	if !slices.Contains([]string{catalog.StatusDraft, catalog.StatusActive, catalog.StatusArchived}, p.Status) {
		faults = append(faults, invalid("/status", "draft, active or archived"))
	}
	if !taxClassForm.MatchString(p.TaxClass) {
		faults = append(faults, invalid("/tax_class", "lower-case letters and digits"))
	}
	faults = append(faults, checkTexts(p)...)
	faults = append(faults, checkOptions(p.Options)...)
	faults = append(faults, checkMedia(p.Media)...)
	faults = append(faults, checkVariants(p)...)
	return refuse(faults)
}

// CheckNew is Check for a product whose variants all come from one request: there, a SKU or a combination of values that
// comes twice is the request's mistake.
// Errors: ErrInvalidProduct.
func CheckNew(p catalog.Product) error {
	if err := Check(p); err != nil {
		return err
	}
	return checkDistinct(p.Variants)
}

// CheckVariant is the part of Check that is about one variant, with pointers into a request of its own.
// Errors: ErrInvalidProduct.
func CheckVariant(options []catalog.Option, v catalog.Variant) error {
	return refuse(checkVariant(nil, options, v, ""))
}

// CheckOptions reports options that are blank, repeated or without values.
// Errors: ErrInvalidProduct.
func CheckOptions(options []catalog.Option) error {
	return refuse(checkOptions(options))
}

// CheckGroup reports what is wrong with the handle or the name of a category or collection; at is where requests have
// the name.
// Errors: ErrInvalidProduct.
func CheckGroup(handle, name, at string) error {
	faults := checkText(nil, at, name, maxShort)
	if name == "" {
		faults = append(faults, required(at, "it needs a name"))
	}
	if !ValidHandle(handle) {
		faults = append(faults, invalid("/handle", "lower-case letters, digits and single dashes"))
	}
	return refuse(faults)
}

func checkDistinct(variants []catalog.Variant) error {
	var faults []fault.Field
	skus, combinations := map[string]bool{}, map[string]bool{}
	for i, v := range variants {
		at := fmt.Sprintf("/variants/%d", i)
		if skus[v.SKU] {
			faults = append(faults, invalid(at+"/sku", "another variant of the product has this SKU"))
		}
		combination := fmt.Sprintf("%q", v.Options)
		if combinations[combination] {
			faults = append(faults, invalid(at+"/option_values", "another variant of the product has these values"))
		}
		skus[v.SKU], combinations[combination] = true, true
	}
	return refuse(faults)
}

func checkTexts(p catalog.Product) []fault.Field {
	faults := checkText(nil, "/title", p.Title, maxShort)
	if p.Title == "" {
		faults = append(faults, required("/title", "a product needs a title"))
	}
	faults = checkText(faults, "/description", p.Description, maxDescription)
	faults = checkText(faults, "/vendor", p.Vendor, maxShort)
	faults = checkText(faults, "/product_type", p.ProductType, maxShort)
	faults = checkText(faults, "/seo/title", p.SEO.Title, maxShort)
	faults = checkText(faults, "/seo/description", p.SEO.Description, maxText)
	faults = checkText(faults, "/external_id", p.ExternalID, maxShort)
	for i, tag := range p.Tags {
		faults = checkText(faults, fmt.Sprintf("/tags/%d", i), tag, maxShort)
	}
	if len(p.Tags) > maxTags {
		faults = append(faults, invalid("/tags", fmt.Sprintf("at most %d", maxTags)))
	}
	if len(p.Attributes) > maxAttributes {
		faults = append(faults, invalid("/attributes", fmt.Sprintf("at most %d", maxAttributes)))
	}
	for _, name := range sortedKeys(p.Attributes) {
		faults = checkText(faults, "/attributes", name, maxShort)
		faults = checkText(faults, "/attributes/"+pointer(name), p.Attributes[name], maxText)
	}
	return checkMetadata(faults, "/metadata", p.Metadata)
}

func checkMetadata(faults []fault.Field, at string, metadata map[string]string) []fault.Field {
	for _, key := range sortedKeys(metadata) {
		faults = checkText(faults, at, key, maxKey)
		faults = checkText(faults, at+"/"+pointer(key), metadata[key], maxText)
	}
	return faults
}

// checkText refuses what is too long and what PostgreSQL cannot store.
func checkText(faults []fault.Field, at, text string, limit int) []fault.Field {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return append(faults, invalid(at, "not valid text"))
	}
	if utf16Length(text) > limit {
		return append(faults, invalid(at, fmt.Sprintf("at most %d characters", limit)))
	}
	return faults
}

// utf16Length counts as the API document does.
func utf16Length(text string) int {
	length := 0
	for _, r := range text {
		length += utf16.RuneLen(r)
	}
	return length
}

func checkOptions(options []catalog.Option) []fault.Field {
	var faults []fault.Field
	if len(options) > MaxOptions {
		faults = append(faults, invalid("/options", fmt.Sprintf("at most %d", MaxOptions)))
	}
	for i, option := range options {
		at := fmt.Sprintf("/options/%d", i)
		faults = checkText(faults, at+"/name", option.Name, maxOptionName)
		if strings.TrimSpace(option.Name) == "" {
			faults = append(faults, required(at+"/name", "an option needs a name"))
		}
		if slices.ContainsFunc(options[:i], func(o catalog.Option) bool { return o.Name == option.Name }) {
			faults = append(faults, invalid(at+"/name", "another option of the product has this name"))
		}
		faults = append(faults, checkOptionValues(at+"/values", option.Values)...)
	}
	return faults
}

func checkOptionValues(at string, values []string) []fault.Field {
	var faults []fault.Field
	if len(values) == 0 || len(values) > MaxOptionValues {
		faults = append(faults, invalid(at, fmt.Sprintf("1 to %d values", MaxOptionValues)))
	}
	for i, value := range values {
		place := fmt.Sprintf("%s/%d", at, i)
		faults = checkText(faults, place, value, maxOptionValue)
		if strings.TrimSpace(value) == "" {
			faults = append(faults, required(place, "a value cannot be blank"))
		}
		if slices.Contains(values[:i], value) {
			faults = append(faults, invalid(place, "the option has this value already"))
		}
	}
	return faults
}

func checkMedia(media []catalog.Media) []fault.Field {
	var faults []fault.Field
	if len(media) > MaxMedia {
		faults = append(faults, invalid("/media", fmt.Sprintf("at most %d", MaxMedia)))
	}
	for i, m := range media {
		at := fmt.Sprintf("/media/%d", i)
		faults = checkText(faults, at+"/url", m.URL, maxURL)
		faults = checkText(faults, at+"/alt", m.Alt, maxText)
		if !mediaForm.MatchString(m.URL) {
			faults = append(faults, invalid(at+"/url", "an http or https link, or a path"))
		}
		if m.Width < 0 || m.Height < 0 {
			faults = append(faults, invalid(at, "width and height are pixels"))
		}
	}
	return faults
}

func checkVariants(p catalog.Product) []fault.Field {
	var faults []fault.Field
	if len(p.Variants) > MaxVariants {
		faults = append(faults, invalid("/variants", fmt.Sprintf("at most %d", MaxVariants)))
	}
	for i, v := range p.Variants {
		faults = checkVariant(faults, p.Options, v, fmt.Sprintf("/variants/%d", i))
	}
	return faults
}

func checkVariant(faults []fault.Field, options []catalog.Option, v catalog.Variant, at string) []fault.Field {
	faults = checkText(faults, at+"/sku", v.SKU, maxShort)
	faults = checkText(faults, at+"/title", v.Title, maxText+maxShort)
	faults = checkText(faults, at+"/barcode", v.Barcode, maxShort)
	faults = checkText(faults, at+"/external_id", v.ExternalID, maxShort)
	faults = checkMetadata(faults, at+"/metadata", v.Metadata)
	if strings.TrimSpace(v.SKU) == "" {
		faults = append(faults, required(at+"/sku", "a variant needs a SKU"))
	}
	if v.WeightGrams < 0 {
		faults = append(faults, invalid(at+"/weight_grams", "not below 0"))
	}
	if len(DerivedTitle(v.Options)) > maxCombination {
		faults = append(faults, invalid(at+"/option_values", "the values are too long together"))
	}
	if !oneValueEach(options, v.Options) {
		faults = append(faults, invalid(at+"/option_values", "one value for each option of the product"))
	}
	return faults
}

// oneValueEach is the promise of the module: a variant names exactly one value of every option, in the options' order.
func oneValueEach(options []catalog.Option, selected []catalog.SelectedOption) bool {
	if len(options) != len(selected) {
		return false
	}
	for i, option := range options {
		if selected[i].Name != option.Name || !slices.Contains(option.Values, selected[i].Value) {
			return false
		}
	}
	return true
}
