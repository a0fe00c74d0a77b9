package storefrontmod_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// owners stands in for the four modules that own what is projected.
type owners struct {
	mu           sync.Mutex
	channel      channels.Channel
	products     []catalog.Product
	categories   []catalog.Category
	collections  []catalog.Collection
	prices       []pricing.Price
	availability map[string]string
	// beforePrices, when set, runs before prices are answered, with what will be answered decided already.
	beforePrices func()
}

func newOwners() *owners {
	return &owners{availability: map[string]string{}, channel: channels.Channel{ID: ids.New(), Code: "web", Currencies: []string{"EUR"},
		DefaultCurrency: "EUR", Locales: []string{"en"}, DefaultLocale: "en", IsDefault: true}}
}

// stock adds an active product with one variant per size, each at the price.
func (o *owners) stock(title string, price int64, sizes ...string) catalog.Product {
	o.mu.Lock()
	defer o.mu.Unlock()
	product := catalog.Product{ID: ids.New(), Handle: handle(title), Title: title, Status: catalog.StatusActive, CreatedAt: time.Now(), UpdatedAt: time.Now(),
		Description: "<p>All about " + title + "</p>", Vendor: "Guild", Tags: []string{"new"}}
	for _, size := range sizes {
		v := catalog.Variant{ID: ids.New(), ProductID: product.ID, SKU: title + "-" + size, Title: size, Options: []catalog.SelectedOption{{Name: "Size", Value: size}}}
		product.Variants = append(product.Variants, v)
		o.prices = append(o.prices, pricing.Price{ID: ids.New(), VariantID: v.ID, Amount: money.MustNew(price, "EUR")})
		o.availability[v.SKU] = inventory.InStock
	}
	product.Options = []catalog.Option{{ID: ids.New(), Name: "Size", Values: sizes}}
	o.products = append(o.products, product)
	return product
}

func handle(title string) string {
	out := []rune{}
	for _, r := range title {
		if r == ' ' {
			r = '-'
		}
		out = append(out, r|0x20)
	}
	return string(out)
}

func (o *owners) change(id string, do func(*catalog.Product)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do(&o.products[slices.IndexFunc(o.products, func(p catalog.Product) bool { return p.ID == id })])
}

func (o *owners) setPrice(variantID string, minor int64, country string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.prices = slices.DeleteFunc(o.prices, func(p pricing.Price) bool { return p.VariantID == variantID && p.Country == country })
	o.prices = append(o.prices, pricing.Price{ID: ids.New(), VariantID: variantID, Amount: money.MustNew(minor, "EUR"), Country: country})
}

type catalogOwner struct {
	catalog.Service
	*owners
}

func (o catalogOwner) Products(_ context.Context, req catalog.ProductsRequest) (catalog.ProductsAnswer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var answer catalog.ProductsAnswer
	for _, p := range o.products {
		if slices.Contains(req.IDs, p.ID) {
			answer.Products = append(answer.Products, p)
		}
	}
	return answer, nil
}

func (o catalogOwner) ProductIDs(_ context.Context, req catalog.ProductIDsRequest) (catalog.ProductIDsAnswer, error) {
	var list []string
	for _, p := range o.products {
		if p.ID > req.After {
			list = append(list, p.ID)
		}
	}
	slices.Sort(list)
	return catalog.ProductIDsAnswer{IDs: list[:min(len(list), req.Limit)]}, nil
}

func (o catalogOwner) Variants(_ context.Context, req catalog.VariantsRequest) (catalog.VariantsAnswer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var answer catalog.VariantsAnswer
	for _, p := range o.products {
		for _, v := range p.Variants {
			if slices.Contains(req.IDs, v.ID) || slices.Contains(req.SKUs, v.SKU) {
				answer.Variants = append(answer.Variants, catalog.SellableVariant{VariantID: v.ID, ProductID: p.ID, SKU: v.SKU})
			}
		}
	}
	return answer, nil
}

func (o catalogOwner) Categories(context.Context, catalog.CategoriesRequest) (catalog.CategoriesAnswer, error) {
	return catalog.CategoriesAnswer{Categories: slices.Clone(o.categories)}, nil
}

func (o catalogOwner) Collections(context.Context, catalog.CollectionsRequest) (catalog.CollectionsAnswer, error) {
	return catalog.CollectionsAnswer{Collections: slices.Clone(o.collections)}, nil
}

type pricingOwner struct {
	pricing.Service
	*owners
}

func (o pricingOwner) Offers(_ context.Context, req pricing.OffersRequest) (pricing.OffersAnswer, error) {
	o.mu.Lock()
	var answer pricing.OffersAnswer
	for _, p := range o.prices {
		if slices.Contains(req.VariantIDs, p.VariantID) {
			answer.Offers = append(answer.Offers, p)
		}
	}
	pause := o.beforePrices
	o.mu.Unlock()
	if pause != nil {
		pause()
	}
	return answer, nil
}

type inventoryOwner struct {
	inventory.Service
	*owners
}

func (o inventoryOwner) Availability(_ context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var answer inventory.AvailabilityAnswer
	for _, sku := range req.SKUs {
		answer.Statuses = append(answer.Statuses, inventory.StockStatus{SKU: sku, Availability: o.availability[sku]})
	}
	return answer, nil
}

type channelsOwner struct {
	channels.Service
	*owners
}

func (o channelsOwner) List(context.Context, channels.ListRequest) (channels.ListAnswer, error) {
	return channels.ListAnswer{Channels: []channels.Channel{o.channel}}, nil
}

func (o channelsOwner) Resolve(_ context.Context, req channels.ResolveRequest) (channels.Context, error) {
	if req.Code != "" && req.Code != o.channel.Code {
		return channels.Context{}, channels.ErrUnknownChannel
	}
	return channels.Context{Channel: o.channel, Currency: "EUR", Locale: "en", Country: req.Country}, nil
}
