// Package httpapi is the store API of products, categories and collections. Its answers are public and cacheable; it
// turns public ids into internal ones and back, and holds no rule of the shop.
package httpapi

import (
	"context"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/browsing"
)

const (
	productList    = "store_products"
	collectionList = "store_collections"
)

// Handlers implements StrictServerInterface.
type Handlers struct {
	browsing *browsing.Browsing
	cursors  pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(b *browsing.Browsing, cursors pagination.Codec) *Handlers {
	return &Handlers{browsing: b, cursors: cursors}
}

// StoreGetProduct implements StrictServerInterface.
func (h *Handlers) StoreGetProduct(ctx context.Context, request StoreGetProductRequestObject) (StoreGetProductResponseObject, error) {
	p := request.Params
	asked := asking{p.Channel, p.Currency, p.Locale, p.Country, p.Key, p.XPublishableKey, p.AcceptLanguage, p.IfNoneMatch}
	view, err := h.browsing.Resolve(ctx, asked.resolve())
	if err != nil {
		return nil, err
	}
	item, err := h.browsing.Product(ctx, view, request.ID)
	if err != nil {
		return nil, err
	}
	return asked.answer(view, productOf(item), "")
}

// StoreListProducts implements StrictServerInterface.
func (h *Handlers) StoreListProducts(ctx context.Context, request StoreListProductsRequestObject) (StoreListProductsResponseObject, error) {
	p := request.Params
	asked := asking{p.Channel, p.Currency, p.Locale, p.Country, p.Key, p.XPublishableKey, p.AcceptLanguage, p.IfNoneMatch}
	view, err := h.browsing.Resolve(ctx, asked.resolve())
	if err != nil {
		return nil, err
	}
	filter, sort := filterOf(p), sortOf(p)
	bound := listing{View: view, Filter: filter, Sort: sort}
	after, err := h.cursors.Decode(productList, bound, p.Cursor)
	if err != nil {
		return nil, err
	}
	limit := pagination.Limit(p.Limit)
	found, err := h.browsing.List(ctx, view, filter, browsing.Page{Sort: sort, After: after, Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(found, limit)
	answer := StoreProductList{Data: listed(shown, p.Expand), Page: Page{HasMore: more}}
	if more {
		last := shown[len(shown)-1]
		answer.Page.NextCursor = h.cursors.Encode(productList, bound, []string{last.SortKey, last.Body.ID})
	}
	if err := h.count(ctx, bound, p, &answer); err != nil {
		return nil, err
	}
	return asked.answer(view, answer, pagination.Link(ctx, answer.Page.NextCursor))
}

// listing is what a cursor of the product list is bound to.
type listing struct {
	View   browsing.View
	Filter browsing.Filter
	Sort   string
}

// count adds the parts of a list that are made only when they are asked for.
func (h *Handlers) count(ctx context.Context, l listing, p StoreListProductsParams, answer *StoreProductList) error {
	if p.Total {
		total, err := h.browsing.Count(ctx, l.View, l.Filter)
		if err != nil {
			return err
		}
		answer.Page.Total = &total
	}
	if !p.Facets {
		return nil
	}
	values, err := h.browsing.Facets(ctx, l.View, l.Filter)
	if err != nil {
		return err
	}
	facets := facetsOf(values)
	answer.Facets = &facets
	return nil
}

func filterOf(p StoreListProductsParams) browsing.Filter {
	filter := browsing.Filter{Categories: p.Category, Collections: p.Collection, Vendors: p.Vendor, Tags: p.Tag,
		PriceMin: p.PriceMin, PriceMax: p.PriceMax, InStock: p.InStock}
	for _, option := range []struct {
		name   string
		values []string
	}{{"color", p.OptionColor}, {"size", p.OptionSize}, {"material", p.OptionMaterial}} {
		var values []string
		for _, value := range option.values {
			values = append(values, option.name+"="+strings.ToLower(value))
		}
		if values != nil {
			filter.Options = append(filter.Options, values)
		}
	}
	if p.Q != "" {
		filter.Words = browsing.Words(p.Q)
	}
	return filter
}

func sortOf(p StoreListProductsParams) string {
	if p.Sort != "" {
		return string(p.Sort)
	}
	if p.Q != "" {
		return browsing.SortRelevance
	}
	return browsing.SortNewest
}

// StoreListCategories implements StrictServerInterface.
func (h *Handlers) StoreListCategories(ctx context.Context, request StoreListCategoriesRequestObject) (StoreListCategoriesResponseObject, error) {
	p := request.Params
	asked := asking{p.Channel, p.Currency, p.Locale, p.Country, p.Key, p.XPublishableKey, p.AcceptLanguage, p.IfNoneMatch}
	view, err := h.browsing.Resolve(ctx, asked.resolve())
	if err != nil {
		return nil, err
	}
	tree, err := h.browsing.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return asked.answer(view, StoreCategoryList{Data: categoriesOf(tree)}, "")
}

// StoreListCollections implements StrictServerInterface. A shop has few collections, so pages are cut from the whole list.
func (h *Handlers) StoreListCollections(ctx context.Context, request StoreListCollectionsRequestObject) (StoreListCollectionsResponseObject, error) {
	p := request.Params
	asked := asking{p.Channel, p.Currency, p.Locale, p.Country, p.Key, p.XPublishableKey, p.AcceptLanguage, p.IfNoneMatch}
	view, err := h.browsing.Resolve(ctx, asked.resolve())
	if err != nil {
		return nil, err
	}
	after, err := h.cursors.Decode(collectionList, view, p.Cursor)
	if err != nil {
		return nil, err
	}
	all, err := h.browsing.StockedCollections(ctx, view)
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(behind(all, after), pagination.Limit(p.Limit))
	answer := StoreCollectionList{Data: make([]StoreCollection, len(shown)), Page: Page{HasMore: more}}
	for i, c := range shown {
		answer.Data[i] = StoreCollection{ID: ids.Encode(catalog.CollectionPrefix, c.ID), Handle: c.Handle, Title: c.Name}
	}
	if more {
		answer.Page.NextCursor = h.cursors.Encode(collectionList, view, []string{shown[len(shown)-1].ID})
	}
	if p.Total {
		total := int64(len(all))
		answer.Page.Total = &total
	}
	return asked.answer(view, answer, pagination.Link(ctx, answer.Page.NextCursor))
}

// behind drops the collections up to the cursor; all is ordered by id.
func behind(all []catalog.Collection, after []string) []catalog.Collection {
	for i, c := range all {
		if len(after) == 0 || c.ID > after[0] {
			return all[i:]
		}
	}
	return nil
}

func (a asking) resolve() channels.ResolveRequest {
	key := a.key
	if key == "" {
		key = a.keyHeader
	}
	return channels.ResolveRequest{Code: a.channel, PublishableKey: key, Currency: a.currency, Locale: a.locale,
		AcceptLanguage: a.acceptLanguage, Country: a.country}
}
