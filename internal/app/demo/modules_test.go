package demo_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/demo"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// The fakes keep what they are told and count what that changed. Anything else a module offers is not for the demo shop.

type shelves struct {
	catalog.Service

	changes int
	saved   []catalog.SaveProductRequest
}

func (s *shelves) Variants(_ context.Context, req catalog.VariantsRequest) (answer catalog.VariantsAnswer, err error) {
	for _, p := range s.saved {
		for _, v := range p.Variants {
			if slices.Contains(req.SKUs, v.SKU) {
				answer.Variants = append(answer.Variants, catalog.SellableVariant{SKU: v.SKU, VariantID: "id of " + v.SKU})
			}
		}
	}
	return answer, nil
}

func (s *shelves) SaveProduct(_ context.Context, req catalog.SaveProductRequest) (catalog.SaveProductAnswer, error) {
	i := slices.IndexFunc(s.saved, func(p catalog.SaveProductRequest) bool { return p.Handle == req.Handle })
	switch {
	case i < 0:
		s.saved = append(s.saved, req)
		s.changes++
	case !reflect.DeepEqual(s.saved[i], req):
		s.saved[i] = req
		s.changes++
	}
	return catalog.SaveProductAnswer{}, nil
}

type tags struct {
	pricing.Service

	changes int
	broken  error
	current map[string]pricing.Price
}

func (p *tags) Prices(_ context.Context, req pricing.PricesRequest) (answer pricing.PricesAnswer, err error) {
	for _, id := range req.VariantIDs {
		if price, ok := p.current[id]; ok && price.Amount.Currency() == req.Currency {
			answer.Prices = append(answer.Prices, price)
		}
	}
	return answer, nil
}

func (p *tags) SetPrices(_ context.Context, req pricing.SetPricesRequest) (pricing.SetPricesAnswer, error) {
	if p.broken != nil {
		return pricing.SetPricesAnswer{}, p.broken
	}
	for _, price := range req.Prices {
		if !reflect.DeepEqual(p.current[price.VariantID], price) {
			p.current[price.VariantID] = price
			p.changes++
		}
	}
	return pricing.SetPricesAnswer{}, nil
}

type place struct{ locationID, sku string }

type stockroom struct {
	inventory.Service

	changes   int
	locations []inventory.SaveLocationRequest
	items     map[string]inventory.StockItem
	counts    map[place]int64
}

func (s *stockroom) SaveLocation(_ context.Context, req inventory.SaveLocationRequest) (inventory.Location, error) {
	if !slices.Contains(s.locations, req) {
		s.locations = append(s.locations, req)
		s.changes++
	}
	return inventory.Location{ID: "at " + req.Code}, nil
}

func (s *stockroom) SetStock(_ context.Context, req inventory.SetStockRequest) (inventory.SetStockAnswer, error) {
	for _, item := range req.Items {
		if item.OnHand != nil {
			at := place{req.LocationID, item.SKU}
			if had, ok := s.counts[at]; !ok || had != *item.OnHand {
				s.counts[at] = *item.OnHand
				s.changes++
			}
		}
		item.OnHand = nil
		if s.items[item.SKU] != item {
			s.items[item.SKU] = item
			s.changes++
		}
	}
	return inventory.SetStockAnswer{}, nil
}

// total is what there is of a SKU over all locations.
func (s *stockroom) total(sku string) int64 {
	total := int64(0)
	for at, count := range s.counts {
		if at.sku == sku {
			total += count
		}
	}
	return total
}

type euroChannel struct{ channels.Service }

func (euroChannel) Resolve(_ context.Context, req channels.ResolveRequest) (channels.Context, error) {
	if req.Currency != "EUR" {
		return channels.Context{}, channels.ErrUnsupportedCurrency
	}
	return channels.Context{Currency: req.Currency}, nil
}

type dollarChannel struct{ channels.Service }

func (dollarChannel) Resolve(context.Context, channels.ResolveRequest) (channels.Context, error) {
	return channels.Context{}, channels.ErrUnsupportedCurrency
}

type carriers struct {
	fulfillment.Service

	changes int
	options map[string]fulfillment.SaveOptionRequest
}

func (c *carriers) SaveOption(_ context.Context, req fulfillment.SaveOptionRequest) (fulfillment.SaveOptionAnswer, error) {
	if !reflect.DeepEqual(c.options[req.Code], req) {
		c.options[req.Code] = req
		c.changes++
	}
	return fulfillment.SaveOptionAnswer{}, nil
}

type office struct {
	tax.Service

	changes int
	rates   []tax.SaveRateRequest
}

func (o *office) SaveRate(_ context.Context, req tax.SaveRateRequest) (tax.SaveRateAnswer, error) {
	if !slices.Contains(o.rates, req) {
		o.rates = append(o.rates, req)
		o.changes++
	}
	return tax.SaveRateAnswer{}, nil
}

// house is all modules together.
type house struct {
	shelves   *shelves
	prices    *tags
	stockroom *stockroom
	carriers  *carriers
	office    *office
}

func newHouse() *house {
	return &house{shelves: &shelves{}, prices: &tags{current: map[string]pricing.Price{}},
		stockroom: &stockroom{items: map[string]inventory.StockItem{}, counts: map[place]int64{}},
		carriers:  &carriers{options: map[string]fulfillment.SaveOptionRequest{}}, office: &office{}}
}

func (h *house) services() demo.Services {
	return demo.Services{Catalog: h.shelves, Pricing: h.prices, Inventory: h.stockroom, Channels: euroChannel{},
		Fulfillment: h.carriers, Tax: h.office}
}

func (h *house) changes() int {
	return h.shelves.changes + h.prices.changes + h.stockroom.changes + h.carriers.changes + h.office.changes
}

func loaded(t *testing.T) *house {
	t.Helper()
	h := newHouse()
	require.NoError(t, demo.Load(t.Context(), h.services()))
	return h
}
