// Package projecting builds what shoppers browse from what the owners say. It decides what to read and when it may be
// written; it knows nothing of SQL or HTTP.
package projecting

import (
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/storefront"
)

// Part is a third of a product's projection; each is refreshed by itself.
type Part string

// The parts of a product's projection.
const (
	Documents Part = "documents"
	Offers    Part = "offers"
	Stock     Part = "stock"
)

// batch bounds how many products are read and written at once.
const batch = 100

type products interface {
	Products(ctx context.Context, req catalog.ProductsRequest) (catalog.ProductsAnswer, error)
	ProductIDs(ctx context.Context, req catalog.ProductIDsRequest) (catalog.ProductIDsAnswer, error)
	Variants(ctx context.Context, req catalog.VariantsRequest) (catalog.VariantsAnswer, error)
	Categories(ctx context.Context, req catalog.CategoriesRequest) (catalog.CategoriesAnswer, error)
}

type prices interface {
	Offers(ctx context.Context, req pricing.OffersRequest) (pricing.OffersAnswer, error)
}

type stock interface {
	Availability(ctx context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error)
}

type sellers interface {
	List(ctx context.Context, req channels.ListRequest) (channels.ListAnswer, error)
}

// Claim is the right to write a part of products: the number of each product's newest refresh when it was made.
type Claim struct {
	Part Part
	Seqs map[string]int64
}

// Store keeps the projection. A write leaves products alone that a newer claim names.
type Store interface {
	Claim(ctx context.Context, part Part, productIDs []string) (Claim, error)
	WriteDocuments(ctx context.Context, claim Claim, documents []Document) error
	WriteOffers(ctx context.Context, claim Claim, offers []Offer) error
	WriteStock(ctx context.Context, claim Claim, variants []VariantStock) error
}

// Offer is what a variant costs in a channel.
type Offer struct {
	ProductID string
	ChannelID string
	Price     pricing.Price
}

// VariantStock is what shoppers are told of a variant's stock.
type VariantStock struct {
	ProductID    string
	VariantID    string
	Availability string
}

// Projecting implements storefront.Service.
type Projecting struct {
	store    Store
	products products
	prices   prices
	stock    stock
	sellers  sellers
}

// Owners are the modules that own what is projected.
type Owners struct {
	Catalog   catalog.Service
	Pricing   pricing.Service
	Inventory inventory.Service
	Channels  channels.Service
}

// New makes the use cases.
func New(store Store, owners Owners) *Projecting {
	return &Projecting{store: store, products: owners.Catalog, prices: owners.Pricing, stock: owners.Inventory, sellers: owners.Channels}
}

// RefreshProducts implements storefront.Service.
func (p *Projecting) RefreshProducts(ctx context.Context, req storefront.RefreshProductsRequest) (storefront.RefreshAnswer, error) {
	return p.refresh(ctx, req.ProductIDs, Documents, Offers, Stock)
}

// RefreshPrices implements storefront.Service.
func (p *Projecting) RefreshPrices(ctx context.Context, req storefront.RefreshPricesRequest) (storefront.RefreshAnswer, error) {
	return p.refreshOwnersOf(ctx, catalog.VariantsRequest{IDs: req.VariantIDs}, Offers)
}

// RefreshAvailability implements storefront.Service.
func (p *Projecting) RefreshAvailability(ctx context.Context, req storefront.RefreshAvailabilityRequest) (storefront.RefreshAnswer, error) {
	return p.refreshOwnersOf(ctx, catalog.VariantsRequest{SKUs: req.SKUs}, Stock)
}

// refreshOwnersOf asks the catalog whose variants these are: the projection may not know them yet.
func (p *Projecting) refreshOwnersOf(ctx context.Context, req catalog.VariantsRequest, part Part) (storefront.RefreshAnswer, error) {
	found, err := p.products.Variants(ctx, req)
	if err != nil {
		return storefront.RefreshAnswer{}, fmt.Errorf("find products to refresh: %w", err)
	}
	productIDs := make([]string, len(found.Variants))
	for i, v := range found.Variants {
		productIDs[i] = v.ProductID
	}
	return p.refresh(ctx, productIDs, part)
}

