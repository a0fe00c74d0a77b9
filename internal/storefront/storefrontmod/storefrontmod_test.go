package storefrontmod_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/storefront"
	"github.com/rialto-commerce/rialto/internal/storefront/storefrontmod"
)

type store struct {
	t       *testing.T
	owners  *owners
	service storefront.Service
	router  http.Handler
}

// open builds the module on its own role, behind the API document.
func open(t *testing.T) *store {
	t.Helper()
	return openOn(t, testdb.New(t).Module("storefront"), time.Now)
}

func openOn(t *testing.T, db *sqldb.DB, now func() time.Time) *store {
	t.Helper()
	o := newOwners()
	catalogs, sellers := catalogOwner{owners: o}, channelsOwner{owners: o}
	module := storefrontmod.New(storefrontmod.Deps{DB: db, Reads: db, Now: now, Cursors: pagination.NewCodec([]byte("key")), Shelves: catalogs, Sellers: sellers,
		Owners: storefrontmod.Owners{Catalog: catalogs, Pricing: pricingOwner{owners: o}, Inventory: inventoryOwner{owners: o}, Channels: sellers}})
	rules, err := contract.Load(api.Document(), contract.Options{CheckResponses: true})
	require.NoError(t, err)
	router := chi.NewRouter()
	router.Use(pagination.Remember)
	module.Mount(router.With(rules.Middlewares(func(context.Context, *http.Request) (identity.Identity, error) {
		return identity.Identity{}, nil
	})...))
	return &store{t: t, owners: o, service: module.Service(), router: router}
}

func (s *store) refresh(productIDs ...string) {
	s.t.Helper()
	_, err := s.service.RefreshProducts(s.t.Context(), storefront.RefreshProductsRequest{ProductIDs: productIDs})
	require.NoError(s.t, err)
}

func (s *store) rebuild() {
	s.t.Helper()
	_, err := s.service.Rebuild(s.t.Context(), storefront.RebuildRequest{})
	require.NoError(s.t, err)
}

func (s *store) get(path string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, r)
	return w
}

// item is the part of a product that these tests look at.
type item struct {
	ID          string                                    `json:"id"`
	Handle      string                                    `json:"handle"`
	Title       string                                    `json:"title"`
	Description struct{ Text, HTML string }               `json:"description"`
	PriceRange  struct{ Min, Max struct{ Amount int64 } } `json:"price_range"`
	Variants    []struct {
		SKU          string                  `json:"sku"`
		Price        *struct{ Amount int64 } `json:"price"`
		Availability string                  `json:"availability"`
	} `json:"variants"`
}

type list struct {
	Data []item `json:"data"`
	Page struct {
		NextCursor string `json:"next_cursor"`
		HasMore    bool   `json:"has_more"`
		Total      *int64 `json:"total"`
	} `json:"page"`
	Facets []struct {
		Field  string
		Values []struct {
			Value string
			Count int64
		}
	} `json:"facets"`
}

func (s *store) list(query string) list {
	s.t.Helper()
	w := s.get("/store/v1/products" + query)
	require.Equal(s.t, http.StatusOK, w.Code, w.Body)
	var l list
	require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), &l))
	return l
}

func (s *store) titles(query string) []string {
	s.t.Helper()
	titles := []string{}
	for _, p := range s.list(query).Data {
		titles = append(titles, p.Title)
	}
	return titles
}

func (s *store) product(key string) item {
	s.t.Helper()
	w := s.get("/store/v1/products/" + key)
	require.Equal(s.t, http.StatusOK, w.Code, w.Body)
	var p item
	require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), &p))
	return p
}

func TestAProductIsFoundByIdAndByHandle(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Blue Vase", 1900, "S", "L")
	s.refresh(p.ID)

	byID := s.product(ids.Encode(catalog.ProductPrefix, p.ID))
	require.Equal(t, byID, s.product("blue-vase"))
	require.Equal(t, "All about Blue Vase", byID.Description.Text)
	require.Len(t, byID.Variants, 2)
	require.EqualValues(t, 1900, byID.Variants[0].Price.Amount)
	require.Equal(t, http.StatusNotFound, s.get("/store/v1/products/no-such-vase").Code)
	require.Equal(t, http.StatusNotFound, s.get("/store/v1/products/"+ids.Encode(catalog.ProductPrefix, ids.New())).Code)
}

func TestOnlyActiveProductsAreShown(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.refresh(p.ID)
	require.Len(t, s.titles(""), 1)

	s.owners.change(p.ID, func(p *catalog.Product) { p.Status = catalog.StatusArchived })
	s.refresh(p.ID)

	require.Empty(t, s.titles(""))
	require.Equal(t, http.StatusNotFound, s.get("/store/v1/products/vase").Code)
}

