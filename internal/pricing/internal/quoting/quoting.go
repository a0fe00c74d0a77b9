// Package quoting holds the rules and use cases of prices: which of a variant's prices wins in a context, and how a
// price becomes current. It knows nothing of SQL or HTTP.
package quoting

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/pricing"
)

// Filter narrows a list of prices; the zero value narrows nothing.
type Filter struct {
	VariantID string `json:"variant_id"`
	Currency  string `json:"currency"`
	After     string `json:"-"`
	Limit     int    `json:"-"`
}

// Wanted says which current prices are wanted. MayRemember is that of pricing.PricesRequest.
type Wanted struct {
	VariantIDs          []string
	Currency, ChannelID string
	MayRemember         bool
}

// Store keeps prices.
type Store interface {
	// Current answers the current prices of variants in a currency (empty: in every one) that could hold in a channel:
	// those of the channel and those of no channel.
	Current(ctx context.Context, wanted Wanted) ([]pricing.Price, error)
	Find(ctx context.Context, id string) (pricing.Price, error)
	List(ctx context.Context, filter Filter) ([]pricing.Price, error)
	Count(ctx context.Context, filter Filter) (int64, error)
	// Replace makes prices current and announces each that was not; it answers the current ones in the same order.
	Replace(ctx context.Context, prices []pricing.Price) (pricing.SetPricesAnswer, error)
	// End makes a current price history, without a successor.
	End(ctx context.Context, id string) error
}

// Quoting is the use cases. Store's own verbs are used as they are.
type Quoting struct {
	Store
}

// New makes the use cases over a store.
func New(store Store) *Quoting { return &Quoting{Store: store} }

// Prices implements pricing.Service.
func (q *Quoting) Prices(ctx context.Context, req pricing.PricesRequest) (pricing.PricesAnswer, error) {
	if req.Currency == "" { // Current would take it for every currency, and amounts of two do not compare.
		return pricing.PricesAnswer{Prices: []pricing.Price{}}, nil
	}
	candidates, err := q.Current(ctx, Wanted{VariantIDs: req.VariantIDs, Currency: req.Currency, ChannelID: req.ChannelID, MayRemember: req.MayRemember})
	if err != nil {
		return pricing.PricesAnswer{}, err
	}
	fitting := slices.DeleteFunc(candidates, func(p pricing.Price) bool { return p.Country != "" && p.Country != req.Country })
	return pricing.PricesAnswer{Prices: winners(fitting, func(p pricing.Price) string { return p.VariantID })}, nil
}

// Offers implements pricing.Service.
func (q *Quoting) Offers(ctx context.Context, req pricing.OffersRequest) (pricing.OffersAnswer, error) {
	candidates, err := q.Current(ctx, Wanted{VariantIDs: req.VariantIDs, ChannelID: req.ChannelID})
	if err != nil {
		return pricing.OffersAnswer{}, err
	}
	return pricing.OffersAnswer{Offers: winners(candidates, func(p pricing.Price) string {
		return p.VariantID + " " + p.Amount.Currency() + " " + p.Country
	})}, nil
}

// SetPrices implements pricing.Service.
func (q *Quoting) SetPrices(ctx context.Context, req pricing.SetPricesRequest) (pricing.SetPricesAnswer, error) {
	for i, p := range req.Prices {
		if err := check("/prices/"+strconv.Itoa(i), p); err != nil {
			return pricing.SetPricesAnswer{}, err
		}
	}
	if len(req.Prices) == 0 {
		return pricing.SetPricesAnswer{Prices: []pricing.Price{}}, nil
	}
	return q.Replace(ctx, req.Prices)
}

// SetPrice is SetPrices of one price; its errors point into that price.
func (q *Quoting) SetPrice(ctx context.Context, wanted pricing.Price) (pricing.Price, error) {
	if err := check("", wanted); err != nil {
		return pricing.Price{}, err
	}
	answer, err := q.Replace(ctx, []pricing.Price{wanted})
	if err != nil {
		return pricing.Price{}, err
	}
	return answer.Prices[0], nil
}

// winners answers the most specific price of each group: country over channel over none.
func winners(candidates []pricing.Price, group func(pricing.Price) string) []pricing.Price {
	best := map[string]pricing.Price{}
	for _, p := range candidates {
		now, taken := best[group(p)]
		if !taken || specificity(p) > specificity(now) {
			best[group(p)] = p
		}
	}
	list := make([]pricing.Price, 0, len(best))
	for _, p := range best {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b pricing.Price) int { return cmp.Compare(group(a), group(b)) })
	return list
}

func specificity(p pricing.Price) int {
	rank := 0
	if p.Country != "" {
		rank += 2
	}
	if p.ChannelID != "" {
		rank++
	}
	return rank
}
