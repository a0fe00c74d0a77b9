// Package browsing answers what shoppers browse and search. It reads the projection and, for the category tree and the
// names of collections, the catalog; it knows nothing of SQL or HTTP.
package browsing

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/storefront"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/projecting"
)

// Sorts of a listing. Relevance needs words; the other way round newest first is the default.
const (
	SortNewest    = "-created_at"
	SortOldest    = "created_at"
	SortCheapest  = "price"
	SortDearest   = "-price"
	SortTitle     = "title"
	SortTitleDesc = "-title"
	SortRelevance = "relevance"
)

// View is where a shopper stands: whose prices, in which language.
type View struct {
	ChannelID string
	Locale    string
	Currency  string
	Country   string
}

// Filter narrows a listing: values of one field are alternatives, fields must all match. Options are "color=red".
type Filter struct {
	Categories  []string   `json:"categories"`
	Collections []string   `json:"collections"`
	Vendors     []string   `json:"vendors"`
	Tags        []string   `json:"tags"`
	Options     [][]string `json:"options"`
	PriceMin    *int64     `json:"price_min"`
	PriceMax    *int64     `json:"price_max"`
	InStock     bool       `json:"in_stock"`
	// Words must all be found; the last may be unfinished.
	Words []string `json:"words"`
}

// Page is a cut of a listing: After is the sort key and product id of the last item shown.
type Page struct {
	Sort  string
	After []string
	Limit int
}

// Item is a product in a view. Variants follow the order of its body.
type Item struct {
	Body     projecting.Body
	Variants []Variant
	// SortKey is the item's place in the listing.
	SortKey string
}

// Variant is a variant's price and stock; Price is nil where it cannot be bought.
type Variant struct {
	Price        *money.Money
	CompareAt    *money.Money
	Availability string
}

// FacetValue counts the items that have a value of a field.
type FacetValue struct {
	Field string
	Value string
	Count int64
}

// Store reads the projection.
type Store interface {
	// Find answers the product of an id or, when id is empty, of a handle.
	// Errors: storefront.ErrNotFound.
	Find(ctx context.Context, view View, id, handle string) (Item, error)
	List(ctx context.Context, view View, filter Filter, page Page) ([]Item, error)
	Count(ctx context.Context, view View, filter Filter) (int64, error)
	Facets(ctx context.Context, view View, filter Filter) ([]FacetValue, error)
	// CollectionHandles answers the collections that have products in the view.
	CollectionHandles(ctx context.Context, view View) ([]string, error)
}

type shelves interface {
	Categories(ctx context.Context, req catalog.CategoriesRequest) (catalog.CategoriesAnswer, error)
	Collections(ctx context.Context, req catalog.CollectionsRequest) (catalog.CollectionsAnswer, error)
}

type sellers interface {
	Resolve(ctx context.Context, req channels.ResolveRequest) (channels.Context, error)
}

// Browsing is the use cases. Store's List, Count and Facets are used as they are.
type Browsing struct {
	Store
	shelves shelves
	sellers sellers
}

// New makes the use cases.
func New(store Store, shelves catalog.Service, sellers channels.Service) *Browsing {
	return &Browsing{Store: store, shelves: shelves, sellers: sellers}
}

// Resolve finds the view that a request asks for.
// Errors: those of channels.Service.Resolve.
func (b *Browsing) Resolve(ctx context.Context, req channels.ResolveRequest) (View, error) {
	chosen, err := b.sellers.Resolve(ctx, req)
	if err != nil {
		return View{}, err
	}
	return View{ChannelID: chosen.Channel.ID, Locale: chosen.Locale, Currency: chosen.Currency, Country: chosen.Country}, nil
}

// Product answers one product by public id or handle.
// Errors: storefront.ErrNotFound.
func (b *Browsing) Product(ctx context.Context, view View, idOrHandle string) (Item, error) {
	if id, ok := ids.Decode(catalog.ProductPrefix, idOrHandle); ok {
		return b.Find(ctx, view, id, "")
	}
	if idOrHandle == "" {
		return Item{}, storefront.ErrNotFound
	}
	return b.Find(ctx, view, "", idOrHandle)
}

// Node is a category with those below it.
type Node struct {
	Category catalog.Category
	Children []Node
}

// Tree answers the category tree.
func (b *Browsing) Tree(ctx context.Context) ([]Node, error) {
	answer, err := b.shelves.Categories(ctx, catalog.CategoriesRequest{})
	if err != nil {
		return nil, err
	}
	below := map[string][]catalog.Category{}
	for _, category := range answer.Categories {
		below[category.ParentID] = append(below[category.ParentID], category)
	}
	return grow("", below), nil
}

func grow(parentID string, below map[string][]catalog.Category) []Node {
	nodes := make([]Node, 0, len(below[parentID]))
	for _, category := range below[parentID] {
		nodes = append(nodes, Node{Category: category, Children: grow(category.ID, below)})
	}
	return nodes
}

// StockedCollections answers the collections that hold at least one product in the view, by id.
func (b *Browsing) StockedCollections(ctx context.Context, view View) ([]catalog.Collection, error) {
	stocked, err := b.CollectionHandles(ctx, view)
	if err != nil {
		return nil, err
	}
	answer, err := b.shelves.Collections(ctx, catalog.CollectionsRequest{})
	if err != nil {
		return nil, err
	}
	shown := slices.DeleteFunc(answer.Collections, func(c catalog.Collection) bool { return !slices.Contains(stocked, c.Handle) })
	slices.SortFunc(shown, func(a, b catalog.Collection) int { return strings.Compare(a.ID, b.ID) })
	return shown, nil
}

// Words splits what was typed into what can be searched for: runs of letters and digits.
func Words(typed string) []string {
	return strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}
