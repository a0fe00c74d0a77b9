package cartmod_test

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// owners are the other modules, as small as these tests need them. The embedded interfaces are nil: calling what is not
// overridden is a mistake that panics.
type owners struct {
	mu       sync.Mutex
	channel  channels.Channel
	variants map[string]catalog.SellableVariant // by SKU
	prices   map[string]pricing.Price           // by variant id and currency
	rates    map[string]string                  // percent by country and class
	shipped  map[string]bool                    // countries whose rate applies to shipping
	options  []option
	stock    map[string]inventory.StockStatus
	calls    map[string]int
	// meanwhile runs inside the next read of prices, as something that happens while a cart is valued.
	meanwhile func()
}

type option struct {
	fulfillment.Option
	countries []string
}

type fakeChannels struct {
	channels.Service
	*owners
}

func (f fakeChannels) Resolve(_ context.Context, req channels.ResolveRequest) (channels.Context, error) {
	channel := f.read("channels.Resolve").channel
	if req.Code != "" && req.Code != channel.Code || req.PublishableKey != "" && req.PublishableKey != channel.PublishableKey {
		return channels.Context{}, channels.ErrUnknownChannel
	}
	currency := cmp.Or(req.Currency, channel.DefaultCurrency)
	if !slices.Contains(channel.Currencies, currency) {
		return channels.Context{}, channels.ErrUnsupportedCurrency
	}
	if req.Country != "" && channel.Countries != nil && !slices.Contains(channel.Countries, req.Country) {
		return channels.Context{}, channels.ErrUnsupportedCountry
	}
	return channels.Context{Channel: channel, Currency: currency, Locale: cmp.Or(req.Locale, channel.DefaultLocale), Country: req.Country}, nil
}

func (f fakeChannels) Channel(_ context.Context, req channels.ChannelRequest) (channels.Channel, error) {
	channel := f.read("channels.Channel").channel
	if req.ID != channel.ID {
		return channels.Channel{}, channels.ErrNotFound
	}
	return channel, nil
}

type fakeCatalog struct {
	catalog.Service
	*owners
}

func (f fakeCatalog) Variants(_ context.Context, req catalog.VariantsRequest) (catalog.VariantsAnswer, error) {
	var answer catalog.VariantsAnswer
	for _, variant := range f.read("catalog.Variants").variants {
		if slices.Contains(req.IDs, variant.VariantID) || slices.Contains(req.SKUs, variant.SKU) {
			answer.Variants = append(answer.Variants, variant)
		}
	}
	return answer, nil
}

type fakePricing struct {
	pricing.Service
	*owners
}

func (f fakePricing) Prices(_ context.Context, req pricing.PricesRequest) (pricing.PricesAnswer, error) {
	f.mu.Lock()
	meanwhile := f.meanwhile
	f.meanwhile = nil
	f.mu.Unlock()
	if meanwhile != nil {
		meanwhile()
	}
	known := f.read("pricing.Prices").prices
	var answer pricing.PricesAnswer
	for _, id := range req.VariantIDs {
		price, ok := known[id+req.Currency+req.Country]
		if !ok {
			price, ok = known[id+req.Currency]
		}
		if ok {
			answer.Prices = append(answer.Prices, price)
		}
	}
	return answer, nil
}

type fakeTax struct {
	tax.Service
	*owners
}

func (f fakeTax) Calculate(_ context.Context, req tax.CalculateRequest) (tax.CalculateAnswer, error) {
	known := f.read("tax.Calculate")
	answer := tax.CalculateAnswer{Lines: make([]tax.TaxedLine, len(req.Lines))}
	for i, line := range req.Lines {
		answer.Lines[i].Ref = line.Ref
		rate, ok := known.rates[req.Country+line.TaxClass]
		if !ok || line.Shipping && !known.shipped[req.Country] {
			continue
		}
		amount, err := taxOn(line.Amount, rate, req.Included)
		if err != nil {
			return tax.CalculateAnswer{}, err
		}
		answer.Lines[i].Taxes = []tax.TaxLine{{Name: "VAT", Rate: rate, Amount: amount}}
	}
	return answer, nil
}

func taxOn(amount money.Money, rate string, included bool) (money.Money, error) {
	percent, err := money.ParsePercent(rate)
	if err != nil || included {
		return money.TaxIncluded(amount, percent), err
	}
	return money.TaxOnTop(amount, percent)
}

type fakeFulfillment struct {
	fulfillment.Service
	*owners
}

func (f fakeFulfillment) Options(_ context.Context, req fulfillment.OptionsRequest) (fulfillment.OptionsAnswer, error) {
	var answer fulfillment.OptionsAnswer
	for _, o := range f.read("fulfillment.Options").options {
		if o.serves(req.Country, req.Currency) {
			answer.Options = append(answer.Options, o.Option)
		}
	}
	slices.SortFunc(answer.Options, func(a, b fulfillment.Option) int { return cmp.Compare(a.Price.Minor(), b.Price.Minor()) })
	return answer, nil
}

func (f fakeFulfillment) Option(_ context.Context, req fulfillment.OptionRequest) (fulfillment.Option, error) {
	for _, o := range f.read("fulfillment.Option").options {
		if o.ID == req.ID && o.serves(req.Country, req.Currency) {
			return o.Option, nil
		}
	}
	return fulfillment.Option{}, fulfillment.ErrOptionUnavailable
}

func (o option) serves(country, currency string) bool {
	return o.Price.Currency() == currency && (len(o.countries) == 0 || slices.Contains(o.countries, country))
}

type fakeInventory struct {
	inventory.Service
	*owners
}

func (f fakeInventory) Availability(_ context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	known := f.read("inventory.Availability").stock
	if len(known) == 0 {
		return inventory.AvailabilityAnswer{}, remote.ErrUnavailable
	}
	answer := inventory.AvailabilityAnswer{Statuses: make([]inventory.StockStatus, len(req.SKUs))}
	for i, sku := range req.SKUs {
		status, ok := known[sku]
		if !ok {
			status = inventory.StockStatus{SKU: sku, Mode: inventory.ModeTrack, Availability: inventory.OutOfStock}
		}
		answer.Statuses[i] = status
	}
	return answer, nil
}

type fakePayments struct {
	payments.Service
	*owners
}

func (f fakePayments) Methods(_ context.Context, req payments.MethodsRequest) (payments.MethodsAnswer, error) {
	f.read("payments.Methods")
	if req.Currency != "EUR" {
		return payments.MethodsAnswer{}, nil
	}
	return payments.MethodsAnswer{Methods: []payments.Method{
		{Code: payments.MethodManual, Name: "Bank transfer"}, {Code: payments.MethodFake, Name: "Test card", NeedsToken: true}}}, nil
}

// read counts a call and answers what the owners know now.
func (o *owners) read(call string) owners {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls[call]++
	return owners{channel: o.channel, variants: clone(o.variants), prices: clone(o.prices), rates: clone(o.rates),
		shipped: clone(o.shipped), options: slices.Clone(o.options), stock: clone(o.stock)}
}

// set changes what the owners know.
func (o *owners) set(change func(*owners)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

func clone[V any](m map[string]V) map[string]V {
	copied := make(map[string]V, len(m))
	for k, v := range m {
		copied[k] = v
	}
	return copied
}
