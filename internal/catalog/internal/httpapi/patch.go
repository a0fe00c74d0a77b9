package httpapi

import (
	"slices"

	"github.com/oapi-codegen/nullable"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

// newProduct reads a product to be created, all but its variants.
func newProduct(body ProductCreate) (catalog.Product, error) {
	p := catalog.Product{
		Handle: body.Handle, Title: body.Title, Description: body.Description, Vendor: body.Vendor,
		ProductType: body.ProductType, Status: string(body.Status), Tags: body.Tags, Options: optionsOf(body.Options),
		Media: mediaOf(nil, body.Media), Attributes: body.Attributes, SEO: seoOf(body.SEO), TaxClass: body.TaxClass,
		ExternalID: body.ExternalID, Metadata: body.Metadata,
	}
	return p, replaceGroups(&p, body.CategoryIds, body.CollectionIds)
}

func newVariant(body VariantCreate) editing.NewVariant {
	v := catalog.Variant{
		SKU: body.SKU, Title: body.Title, Barcode: body.Barcode, RequiresShipping: true, Taxable: true,
		ExternalID: body.ExternalID, Metadata: body.Metadata,
	}
	set(&v.WeightGrams, body.WeightGrams)
	set(&v.RequiresShipping, body.RequiresShipping)
	set(&v.Taxable, body.Taxable)
	wanted := editing.NewVariant{Variant: v, Values: body.OptionValues}
	if body.Position != nil {
		place := int(*body.Position)
		wanted.Place = &place
	}
	return wanted
}

// patchProduct applies a merge patch. What the document does not allow to be null is absent when it has its zero value.
func patchProduct(p *catalog.Product, body ProductPatch) error {
	setText(&p.Title, body.Title)
	setText(&p.Handle, body.Handle)
	setText(&p.Status, string(body.Status))
	setText(&p.TaxClass, body.TaxClass)
	setOrClear(&p.Description, body.Description)
	setOrClear(&p.Vendor, body.Vendor)
	setOrClear(&p.ProductType, body.ProductType)
	setOrClear(&p.ExternalID, body.ExternalID)
	setOrClear((*Attributes)(&p.Attributes), body.Attributes)
	setOrClear((*Metadata)(&p.Metadata), body.Metadata)
	if body.SEO.IsSpecified() {
		var seo SEO
		setOrClear(&seo, body.SEO)
		p.SEO = seoOf(seo)
	}
	if body.Tags != nil {
		p.Tags = body.Tags
	}
	if body.Options != nil {
		p.Options = optionsOf(body.Options)
	}
	if body.Media != nil {
		p.Media = mediaOf(p.Media, body.Media)
	}
	return replaceGroups(p, body.CategoryIds, body.CollectionIds)
}

// patchVariant applies a merge patch, all but the option values.
func patchVariant(v *catalog.Variant, body VariantPatch) {
	setText(&v.SKU, body.SKU)
	setText(&v.Title, body.Title)
	setOrClear(&v.Barcode, body.Barcode)
	setOrClear(&v.ExternalID, body.ExternalID)
	setOrClear(&v.WeightGrams, body.WeightGrams)
	setOrClear((*Metadata)(&v.Metadata), body.Metadata)
	set(&v.RequiresShipping, body.RequiresShipping)
	set(&v.Taxable, body.Taxable)
	if body.Position != nil {
		v.Position = int(*body.Position)
	}
}

func patchCategory(c *catalog.Category, body CategoryPatch) (err error) {
	setText(&c.Name, body.Name)
	setText(&c.Handle, body.Handle)
	setOrClear(&c.Description, body.Description)
	if body.Position != nil {
		c.Position = int(*body.Position)
	}
	if !body.ParentID.IsSpecified() {
		return nil
	}
	var public string
	setOrClear(&public, body.ParentID)
	c.ParentID, err = parentID(public)
	return err
}

func patchCollection(c *catalog.Collection, body CollectionPatch) (err error) {
	setText(&c.Name, body.Title)
	setText(&c.Handle, body.Handle)
	setOrClear(&c.Description, body.Description)
	if body.ProductIds != nil {
		c.ProductIDs, err = decodeAll(catalog.ProductPrefix, body.ProductIds, "/product_ids")
	}
	return err
}

// set takes over a value that is there.
func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// setText takes over a text that cannot be empty and is therefore absent when it is.
func setText(to *string, value string) {
	if value != "" {
		*to = value
	}
}

// setOrClear takes over a value that is there, and makes it empty for null.
func setOrClear[T any](to *T, value nullable.Nullable[T]) {
	if !value.IsSpecified() {
		return
	}
	var empty T
	*to = empty
	if !value.IsNull() {
		*to = value.MustGet()
	}
}

// replaceGroups names the categories and collections by id, where they are given.
func replaceGroups(p *catalog.Product, categories, collections []string) error {
	if categories != nil {
		decoded, err := decodeAll(catalog.CategoryPrefix, categories, "/category_ids")
		if err != nil {
			return err
		}
		p.Categories = views(decoded, func(id string) catalog.Category { return catalog.Category{ID: id} })
	}
	if collections != nil {
		decoded, err := decodeAll(catalog.CollectionPrefix, collections, "/collection_ids")
		if err != nil {
			return err
		}
		p.Collections = views(decoded, func(id string) catalog.Collection { return catalog.Collection{ID: id} })
	}
	return nil
}

func seoOf(s SEO) catalog.SEO { return catalog.SEO{Title: s.Title, Description: s.Description} }

func optionsOf(inputs []OptionInput) []catalog.Option {
	return views(inputs, func(o OptionInput) catalog.Option { return catalog.Option{Name: o.Name, Values: o.Values} })
}

// mediaOf orders pictures by their positions, those without one as they come. What is known of a picture's size stays.
func mediaOf(had []catalog.Media, inputs []MediaInput) []catalog.Media {
	ordered := slices.Clone(inputs)
	slices.SortStableFunc(ordered, func(a, b MediaInput) int { return int(a.Position - b.Position) })
	media := views(ordered, func(m MediaInput) catalog.Media { return catalog.Media{URL: m.URL, Alt: m.Alt} })
	return product.KeepSizes(had, media)
}
