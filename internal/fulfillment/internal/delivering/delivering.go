// Package delivering holds the use cases of fulfillment: offering shipping options and recording shipments. It knows
// nothing of SQL or HTTP.
package delivering

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
)

// Option is a shipping option as its shopkeeper sees it. No countries means every country; no prices means free in
// every currency.
type Option struct {
	ID        string
	Code      string
	Name      string
	Countries []string
	Prices    []money.Money
	MinDays   *int64
	MaxDays   *int64
	TaxClass  string
	Position  int64
	Active    bool
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Store keeps options and shipments.
type Store interface {
	ActiveOptions(ctx context.Context) ([]Option, error)
	FindOption(ctx context.Context, id string) (Option, error)
	ListOptions(ctx context.Context, after string, limit int) ([]Option, error)
	CountOptions(ctx context.Context) (int64, error)
	InsertOption(ctx context.Context, option Option) (Option, error)
	// UpdateOption answers fulfillment.ErrVersionMismatch unless the stored version is the option's, and
	// fulfillment.ErrNotFound when there is no such option.
	UpdateOption(ctx context.Context, option Option) (Option, error)
	// UpsertOption decides by code.
	UpsertOption(ctx context.Context, option Option) (Option, error)
	DeleteOption(ctx context.Context, id string) error
	// InsertShipment answers the stored shipment, which is an earlier one when the id is known.
	InsertShipment(ctx context.Context, shipment fulfillment.Shipment) (fulfillment.Shipment, error)
	Shipments(ctx context.Context, req fulfillment.ShipmentsRequest) (fulfillment.ShipmentsAnswer, error)
}

// Delivering is the use cases. Store's own verbs are used as they are.
type Delivering struct {
	Store
}

// New makes the use cases over a store.
func New(store Store) *Delivering { return &Delivering{Store: store} }

// Options implements fulfillment.Service.
func (d *Delivering) Options(ctx context.Context, req fulfillment.OptionsRequest) (fulfillment.OptionsAnswer, error) {
	active, err := d.ActiveOptions(ctx)
	if err != nil {
		return fulfillment.OptionsAnswer{}, err
	}
	answer := fulfillment.OptionsAnswer{Options: []fulfillment.Option{}}
	positions := map[string]int64{}
	for _, option := range active {
		if offer, ok := option.offer(req.Country, req.Currency); ok {
			answer.Options = append(answer.Options, offer)
			positions[offer.ID] = option.Position
		}
	}
	slices.SortStableFunc(answer.Options, func(a, b fulfillment.Option) int {
		return cmp.Or(cmp.Compare(a.Price.Minor(), b.Price.Minor()), cmp.Compare(positions[a.ID], positions[b.ID]))
	})
	return answer, nil
}

// Option implements fulfillment.Service.
func (d *Delivering) Option(ctx context.Context, req fulfillment.OptionRequest) (fulfillment.Option, error) {
	answer, err := d.Options(ctx, fulfillment.OptionsRequest{Country: req.Country, Currency: req.Currency})
	if err != nil {
		return fulfillment.Option{}, err
	}
	for _, option := range answer.Options {
		if option.ID == req.ID {
			return option, nil
		}
	}
	return fulfillment.Option{}, fulfillment.ErrOptionUnavailable
}

// CreateShipment implements fulfillment.Service.
func (d *Delivering) CreateShipment(ctx context.Context, req fulfillment.CreateShipmentRequest) (fulfillment.Shipment, error) {
	return d.InsertShipment(ctx, req.Shipment)
}

// SaveOption implements fulfillment.Service.
func (d *Delivering) SaveOption(ctx context.Context, req fulfillment.SaveOptionRequest) (fulfillment.SaveOptionAnswer, error) {
	option, err := checked(Option{Code: req.Code, Name: req.Name, Countries: req.Countries, Prices: req.Prices,
		MinDays: orNil(req.MinDays), MaxDays: orNil(req.MaxDays), TaxClass: req.TaxClass, Position: int64(req.Position), Active: req.Active})
	if err != nil {
		return fulfillment.SaveOptionAnswer{}, err
	}
	saved, err := d.UpsertOption(ctx, option)
	if err != nil {
		return fulfillment.SaveOptionAnswer{}, err
	}
	return fulfillment.SaveOptionAnswer{ID: saved.ID}, nil
}

// Create adds an option.
// Errors: fulfillment.ErrInvalidOption, fulfillment.ErrUnsupportedCountry, fulfillment.ErrCodeTaken.
func (d *Delivering) Create(ctx context.Context, option Option) (Option, error) {
	option, err := checked(option)
	if err != nil {
		return Option{}, err
	}
	return d.InsertOption(ctx, option)
}

// Change reads an option, has it changed and writes it, if its version is the wanted one. Comparing here as well as in
// the store keeps a change from being made to an older option than the one that is then replaced.
// Errors: fulfillment.ErrNotFound, fulfillment.ErrVersionMismatch, fulfillment.ErrInvalidOption,
// fulfillment.ErrUnsupportedCountry.
func (d *Delivering) Change(ctx context.Context, id string, version int, change func(*Option)) (Option, error) {
	option, err := d.FindOption(ctx, id)
	if err != nil {
		return Option{}, err
	}
	if option.Version != version {
		return Option{}, fulfillment.ErrVersionMismatch
	}
	change(&option)
	if option, err = checked(option); err != nil {
		return Option{}, err
	}
	return d.UpdateOption(ctx, option)
}

// offer is what a shopper is shown, and whether the option serves the country in the currency at all.
func (o Option) offer(country, currency string) (fulfillment.Option, bool) {
	if len(o.Countries) > 0 && !slices.Contains(o.Countries, country) {
		return fulfillment.Option{}, false
	}
	offer := fulfillment.Option{ID: o.ID, Code: o.Code, Name: o.Name, MinDays: int(orZero(o.MinDays)), MaxDays: int(orZero(o.MaxDays)), TaxClass: o.TaxClass}
	if len(o.Prices) == 0 {
		free, err := money.New(0, currency)
		offer.Price = free
		return offer, err == nil
	}
	for _, price := range o.Prices {
		if price.Currency() == currency {
			offer.Price = price
			return offer, true
		}
	}
	return fulfillment.Option{}, false
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func orNil(n int) *int64 {
	if n == 0 {
		return nil
	}
	days := int64(n)
	return &days
}
