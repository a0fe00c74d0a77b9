// Package valuing asks the owners of prices, taxes and shipping what a cart comes to now. It keeps nothing and decides
// nothing that is theirs; it decides only what becomes of a line that cannot be bought, and of an option that no longer
// serves the address.
package valuing

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/tax"
)

type channelReader interface {
	Channel(ctx context.Context, req channels.ChannelRequest) (channels.Channel, error)
}

type variantReader interface {
	Variants(ctx context.Context, req catalog.VariantsRequest) (catalog.VariantsAnswer, error)
}

type priceReader interface {
	Prices(ctx context.Context, req pricing.PricesRequest) (pricing.PricesAnswer, error)
}

type taxCalculator interface {
	Calculate(ctx context.Context, req tax.CalculateRequest) (tax.CalculateAnswer, error)
}

type optionReader interface {
	Option(ctx context.Context, req fulfillment.OptionRequest) (fulfillment.Option, error)
	Options(ctx context.Context, req fulfillment.OptionsRequest) (fulfillment.OptionsAnswer, error)
}

// Owners are the modules that know what a cart is worth.
type Owners struct {
	Channels    channelReader
	Catalog     variantReader
	Pricing     priceReader
	Tax         taxCalculator
	Fulfillment optionReader
}

// Valuer values carts.
type Valuer struct {
	owners Owners
}

// New returns a Valuer that asks these owners.
func New(owners Owners) *Valuer {
	return &Valuer{owners: owners}
}

// Request is a cart to value. Variants must hold those of its lines.
type Request struct {
	Cart     basket.Cart
	Variants Variants
	// CheapestOption chooses the cheapest shipping option that serves the place when the cart has chosen none.
	CheapestOption bool
}

// Valuation is what a cart comes to. Lines and Sheet.Lines are in the order of the cart's lines.
type Valuation struct {
	Channel channels.Channel
	Lines   []Line
	Sheet   totals.Sheet
	// Shippable says that something has to be sent.
	Shippable bool
	Place     basket.Place
	// PlaceDecided says that an address decided the place.
	PlaceDecided bool
	// Option is the chosen shipping option; it counts in the totals when something has to be sent.
	Option *fulfillment.Option
	// OptionLost says that the option which the cart had chosen does not serve the place.
	OptionLost    bool
	ShippingTaxes []cart.TaxLine
}

// Line is what the owners say of a line. Fault says why it cannot be bought, and then all its amounts are 0.
type Line struct {
	Product   basket.Product
	TaxClass  string
	UnitPrice money.Money
	CompareAt *money.Money
	Taxes     []cart.TaxLine
	Fault     *fault.Error
}

// Final reports whether the totals can still change by themselves: not once an address has decided the tax and shipping
// is chosen where it is needed.
func (v Valuation) Final() bool {
	return v.PlaceDecided && (v.Option != nil || !v.Shippable)
}

// Update lets the cart remember what was found out about it: how its lines looked, and that an option is lost.
func (v Valuation) Update(c *basket.Cart) {
	for i := range c.Lines {
		c.Lines[i].Product = v.Lines[i].Product
	}
	if v.OptionLost {
		c.ShippingOptionID = ""
	}
}

// Value asks what the cart comes to. Errors: money.ErrOverflow, and those of the owners that have no meaning here.
func (v *Valuer) Value(ctx context.Context, req Request) (Valuation, error) {
	c := req.Cart
	channel, err := v.owners.Channels.Channel(ctx, channels.ChannelRequest{ID: c.ChannelID})
	if err != nil {
		return Valuation{}, fmt.Errorf("read channel of cart: %w", err)
	}
	val := Valuation{Channel: channel, Lines: describe(c, req.Variants)}
	val.Shippable = shippable(val.Lines)
	val.Place, val.PlaceDecided = c.Place(val.Shippable)
	if err := v.price(ctx, c, &val); err != nil {
		return Valuation{}, err
	}
	if err := v.ship(ctx, req, &val); err != nil {
		return Valuation{}, err
	}
	if err := v.addUp(ctx, c, &val); err != nil {
		return Valuation{}, err
	}
	return val, nil
}

func (v *Valuer) price(ctx context.Context, c basket.Cart, val *Valuation) error {
	prices, err := v.prices(ctx, c, *val)
	if err != nil {
		return err
	}
	for i := range val.Lines {
		line := &val.Lines[i]
		line.UnitPrice = money.Zero(c.Currency)
		price, priced := prices[c.Lines[i].VariantID]
		switch {
		case line.Fault != nil:
		case priced:
			line.UnitPrice, line.CompareAt = price.Amount, price.CompareAt
		default:
			line.Fault = cart.ErrVariantUnavailable.Detailf("the variant has no price in %s", c.Currency)
		}
	}
	return nil
}

func (v *Valuer) prices(ctx context.Context, c basket.Cart, val Valuation) (map[string]pricing.Price, error) {
	var wanted []string
	for i, line := range c.Lines {
		if val.Lines[i].Fault == nil {
			wanted = append(wanted, line.VariantID)
		}
	}
	if wanted == nil {
		return nil, nil
	}
	answer, err := v.owners.Pricing.Prices(ctx, pricing.PricesRequest{MayRemember: true, VariantIDs: distinct(wanted),
		Currency: c.Currency, ChannelID: c.ChannelID, Country: val.Place.Country})
	if err != nil {
		return nil, fmt.Errorf("read prices of cart: %w", err)
	}
	prices := make(map[string]pricing.Price, len(answer.Prices))
	for _, price := range answer.Prices {
		prices[price.VariantID] = price
	}
	return prices, nil
}
