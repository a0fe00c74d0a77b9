package channels

import (
	"context"
	"time"
)

// Prefix of a channel's public id.
const ChannelPrefix = "chan"

// Ways a channel takes money that a provider has authorized.
const (
	CaptureAutomatic = "automatic"
	CaptureManual    = "manual"
)

// Service answers where the shop sells.
type Service interface {
	// Resolve finds the channel that a request speaks to and the currency, locale and country that apply in it.
	// Currency, locale and country left empty become the channel's defaults. A locale that the channel does not speak becomes
	// the nearest one that it does, by the matching rules of BCP 47, or else the default locale.
	// Errors: ErrUnknownChannel, ErrUnsupportedCurrency, ErrUnsupportedCountry.
	Resolve(ctx context.Context, req ResolveRequest) (Context, error)
	// Channel answers one channel by its id.
	// Errors: ErrNotFound.
	Channel(ctx context.Context, req ChannelRequest) (Channel, error)
	// List answers every channel, the default one first, then by code.
	// Errors: none of its own.
	List(ctx context.Context, req ListRequest) (ListAnswer, error)
	// Save creates the channel when ID is empty, and changes it otherwise; Version must then be the one that was read, and
	// Code stays what it is. Making a channel the default one ends that of the channel before; the default channel stays it
	// until then.
	// Errors: ErrNotFound, ErrCodeTaken, ErrVersionMismatch, ErrInvalidChannel, ErrUnsupportedCurrency,
	// ErrUnsupportedCountry.
	//rialto:once
	Save(ctx context.Context, req SaveRequest) (Channel, error)
}

// Channel is one place where the shop sells.
type Channel struct {
	ID              string   `json:"id"`
	Code            string   `json:"code"`
	Name            string   `json:"name"`
	Currencies      []string `json:"currencies"`
	DefaultCurrency string   `json:"default_currency"`
	Locales         []string `json:"locales"`
	DefaultLocale   string   `json:"default_locale"`
	// Countries are ISO 3166-1 alpha-2 codes; none means every country.
	Countries   []string `json:"countries"`
	TaxIncluded bool     `json:"tax_included"`
	// CheckoutDeadlineMinutes is how long a checkout may take before it is undone.
	CheckoutDeadlineMinutes int    `json:"checkout_deadline_minutes"`
	PaymentCapture          string `json:"payment_capture"`
	// Origins may call from a browser and be returned to after a payment, such as https://shop.example.
	Origins        []string  `json:"origins"`
	IsDefault      bool      `json:"is_default"`
	PublishableKey string    `json:"publishable_key"`
	Version        int       `json:"version"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

// Context is the channel together with what the shopper chose inside it.
type Context struct {
	Channel  Channel `json:"channel"`
	Currency string  `json:"currency"`
	Locale   string  `json:"locale"`
	// Country is empty when neither the shopper nor the channel names exactly one.
	Country string `json:"country"`
}

// ResolveRequest carries what a request said; every field may be empty. Code wins over PublishableKey.
type ResolveRequest struct {
	Code           string `json:"code"`
	PublishableKey string `json:"publishable_key"`
	Currency       string `json:"currency"`
	Locale         string `json:"locale"`
	AcceptLanguage string `json:"accept_language"`
	Country        string `json:"country"`
}

// ChannelRequest names a channel by id.
type ChannelRequest struct {
	ID string `json:"id"`
}

// ListRequest asks for all channels.
type ListRequest struct{}

// ListAnswer holds all channels.
type ListAnswer struct {
	Channels []Channel `json:"channels"`
}

// SaveRequest carries the whole channel; PublishableKey and the times are the module's own and are ignored.
type SaveRequest struct {
	Channel Channel `json:"channel"`
}
