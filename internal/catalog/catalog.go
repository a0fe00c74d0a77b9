package catalog

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Prefixes of public ids.
const (
	ProductPrefix    = "prod"
	VariantPrefix    = "var"
	OptionPrefix     = "opt"
	CategoryPrefix   = "cat"
	CollectionPrefix = "col"
)

// Statuses of a product. Only an active product is shown and sold.
const (
	StatusDraft    = "draft"
	StatusActive   = "active"
	StatusArchived = "archived"
)

// Service answers what can be shown and sold.
type Service interface {
	// Products answers the products of the given ids with their variants, in the order asked; ids that do not exist are left out.
	Products(ctx context.Context, req ProductsRequest) (ProductsAnswer, error)
	// ProductIDs pages through the ids of all products in id order, for a rebuild of a projection.
	ProductIDs(ctx context.Context, req ProductIDsRequest) (ProductIDsAnswer, error)
	// Variants answers what a cart needs to know of variants, found by id or by SKU; those that do not exist are left out.
	Variants(ctx context.Context, req VariantsRequest) (VariantsAnswer, error)
	// Categories answers the whole category tree, parents before children.
	Categories(ctx context.Context, req CategoriesRequest) (CategoriesAnswer, error)
	// Collections answers all collections by name.
	Collections(ctx context.Context, req CollectionsRequest) (CollectionsAnswer, error)
	// SaveProduct creates the product of this handle or makes the existing one equal to the request: variants are matched by
	// SKU and keep their ids, variants that are no longer named are removed. Categories and collections are named by handle
	// and created when missing. Saving what is already there changes nothing and announces nothing.
	// Errors: ErrSKUTaken (the SKU belongs to another product), ErrExternalIDTaken, ErrInvalidProduct,
	// ErrVersionMismatch (others kept changing it).
	SaveProduct(ctx context.Context, req SaveProductRequest) (SaveProductAnswer, error)
	// SaveProducts saves several products as an import does, each whole or not at all, and those that nothing is wrong with
	// together. It differs from SaveProduct in what it leaves alone: categories and collections are added to those that a
	// product is in, attributes to those that it has (an empty value removes one), and an empty tax class or external id
	// stays what it is. A dry run answers the same and changes nothing.
	// Errors: none of its own; what is wrong with a product is in its result, as SaveProduct would answer it.
	SaveProducts(ctx context.Context, req SaveProductsRequest) (SaveProductsAnswer, error)
	// MeasurePictures writes down the size of pictures wherever a product shows them. Pictures that no product shows any more
	// are left out.
	// Errors: none of its own.
	MeasurePictures(ctx context.Context, req MeasurePicturesRequest) (MeasurePicturesAnswer, error)
}

// Product is what is shown as one thing.
type Product struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
	Title  string `json:"title"`
	// Description is HTML that was cleaned by an allow-list when it was written.
	Description string            `json:"description"`
	Vendor      string            `json:"vendor"`
	ProductType string            `json:"product_type"`
	Status      string            `json:"status"`
	Tags        []string          `json:"tags"`
	Options     []Option          `json:"options"`
	Media       []Media           `json:"media"`
	Categories  []Category        `json:"categories"`
	Collections []Collection      `json:"collections"`
	Attributes  map[string]string `json:"attributes"`
	SEO         SEO               `json:"seo"`
	TaxClass    string            `json:"tax_class"`
	ExternalID  string            `json:"external_id"`
	Metadata    map[string]string `json:"metadata"`
	Variants    []Variant         `json:"variants"`
	Version     int               `json:"version"`
	CreatedAt   time.Time         `json:"created_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
}

// Option is an axis of variants and its values in order.
type Option struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// SelectedOption is one value on one axis.
type SelectedOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Media is a picture by link. Width and height are pixels, 0 when unknown.
type Media struct {
	URL    string `json:"url"`
	Alt    string `json:"alt"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// SEO is what search engines are told.