func TestAPriceOfTheCountryWins(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.owners.setPrice(p.Variants[0].ID, 2100, "CH")
	s.refresh(p.ID)

	require.EqualValues(t, 1900, s.product("vase").Variants[0].Price.Amount)
	require.EqualValues(t, 2100, s.product("vase?country=CH").Variants[0].Price.Amount)
	require.EqualValues(t, 2100, s.list("?country=CH").Data[0].PriceRange.Max.Amount)
}

func TestAVariantWithoutAPriceCarriesNone(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.owners.prices = nil
	s.refresh(p.ID)

	require.Nil(t, s.product("vase").Variants[0].Price)
}

func TestAvailabilityFollowsTheStockAlone(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.refresh(p.ID)

	s.owners.availability["Vase-S"] = inventory.OutOfStock
	_, err := s.service.RefreshAvailability(t.Context(), storefront.RefreshAvailabilityRequest{SKUs: []string{"Vase-S"}})

	require.NoError(t, err)
	require.Equal(t, inventory.OutOfStock, s.product("vase").Variants[0].Availability)
	require.Empty(t, s.titles("?in_stock=true"))
}

func TestPricesFollowAPriceChangeAlone(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.refresh(p.ID)

	s.owners.setPrice(p.Variants[0].ID, 1500, "")
	_, err := s.service.RefreshPrices(t.Context(), storefront.RefreshPricesRequest{VariantIDs: []string{p.Variants[0].ID}})

	require.NoError(t, err)
	require.EqualValues(t, 1500, s.product("vase").Variants[0].Price.Amount)
}

// A refresh that read before a change must not write after the refresh that the change caused.
func TestASlowRefreshNeverPutsBackAnOldPrice(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	read, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	s.owners.beforePrices = func() { close(read); <-goOn }
	go func() {
		_, err := s.service.RefreshProducts(context.WithoutCancel(t.Context()), storefront.RefreshProductsRequest{ProductIDs: []string{p.ID}})
		ended <- err
	}()
	<-read
	s.owners.mu.Lock()
	s.owners.beforePrices = nil
	s.owners.mu.Unlock()

	s.owners.setPrice(p.Variants[0].ID, 1500, "")
	_, err := s.service.RefreshPrices(t.Context(), storefront.RefreshPricesRequest{VariantIDs: []string{p.Variants[0].ID}})
	require.NoError(t, err)
	close(goOn)

	require.NoError(t, <-ended)
	require.EqualValues(t, 1500, s.product("vase").Variants[0].Price.Amount)
}

func TestSearchFindsAllWordsAndTheBeginningOfTheLast(t *testing.T) {
	s := open(t)
	s.owners.stock("Blue Vases", 1900, "S")
	s.owners.stock("Red Vases", 1900, "S")
	s.rebuild()

	for query, want := range map[string][]string{
		"?q=blue+vase":  {"Blue Vases"},
		"?q=vase+bl":    {"Blue Vases"},
		"?q=blue-vases": {"Blue Vases"},
		"?q=green":      {},
		"?q=%26%7C!":    {},
		"?q=x'z:*":      {},
	} {
		require.Equal(t, want, s.titles(query), query)
	}
	require.Len(t, s.titles("?q=guild"), 2, "the vendor is searched too")
}

func TestFiltersNarrow(t *testing.T) {
	s := open(t)
	s.owners.stock("Cup", 500, "S")
	s.owners.stock("Jug", 2500, "S", "L")
	shelf := catalog.Category{ID: ids.New(), Handle: "kitchen", Name: "Kitchen"}
	below := catalog.Category{ID: ids.New(), Handle: "jugs", Name: "Jugs", ParentID: shelf.ID}
	gifts := catalog.Collection{ID: ids.New(), Handle: "gifts", Name: "Gifts"}
	s.owners.categories = []catalog.Category{shelf, below}
	s.owners.collections = []catalog.Collection{gifts, {ID: ids.New(), Handle: "empty", Name: "Empty"}}
	s.owners.change(s.owners.products[1].ID, func(p *catalog.Product) {
		p.Categories, p.Collections, p.Tags, p.Vendor = []catalog.Category{below}, []catalog.Collection{gifts}, []string{"sale"}, "Potters"
	})
	s.rebuild()

	for query, want := range map[string][]string{
		"?category=kitchen": {"Jug"}, "?category=jugs": {"Jug"}, "?category=" + ids.Encode(catalog.CategoryPrefix, shelf.ID): {"Jug"},
		"?collection=gifts": {"Jug"}, "?collection=empty": {}, "?price_max=1000": {"Cup"}, "?price_min=1000": {"Jug"},
		"?vendor=Potters": {"Jug"}, "?vendor=potters": {}, "?tag=sale": {"Jug"}, "?option.size=l": {"Jug"},
		"?option.size=l&option.size=S&sort=title": {"Cup", "Jug"}, "?option.color=red": {}, "?tag=sale&vendor=Guild": {},
	} {
		require.Equal(t, want, s.titles(query), query)
	}
	collections := s.get("/store/v1/collections")
	require.Contains(t, collections.Body.String(), "gifts")
	require.NotContains(t, collections.Body.String(), "empty", "an empty collection is not shown")
	require.Contains(t, s.get("/store/v1/categories").Body.String(), `"children":[{"children":[],"handle":"jugs"`)
}

