package httpapi

import (
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// views turns each item of a list; the answer is never nil, so that JSON shows [].
func views[From, To any](items []From, view func(From) To) []To {
	shown := make([]To, len(items))
	for i, item := range items {
		shown[i] = view(item)
	}
	return shown
}

func productView(p catalog.Product) Product {
	shown := productSummary(p)
	variants := views(p.Variants, variantView)
	shown.Variants = &variants
	return shown
}

// productSummary is a product as lists show it, without its variants.
func productSummary(p catalog.Product) Product {
	media := make([]Media, len(p.Media))
	for i, m := range p.Media {
		media[i] = Media{URL: m.URL, Alt: m.Alt, Position: int64(i)}
	}
	return Product{
		ID: ids.Encode(catalog.ProductPrefix, p.ID), Handle: p.Handle, Title: p.Title, Description: p.Description,
		Vendor: p.Vendor, ProductType: p.ProductType, Status: ProductStatus(p.Status), Tags: p.Tags,
		Options: views(p.Options, optionView), Media: media,
		CategoryIds: views(p.Categories, func(c catalog.Category) string {
			return ids.Encode(catalog.CategoryPrefix, c.ID)
		}),
		CollectionIds: views(p.Collections, func(c catalog.Collection) string {
			return ids.Encode(catalog.CollectionPrefix, c.ID)
		}),
		Attributes: p.Attributes, SEO: SEO{Title: p.SEO.Title, Description: p.SEO.Description},
		TaxClass: p.TaxClass, ExternalID: p.ExternalID, Metadata: p.Metadata,
		Version: int64(p.Version), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

func optionView(o catalog.Option) ProductOption {
	return ProductOption{ID: ids.Encode(catalog.OptionPrefix, o.ID), Name: o.Name, Values: o.Values}
}

func variantView(v catalog.Variant) Variant {
	values := make(map[string]string, len(v.Options))
	for _, option := range v.Options {
		values[option.Name] = option.Value
	}
	shown := Variant{
		ID: ids.Encode(catalog.VariantPrefix, v.ID), ProductID: ids.Encode(catalog.ProductPrefix, v.ProductID),
		SKU: v.SKU, Title: v.Title, OptionValues: values, Barcode: v.Barcode, RequiresShipping: v.RequiresShipping,
		Taxable: v.Taxable, Position: int64(v.Position), ExternalID: v.ExternalID, Metadata: v.Metadata,
		Version: int64(v.Version), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
	if v.WeightGrams > 0 {
		shown.WeightGrams = &v.WeightGrams
	}
	return shown
}

func categoryView(c catalog.Category) Category {
	shown := Category{
		ID: ids.Encode(catalog.CategoryPrefix, c.ID), Name: c.Name, Handle: c.Handle, Description: c.Description,
		Position: int64(c.Position), Version: int64(c.Version), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.ParentID != "" {
		shown.ParentID = ids.Encode(catalog.CategoryPrefix, c.ParentID)
	}
	return shown
}

func collectionView(c catalog.Collection) Collection {
	return Collection{
		ID: ids.Encode(catalog.CollectionPrefix, c.ID), Title: c.Name, Handle: c.Handle, Description: c.Description,
		ProductIds: views(c.ProductIDs, func(id string) string { return ids.Encode(catalog.ProductPrefix, id) }),
		Version:    int64(c.Version), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}
