package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// Services are the front doors that the demo shop comes in through.
type Services struct {
	Catalog     catalog.Service
	Pricing     pricing.Service
	Inventory   inventory.Service
	Channels    channels.Service
	Fulfillment fulfillment.Service
	Tax         tax.Service
}

// loader brings the shop in.
type loader struct {
	Services
	shop
}

// Load adds what is missing: products of which no variant is known, with their stock, and prices of variants that have
// none. Products, prices and stock that are there stay as they are, and so do shipping options and tax rates once there
// is a product. Loading again changes nothing; a load that broke off is completed by the next.
// Errors: channels.ErrUnsupportedCurrency when the default channel does not sell in the currency of the demo shop.
func Load(ctx context.Context, services Services) error {
	l, err := newLoader(ctx, services)
	if err != nil {
		return err
	}
	known, err := l.variantIDs(ctx)
	if err != nil {
		return err
	}
	if len(known) == 0 {
		if err := l.saveTerms(ctx); err != nil {
			return err
		}
	}
	isKnown := func(v variant) bool { return known[v.SKU] != "" }
	missing := slices.DeleteFunc(slices.Clone(l.products), func(p product) bool { return slices.ContainsFunc(p.Variants, isKnown) })
	if err := l.saveProducts(ctx, missing); err != nil {
		return err
	}
	return l.addPrices(ctx)
}

// Reset makes products, prices, stock, shipping options and tax rates of the demo shop what they were at first. Orders
// stay, and so does everything that is not of the demo shop.
// Errors: those of Load; inventory.ErrNegativeStock when more of something is promised to orders than the demo shop has.
func Reset(ctx context.Context, services Services) error {
	l, err := newLoader(ctx, services)
	if err != nil {
		return err
	}
	if err := l.saveTerms(ctx); err != nil {
		return err
	}
	if err := l.saveProducts(ctx, l.products); err != nil {
		return err
	}
	ids, err := l.variantIDs(ctx)
	if err != nil {
		return err
	}
	return l.setPrices(ctx, ids)
}

func newLoader(ctx context.Context, services Services) (*loader, error) {
	read, err := readShop()
	if err != nil {
		return nil, err
	}
	_, err = services.Channels.Resolve(ctx, channels.ResolveRequest{Currency: read.terms.Currency})
	if err != nil {
		return nil, fmt.Errorf("sell the demo shop in %s: %w", read.terms.Currency, err)
	}
	return &loader{Services: services, shop: read}, nil
}

// variantIDs answers the ids of the demo shop's variants that exist, by SKU.
func (l *loader) variantIDs(ctx context.Context) (map[string]string, error) {
	answer, err := l.Catalog.Variants(ctx, catalog.VariantsRequest{SKUs: skus(l.products)})
	if err != nil {
		return nil, fmt.Errorf("find variants: %w", err)
	}
	ids := make(map[string]string, len(answer.Variants))
	for _, v := range answer.Variants {
		ids[v.SKU] = v.VariantID
	}
	return ids, nil
}

// saveProducts sets the stock first: a product that is known is then known to have it, even when loading breaks off.
func (l *loader) saveProducts(ctx context.Context, products []product) error {
	if err := l.setStock(ctx, products); err != nil {
		return err
	}
	for _, p := range products {
		if _, err := l.Catalog.SaveProduct(ctx, p.request()); err != nil {
			return err
		}
	}
	return nil
}

func (p product) request() catalog.SaveProductRequest {
	req := catalog.SaveProductRequest{
		Handle: p.Handle, Title: p.Title, Description: p.Description, Vendor: p.Vendor, ProductType: p.Type,
		Status: catalog.StatusActive, Tags: p.Tags, Options: p.Options, CategoryHandles: p.Categories,
		CollectionHandles: p.Collections, Attributes: p.Attributes, TaxClass: p.TaxClass,
		SEO: catalog.SEO{Title: p.Title + " by " + p.Vendor, Description: p.Picture.Alt},
		Media: []catalog.Media{{
			URL: picturePath + p.Handle + pictureSuffix, Alt: p.Picture.Alt, Width: pictureSize, Height: pictureSize}},
	}
	for _, v := range p.Variants {
		req.Variants = append(req.Variants, catalog.SaveVariant{SKU: v.SKU, Options: v.Values, WeightGrams: v.Grams,
			RequiresShipping: !p.Digital, Taxable: true})
	}
	return req
}