func TestEverySortPagesThroughEverythingOnce(t *testing.T) {
	s := open(t)
	for i := range 7 {
		s.owners.stock(fmt.Sprintf("Cup %d", i), int64(500+i%3*100), "S")
	}
	s.owners.prices = s.owners.prices[1:]
	s.rebuild()

	for _, sort := range []string{"-created_at", "created_at", "price", "-price", "title", "-title", "relevance&q=cup"} {
		var seen []string
		cursor := ""
		for {
			page := s.list("?limit=2&sort=" + sort + cursor)
			for _, p := range page.Data {
				seen = append(seen, p.Title)
			}
			if !page.Page.HasMore {
				break
			}
			cursor = "&cursor=" + page.Page.NextCursor
		}
		require.Len(t, seen, 7, sort)
		slices.Sort(seen)
		require.Len(t, slices.Compact(seen), 7, sort)
	}
}

func TestB14ACursorOfAnotherListIsRefused(t *testing.T) {
	s := open(t)
	for i := range 3 {
		s.owners.stock(fmt.Sprintf("Cup %d", i), 500, "S")
	}
	s.rebuild()
	cursor := s.list("?limit=1").Page.NextCursor

	require.Equal(t, http.StatusBadRequest, s.get("/store/v1/products?limit=1&vendor=Guild&cursor="+cursor).Code)
	require.Equal(t, http.StatusBadRequest, s.get("/store/v1/products?limit=1&sort=price&cursor="+cursor).Code)
	require.Equal(t, http.StatusBadRequest, s.get("/store/v1/collections?cursor="+cursor).Code)
}

func TestTotalsAndFacetsAreCountedWhenAskedFor(t *testing.T) {
	s := open(t)
	s.owners.stock("Cup", 500, "S")
	s.owners.stock("Jug", 2500, "S", "L")
	s.rebuild()

	counted := s.list("?total=true&facets=true&limit=1")

	require.EqualValues(t, 2, *counted.Page.Total)
	require.Equal(t, "option.size", counted.Facets[0].Field)
	require.Equal(t, "S", counted.Facets[0].Values[0].Value)
	require.EqualValues(t, 2, counted.Facets[0].Values[0].Count)
	require.Nil(t, s.list("").Page.Total)
	require.Nil(t, s.list("").Facets)
}

func TestAListLeavesOutWhatNobodyAskedFor(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.refresh(p.ID)

	require.Empty(t, s.list("").Data[0].Description.HTML)
	require.NotEmpty(t, s.list("?expand=description").Data[0].Description.HTML)
}

func TestC13AnswersAreNamedByTheirContent(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.refresh(p.ID)
	tag := s.get("/store/v1/products/vase").Header().Get("ETag")

	require.Equal(t, http.StatusNotModified, s.get("/store/v1/products/vase", "If-None-Match", tag).Code)
	require.Equal(t, http.StatusNotModified, s.get("/store/v1/products/vase", "If-None-Match", "W/"+tag).Code)
	s.owners.setPrice(p.Variants[0].ID, 1500, "")
	s.refresh(p.ID)
	require.Equal(t, http.StatusOK, s.get("/store/v1/products/vase", "If-None-Match", tag).Code)
}

func TestAnAnswerThatAHeaderChoseIsPrivate(t *testing.T) {
	s := open(t)
	p := s.owners.stock("Vase", 1900, "S")
	s.refresh(p.ID)

	plain := s.get("/store/v1/products/vase?channel=web&locale=en")
	require.Contains(t, plain.Header().Get("Cache-Control"), "public")
	require.Empty(t, plain.Header().Get("Vary"))
	chosen := s.get("/store/v1/products/vase?channel=web", "Accept-Language", "en")
	require.Contains(t, chosen.Header().Get("Cache-Control"), "private")
	require.Equal(t, "Accept-Language", chosen.Header().Get("Vary"))
}

func TestAnUnknownChannelIsRefused(t *testing.T) {
	require.Equal(t, http.StatusUnprocessableEntity, open(t).get("/store/v1/products?channel=moon").Code)
}
