package httpapi

import (
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/browsing"
)

// listed are products as lists show them: without description HTML and with one picture, unless asked for more.
func listed(items []browsing.Item, expand []StoreListProductsParamsExpand) []StoreProduct {
	products := make([]StoreProduct, len(items))
	for i, item := range items {
		products[i] = productOf(item)
		if !slices.Contains(expand, StoreListProductsParamsExpandDescription) {
			products[i].Description.HTML = ""
		}
		if !slices.Contains(expand, StoreListProductsParamsExpandMedia) && len(products[i].Media) > 1 {
			products[i].Media = products[i].Media[:1]
		}
	}
	return products
}

func productOf(item browsing.Item) StoreProduct {
	b := item.Body
	product := StoreProduct{ID: ids.Encode(catalog.ProductPrefix, b.ID), Handle: b.Handle, Title: b.Title, Vendor: b.Vendor,
		Description: StoreDescription{Text: b.DescriptionText, HTML: b.DescriptionHTML}, Tags: append([]string{}, b.Tags...),
		Media: imagesOf(b.Media), Options: optionsOf(b.Options), Variants: variantsOf(item), Categories: []StoreCategoryRef{},
		Collections: []StoreCollectionRef{}, Attributes: Attributes{}, SEO: SEO{Title: b.SEO.Title, Description: b.SEO.Description}, UpdatedAt: b.UpdatedAt}
	if len(product.Media) > 0 {
		product.Thumbnail = product.Media[0]
	}
	for name, value := range b.Attributes {
		product.Attributes[name] = value
	}
	for _, c := range b.Categories {
		product.Categories = append(product.Categories, StoreCategoryRef{ID: ids.Encode(catalog.CategoryPrefix, c.ID), Handle: c.Handle, Name: c.Name})
	}
	for _, c := range b.Collections {
		product.Collections = append(product.Collections, StoreCollectionRef{ID: ids.Encode(catalog.CollectionPrefix, c.ID), Handle: c.Handle, Title: c.Name})
	}
	product.PriceRange = rangeOf(item.Variants)
	return product
}

func imagesOf(media []catalog.Media) []Image {
	images := make([]Image, len(media))
	for i, m := range media {
		images[i] = Image{URL: m.URL, Alt: m.Alt, Width: int64(m.Width), Height: int64(m.Height)}
	}
	return images
}

func optionsOf(options []catalog.Option) []StoreOption {
	shown := make([]StoreOption, len(options))
	for i, o := range options {
		shown[i] = StoreOption{ID: ids.Encode(catalog.OptionPrefix, o.ID), Name: o.Name, Values: append([]string{}, o.Values...)}
	}
	return shown
}

func variantsOf(item browsing.Item) []StoreVariant {
	shown := make([]StoreVariant, len(item.Body.Variants))
	for i, v := range item.Body.Variants {
		shown[i] = StoreVariant{ID: ids.Encode(catalog.VariantPrefix, v.ID), SKU: v.SKU, Title: v.Title,
			SelectedOptions: make([]SelectedOption, len(v.Options)), Availability: Availability(item.Variants[i].Availability)}
		for j, o := range v.Options {
			shown[i].SelectedOptions[j] = SelectedOption(o)
		}
		if price := item.Variants[i].Price; price != nil {
			shown[i].Price = *price
		}
		if compareAt := item.Variants[i].CompareAt; compareAt != nil {
			shown[i].CompareAt = *compareAt
		}
	}
	return shown
}

// rangeOf spans the prices of the variants that have one.
func rangeOf(variants []browsing.Variant) PriceRange {
	var r PriceRange
	first := true
	for _, v := range variants {
		if v.Price == nil {
			continue
		}
		if first || v.Price.Minor() < r.Min.Minor() {
			r.Min = *v.Price
		}
		if first || v.Price.Minor() > r.Max.Minor() {
			r.Max = *v.Price
		}
		first = false
	}
	return r
}

// facetsOf groups values, which come ordered by field.
func facetsOf(values []browsing.FacetValue) []Facet {
	facets := []Facet{}
	for _, v := range values {
		if len(facets) == 0 || facets[len(facets)-1].Field != v.Field {
			facets = append(facets, Facet{Field: v.Field})
		}
		last := &facets[len(facets)-1]
		last.Values = append(last.Values, FacetValue{Value: v.Value, Label: v.Value, Count: v.Count})
	}
	return facets
}

func categoriesOf(nodes []browsing.Node) []StoreCategory {
	shown := make([]StoreCategory, len(nodes))
	for i, n := range nodes {
		shown[i] = StoreCategory{ID: ids.Encode(catalog.CategoryPrefix, n.Category.ID), Handle: n.Category.Handle, Name: n.Category.Name,
			Children: categoriesOf(n.Children)}
	}
	return shown
}
