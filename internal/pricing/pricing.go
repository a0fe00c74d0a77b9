package pricing

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
)

// PricePrefix of a price's public id.
const PricePrefix = "price"

// Service answers what a variant costs.
type Service interface {
	// Prices answers the price of each variant for a shopper without a group: a price for the channel and country wins over
	// one for the country, that over one for the channel, that over one for everywhere. Variants without a price in the
	// currency are left out.
	// Errors: none of its own.
	Prices(ctx context.Context, req PricesRequest) (PricesAnswer, error)
	// Offers answers, for one channel, the prices of variants in every currency and in every country that has its own price;
	// an offer with an empty country holds wherever no other does.
	// Errors: none of its own.
	Offers(ctx context.Context, req OffersRequest) (OffersAnswer, error)
	// SetPrices makes prices current, all or none; what they replace stays as history. Setting what is already current
	// changes nothing and announces nothing. Of two prices for one place the later one counts.
	// Errors: ErrInvalidPrice, ErrCurrencyMismatch, ErrUnsupportedCountry, money.ErrUnknownCurrency.
	SetPrices(ctx context.Context, req SetPricesRequest) (SetPricesAnswer, error)
}

// Price is what a variant costs in a context; ChannelID and Country are empty where they do not matter.
type Price struct {
	ID        string       `json:"id"`
	VariantID string       `json:"variant_id"`
	Amount    money.Money  `json:"amount"`
	CompareAt *money.Money `json:"compare_at"`
	ChannelID string       `json:"channel_id"`
	Country   string       `json:"country"`
	CreatedAt time.Time    `json:"created_at"`
}

// PricesRequest asks for the prices that hold now. MayRemember allows an answer that another process changed up to a tenth
// of a second ago: for what is agreed in one moment, never for what is built to last.
type PricesRequest struct {
	VariantIDs  []string `json:"variant_ids"`
	Currency    string   `json:"currency"`
	ChannelID   string   `json:"channel_id"`
	Country     string   `json:"country"`
	MayRemember bool     `json:"may_remember"`
}

// PricesAnswer holds one price per variant that has one.
type PricesAnswer struct {
	Prices []Price `json:"prices"`
}

// OffersRequest asks for all prices of variants in one channel.
type OffersRequest struct {
	VariantIDs []string `json:"variant_ids"`
	ChannelID  string   `json:"channel_id"`
}

// OffersAnswer holds the winning price per variant, currency and country.
type OffersAnswer struct {
	Offers []Price `json:"offers"`
}

// SetPricesRequest carries the prices to make current; ID and CreatedAt are ignored.
type SetPricesRequest struct {
	Prices []Price `json:"prices"`
}

// SetPricesAnswer holds the current prices in the order of the request; Changed counts those that were not current before,
// and ChangedVariants names what they are for.
type SetPricesAnswer struct {
	Prices          []Price  `json:"prices"`
	Changed         int      `json:"changed"`
	ChangedVariants []string `json:"changed_variants"`
}