// Rebuild implements storefront.Service.
func (p *Projecting) Rebuild(ctx context.Context, _ storefront.RebuildRequest) (storefront.RefreshAnswer, error) {
	var total storefront.RefreshAnswer
	after := ""
	for {
		page, err := p.products.ProductIDs(ctx, catalog.ProductIDsRequest{After: after, Limit: batch})
		if err != nil {
			return total, fmt.Errorf("list products to rebuild: %w", err)
		}
		done, err := p.refresh(ctx, page.IDs, Documents, Offers, Stock)
		total.Products += done.Products
		if err != nil || len(page.IDs) < batch {
			return total, err
		}
		after = page.IDs[len(page.IDs)-1]
	}
}

func (p *Projecting) refresh(ctx context.Context, productIDs []string, parts ...Part) (storefront.RefreshAnswer, error) {
	var done storefront.RefreshAnswer
	for chunk := range slices.Chunk(distinct(productIDs), batch) {
		for _, part := range parts {
			if err := p.refreshPart(ctx, part, chunk); err != nil {
				return done, fmt.Errorf("refresh %s of products: %w", part, err)
			}
		}
		done.Products += len(chunk)
	}
	return done, nil
}

// refreshPart claims before it reads: whoever changes an owner's data after the read makes a later claim.
func (p *Projecting) refreshPart(ctx context.Context, part Part, productIDs []string) error {
	claim, err := p.store.Claim(ctx, part, productIDs)
	if err != nil {
		return err
	}
	read, err := p.products.Products(ctx, catalog.ProductsRequest{IDs: productIDs})
	if err != nil {
		return err
	}
	switch part {
	case Documents:
		return p.writeDocuments(ctx, claim, read.Products)
	case Offers:
		return p.writeOffers(ctx, claim, read.Products)
	default:
		return p.writeStock(ctx, claim, read.Products)
	}
}

func (p *Projecting) writeDocuments(ctx context.Context, claim Claim, found []catalog.Product) error {
	list, err := p.sellers.List(ctx, channels.ListRequest{})
	if err != nil {
		return err
	}
	tree, err := p.products.Categories(ctx, catalog.CategoriesRequest{})
	if err != nil {
		return err
	}
	return p.store.WriteDocuments(ctx, claim, documentsOf(found, list.Channels, tree.Categories))
}

func (p *Projecting) writeOffers(ctx context.Context, claim Claim, found []catalog.Product) error {
	list, err := p.sellers.List(ctx, channels.ListRequest{})
	if err != nil {
		return err
	}
	productOf, variantIDs := map[string]string{}, []string{}
	for _, product := range found {
		for _, v := range product.Variants {
			productOf[v.ID] = product.ID
			variantIDs = append(variantIDs, v.ID)
		}
	}
	var offers []Offer
	for _, channel := range list.Channels {
		answer, err := p.prices.Offers(ctx, pricing.OffersRequest{VariantIDs: variantIDs, ChannelID: channel.ID})
		if err != nil {
			return err
		}
		for _, price := range answer.Offers {
			offers = append(offers, Offer{ProductID: productOf[price.VariantID], ChannelID: channel.ID, Price: price})
		}
	}
	return p.store.WriteOffers(ctx, claim, offers)
}

func (p *Projecting) writeStock(ctx context.Context, claim Claim, found []catalog.Product) error {
	var skus []string
	for _, product := range found {
		for _, v := range product.Variants {
			skus = append(skus, v.SKU)
		}
	}
	answer, err := p.stock.Availability(ctx, inventory.AvailabilityRequest{SKUs: skus})
	if err != nil {
		return err
	}
	availability := make(map[string]string, len(answer.Statuses))
	for _, status := range answer.Statuses {
		availability[status.SKU] = status.Availability
	}
	var variants []VariantStock
	for _, product := range found {
		for _, v := range product.Variants {
			variants = append(variants, VariantStock{ProductID: product.ID, VariantID: v.ID, Availability: availability[v.SKU]})
		}
	}
	return p.store.WriteStock(ctx, claim, variants)
}

func distinct(ids []string) []string {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
