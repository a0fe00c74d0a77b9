package postgres

import (
	"database/sql/driver"
	"time"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// stringMap is a jsonb object of texts.
type stringMap map[string]string

// Scan implements sql.Scanner.
func (m *stringMap) Scan(src any) error {
	return (&sqldb.JSON{V: (*map[string]string)(m)}).Scan(src)
}

// Value implements driver.Valuer.
func (m stringMap) Value() (driver.Value, error) {
	return sqldb.JSON{V: map[string]string(m)}.Value()
}

// parts are what a product has in other tables.
type parts struct {
	Options     []catalog.Option     `json:"options"`
	Media       []catalog.Media      `json:"media"`
	Categories  []catalog.Category   `json:"categories"`
	Collections []catalog.Collection `json:"collections"`
	Variants    []variantRow         `json:"variants"`
}

// Scan implements sql.Scanner.
func (p *parts) Scan(src any) error {
	type plain parts
	return (&sqldb.JSON{V: (*plain)(p)}).Scan(src)
}

// variantRow is a variant as it travels in JSON, in both directions. Version is that of the row the change was computed
// on, 0 for a new variant.
type variantRow struct {
	ID               string            `json:"id"`
	SKU              string            `json:"sku"`
	Title            string            `json:"title"`
	OptionValues     []string          `json:"option_values"`
	Barcode          string            `json:"barcode"`
	WeightGrams      int64             `json:"weight_grams"`
	RequiresShipping bool              `json:"requires_shipping"`
	Taxable          bool              `json:"taxable"`
	Position         int               `json:"position"`
	ExternalID       string            `json:"external_id"`
	Metadata         map[string]string `json:"metadata"`
	Version          int               `json:"version"`
	CreatedAt        time.Time         `json:"created_at"`
	UpdatedAt        time.Time         `json:"updated_at"`
}

// into gives the product its parts; nothing in it is nil afterwards.
func (p parts) into(to *catalog.Product) {
	to.Options = orEmpty(p.Options)
	to.Media = orEmpty(p.Media)
	to.Categories = orEmpty(p.Categories)
	to.Collections = orEmpty(p.Collections)
	for i := range to.Categories {
		c := &to.Categories[i]
		c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC()
	}
	for i := range to.Collections {
		c := &to.Collections[i]
		c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC()
	}
	to.Variants = make([]catalog.Variant, len(p.Variants))
	for i, row := range p.Variants {
		to.Variants[i] = row.variant(to.ID, to.Options)
	}
}

func (r variantRow) variant(productID string, options []catalog.Option) catalog.Variant {
	names := make([]string, len(options))
	for i, option := range options {
		names[i] = option.Name
	}
	return catalog.Variant{
		ID: r.ID, ProductID: productID, SKU: r.SKU, Title: r.Title, Options: zip(names, r.OptionValues), Barcode: r.Barcode,
		WeightGrams: r.WeightGrams, RequiresShipping: r.RequiresShipping, Taxable: r.Taxable, Position: r.Position,
		ExternalID: r.ExternalID, Metadata: r.Metadata, Version: r.Version,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// zip puts names and values together. That there are as many of both is an invariant; reading does not fail over it.
func zip(names, values []string) []catalog.SelectedOption {
	selected := make([]catalog.SelectedOption, min(len(names), len(values)))
	for i := range selected {
		selected[i] = catalog.SelectedOption{Name: names[i], Value: values[i]}
	}
	return selected
}

func variantRowOf(v catalog.Variant, version int) variantRow {
	values := make([]string, len(v.Options))
	for i, option := range v.Options {
		values[i] = option.Value
	}
	return variantRow{
		ID: v.ID, SKU: v.SKU, Title: v.Title, OptionValues: values, Barcode: v.Barcode, WeightGrams: v.WeightGrams,
		RequiresShipping: v.RequiresShipping, Taxable: v.Taxable, Position: v.Position, ExternalID: v.ExternalID,
		Metadata: v.Metadata, Version: version,
	}
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
