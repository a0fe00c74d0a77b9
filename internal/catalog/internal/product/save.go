package product

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
)

// Apply answers what p, the product of this handle or a new one, becomes by the request: cleaned, normalized and
// checked. Variants are matched by SKU and options by name; those that stay keep their ids, versions and whatever the
// request does not speak of. Categories and collections that p is not in yet come with a handle and without an id.
// What the request leaves as it is comes back equal.
// Errors: ErrInvalidProduct.
func Apply(p catalog.Product, req catalog.SaveProductRequest, clean Cleaner, newID func() string) (catalog.Product, error) {
	if err := checkSaved(req); err != nil {
		return catalog.Product{}, err
	}
	saved := Clone(p)
	saved.Handle, saved.Title, saved.Description = req.Handle, req.Title, clean.Clean(req.Description)
	saved.Vendor, saved.ProductType, saved.Status = req.Vendor, req.ProductType, req.Status
	saved.Tags, saved.Attributes, saved.SEO = req.Tags, req.Attributes, req.SEO
	saved.TaxClass, saved.ExternalID = req.TaxClass, req.ExternalID
	saved.Media = KeepSizes(p.Media, req.Media)
	saved.Categories = named(p.Categories, req.CategoryHandles, categoryHandle, newCategory)
	saved.Collections = named(p.Collections, req.CollectionHandles, collectionHandle, newCollection)
	saved.Options = usedOptions(p.Options, req, newID)
	saved.Variants = saveVariants(p.Variants, req, newID)
	saved = Normalize(saved)
	if err := CheckNew(saved); err != nil {
		return catalog.Product{}, err
	}
	return saved, nil
}

// checkSaved refuses what could not even be turned into a product.
func checkSaved(req catalog.SaveProductRequest) error {
	for i, v := range req.Variants {
		if len(v.Options) != len(req.Options) {
			at := fmt.Sprintf("/variants/%d/options", i)
			return catalog.ErrInvalidProduct.With(invalid(at, "one value for each option of the product"))
		}
	}
	for _, handle := range slices.Concat(req.CategoryHandles, req.CollectionHandles) {
		if !ValidHandle(handle) {
			return catalog.ErrInvalidProduct.Detailf("%q is not a handle", handle)
		}
	}
	return nil
}

// KeepSizes carries over what is known of a picture's size where the new list does not say.
func KeepSizes(had, wanted []catalog.Media) []catalog.Media {
	media := slices.Clone(wanted)
	for i, m := range media {
		old := slices.IndexFunc(had, func(h catalog.Media) bool { return h.URL == m.URL })
		if old >= 0 && m.Width == 0 && m.Height == 0 {
			media[i].Width, media[i].Height = had[old].Width, had[old].Height
		}
	}
	return media
}

// named picks the groups of these handles, in the order of handles, from those the product is in, and makes the others.
func named[T any](had []T, handles []string, handleOf func(T) string, create func(handle string) T) []T {
	wanted := slices.Compact(slices.Sorted(slices.Values(handles)))
	groups := []T{}
	for _, handle := range wanted {
		if i := slices.IndexFunc(had, func(t T) bool { return handleOf(t) == handle }); i >= 0 {
			groups = append(groups, had[i])
			continue
		}
		groups = append(groups, create(handle))
	}
	return groups
}

func categoryHandle(c catalog.Category) string     { return c.Handle }
func collectionHandle(c catalog.Collection) string { return c.Handle }

func newCategory(handle string) catalog.Category {
	return catalog.Category{Handle: handle, Name: NameFrom(handle)}
}

func newCollection(handle string) catalog.Collection {
	return catalog.Collection{Handle: handle, Name: NameFrom(handle)}
}

// NameFrom makes a name of a handle: "garden-tools" is "Garden tools".
func NameFrom(handle string) string {
	words := strings.ReplaceAll(handle, "-", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// usedOptions answers the options with the values that variants use, in the order of their first use.
func usedOptions(had []catalog.Option, req catalog.SaveProductRequest, newID func() string) []catalog.Option {
	options := make([]catalog.Option, len(req.Options))
	for i, name := range req.Options {
		values := []string{}
		for _, v := range req.Variants {
			if !slices.Contains(values, v.Options[i]) {
				values = append(values, v.Options[i])
			}
		}
		options[i] = catalog.Option{ID: idOf(had, name, newID), Name: name, Values: values}
	}
	return options
}

func saveVariants(had []catalog.Variant, req catalog.SaveProductRequest, newID func() string) []catalog.Variant {
	bySKU := make(map[string]catalog.Variant, len(had))
	for _, v := range had {
		bySKU[v.SKU] = v
	}
	variants := make([]catalog.Variant, len(req.Variants))
	for i, wanted := range req.Variants {
		v, found := bySKU[wanted.SKU]
		if !found {
			v = catalog.Variant{ID: newID(), SKU: wanted.SKU}
		}
		choose(&v, selection(req.Options, wanted.Options))
		v.Barcode, v.WeightGrams, v.Position = wanted.Barcode, wanted.WeightGrams, i
		v.RequiresShipping, v.Taxable = wanted.RequiresShipping, wanted.Taxable
		variants[i] = v
	}
	return variants
}

func selection(names, values []string) []catalog.SelectedOption {
	selected := make([]catalog.SelectedOption, len(names))
	for i, name := range names {
		selected[i] = catalog.SelectedOption{Name: name, Value: values[i]}
	}
	return selected
}