type SEO struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// Variant is one buyable combination of option values.
type Variant struct {
	ID        string           `json:"id"`
	ProductID string           `json:"product_id"`
	SKU       string           `json:"sku"`
	Title     string           `json:"title"`
	Options   []SelectedOption `json:"options"`
	Barcode   string           `json:"barcode"`
	// WeightGrams is 0 when unknown.
	WeightGrams      int64 `json:"weight_grams"`
	RequiresShipping bool  `json:"requires_shipping"`
	Taxable          bool  `json:"taxable"`
	// Position orders the variants of a product.
	Position   int               `json:"position"`
	ExternalID string            `json:"external_id"`
	Metadata   map[string]string `json:"metadata"`
	Version    int               `json:"version"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// Category is a node of the tree for browsing; ParentID is empty at the root.
type Category struct {
	ID          string    `json:"id"`
	Handle      string    `json:"handle"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	ParentID    string    `json:"parent_id"`
	Position    int       `json:"position"`
	Version     int       `json:"version"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Collection is a group of products made by hand.
type Collection struct {
	ID          string    `json:"id"`
	Handle      string    `json:"handle"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	ProductIDs  []string  `json:"product_ids,omitempty"`
	Version     int       `json:"version"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// SellableVariant is a variant with the facts of its product that a line shows. Active says whether it may be bought.
type SellableVariant struct {
	VariantID        string           `json:"variant_id"`
	ProductID        string           `json:"product_id"`
	ProductHandle    string           `json:"product_handle"`
	SKU              string           `json:"sku"`
	Title            string           `json:"title"`
	VariantTitle     string           `json:"variant_title"`
	Options          []SelectedOption `json:"options"`
	Thumbnail        *Media           `json:"thumbnail"`
	WeightGrams      int64            `json:"weight_grams"`
	RequiresShipping bool             `json:"requires_shipping"`
	Taxable          bool             `json:"taxable"`
	TaxClass         string           `json:"tax_class"`
	Active           bool             `json:"active"`
}

// ProductsRequest names products by id.
type ProductsRequest struct {
	IDs []string `json:"ids"`
}

// ProductsAnswer holds the products that exist.
type ProductsAnswer struct {
	Products []Product `json:"products"`
}

// ProductIDsRequest asks for the ids after After (empty: from the start), at most Limit.
type ProductIDsRequest struct {
	After string `json:"after"`
	Limit int    `json:"limit"`
}

// ProductIDsAnswer holds a page of ids; fewer than the limit means the end.
type ProductIDsAnswer struct {
	IDs []string `json:"ids"`
}

// VariantsRequest names variants by id, by SKU, or both. MayRemember allows an answer that another process changed up to a
// tenth of a second ago: for what is agreed in one moment, never for what is built to last.
type VariantsRequest struct {
	IDs         []string `json:"ids"`
	SKUs        []string `json:"skus"`
	MayRemember bool     `json:"may_remember"`
}

// VariantsAnswer holds the variants that exist, in no particular order.
type VariantsAnswer struct {
	Variants []SellableVariant `json:"variants"`
}

// CategoriesRequest asks for the tree.
type CategoriesRequest struct{}

// CategoriesAnswer holds the tree as a list, parents before children.
type CategoriesAnswer struct {
	Categories []Category `json:"categories"`
}

// CollectionsRequest asks for all collections.
type CollectionsRequest struct{}

// CollectionsAnswer holds all collections, without their product ids.
type CollectionsAnswer struct {
	Collections []Collection `json:"collections"`
}

// SaveProductRequest is the wanted state of one product. Ids, versions and times are the module's own.
type SaveProductRequest struct {
	Handle            string            `json:"handle"`
	Title             string            `json:"title"`
	Description       string            `json:"description"`
	Vendor            string            `json:"vendor"`
	ProductType       string            `json:"product_type"`
	Status            string            `json:"status"`
	Tags              []string          `json:"tags"`
	Options           []string          `json:"options"`
	Media             []Media           `json:"media"`
	CategoryHandles   []string          `json:"category_handles"`
	CollectionHandles []string          `json:"collection_handles"`
	Attributes        map[string]string `json:"attributes"`
	SEO               SEO               `json:"seo"`
	TaxClass          string            `json:"tax_class"`
	ExternalID        string            `json:"external_id"`
	Variants          []SaveVariant     `json:"variants"`
}

// SaveVariant is the wanted state of one variant; Options holds one value for each option of the product, in its order.
type SaveVariant struct {
	SKU              string   `json:"sku"`
	Options          []string `json:"options"`
	Barcode          string   `json:"barcode"`
	WeightGrams      int64    `json:"weight_grams"`
	RequiresShipping bool     `json:"requires_shipping"`
	Taxable          bool     `json:"taxable"`
}

// SaveProductAnswer holds the product as saved; Outcome is "created", "updated" or "unchanged".
type SaveProductAnswer struct {
	Product Product `json:"product"`
	Outcome string  `json:"outcome"`
}

// SaveProductsRequest carries the wanted state of products, each of another handle. A request is saved at once; a hundred
// products are a good number.
type SaveProductsRequest struct {
	Products []SaveProductRequest `json:"products"`
	DryRun   bool                 `json:"dry_run"`
}

// SaveProductsAnswer holds a result for each product asked for, in that order.
type SaveProductsAnswer struct {
	Results []SaveProductsResult `json:"results"`
}

// SaveProductsResult says what became of one product. Refusal is why nothing did, with pointers into its request; without
// one, Outcome is that of SaveProduct. After a dry run, ids of what is new mean nothing.
type SaveProductsResult struct {
	ProductID string       `json:"product_id"`
	Variants  []VariantRef `json:"variants"`
	Outcome   string       `json:"outcome"`
	Refusal   *fault.Error `json:"refusal,omitempty"`
}

// PictureSize is how large a picture of a product is, in pixels.
type PictureSize struct {
	ProductID string `json:"product_id"`
	URL       string `json:"url"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

// MeasurePicturesRequest carries sizes.
type MeasurePicturesRequest struct {
	Pictures []PictureSize `json:"pictures"`
}

// MeasurePicturesAnswer counts the products that changed.
type MeasurePicturesAnswer struct {
	Changed int `json:"changed"`
}

// Outcomes of SaveProduct.
const (
	OutcomeCreated   = "created"
	OutcomeUpdated   = "updated"
	OutcomeUnchanged = "unchanged"
)
