package selling_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/channels/internal/selling"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// shelf is a store of one channel. It keeps what it is given.
type shelf struct {
	selling.Store
	channel channels.Channel
}

func (s *shelf) Match(context.Context, string, string) (channels.Channel, error) {
	return s.channel, nil
}

func (s *shelf) Find(context.Context, string) (channels.Channel, error) {
	return s.channel, nil
}

func (s *shelf) Insert(_ context.Context, c channels.Channel) (channels.Channel, error) {
	s.channel = c
	return c, nil
}

func market() channels.Channel {
	return channels.Channel{Code: "web", Name: "Web", Currencies: []string{"EUR", "JPY"}, DefaultCurrency: "EUR",
		Locales: []string{"de", "en", "zh-Hans", "pt-BR", "nb"}, DefaultLocale: "en", Countries: []string{"DE", "AT"}}
}

func resolve(t *testing.T, channel channels.Channel, req channels.ResolveRequest) (channels.Context, error) {
	t.Helper()
	return selling.New(&shelf{channel: channel}, nil).Resolve(t.Context(), req)
}

func TestTheNearestLocaleOfTheChannelIsChosen(t *testing.T) {
	cases := []struct{ name, locale, acceptLanguage, want string }{
		{"nothing asked", "", "", "en"},
		{"a locale of the channel", "de", "", "de"},
		{"a region of a spoken language", "de-AT", "", "de"},
		{"another script of a spoken language is still nearer than another language", "zh-TW", "", "zh-Hans"},
		{"another region of a spoken language", "pt-PT", "", "pt-BR"},
		{"the wider name of a spoken language", "no", "", "nb"},
		{"a language that nobody speaks", "fr", "", "en"},
		{"a locale wins over Accept-Language", "fr", "de", "en"},
		{"Accept-Language", "", "de", "de"},
		{"Accept-Language by weight", "", "en;q=0.5, fr;q=0.9, de;q=0.8", "de"},
		{"Accept-Language that refuses a language", "", "de;q=0, nb", "nb"},
		{"any language", "", "*", "en"},
		{"Accept-Language that cannot be read", "", "de$$;q=x", "en"},
		{"Accept-Language that is long", "", strings.Repeat("de-de-", 1000), "en"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			chosen, err := resolve(t, market(), channels.ResolveRequest{Locale: c.locale, AcceptLanguage: c.acceptLanguage})

			require.NoError(t, err)
			assert.Equal(t, c.want, chosen.Locale)
		})
	}
}

func TestCurrencyAndCountryAreThoseOfTheChannel(t *testing.T) {
	anywhere, onlyGermany := market(), market()
	anywhere.Countries, onlyGermany.Countries = nil, []string{"DE"}
	cases := []struct {
		name                                   string
		channel                                channels.Channel
		currency, country, gotCurrency, gotPut string
		err                                    error
	}{
		{"nothing asked", market(), "", "", "EUR", "", nil},
		{"another currency of the channel", market(), "JPY", "", "JPY", "", nil},
		{"a currency of no channel", market(), "USD", "", "", "", channels.ErrUnsupportedCurrency},
		{"a country of the channel", market(), "", "AT", "EUR", "AT", nil},
		{"a country of another channel", market(), "", "FR", "", "", channels.ErrUnsupportedCountry},
		{"the only country of the channel", onlyGermany, "", "", "EUR", "DE", nil},
		{"any country", anywhere, "", "FR", "EUR", "FR", nil},
		{"a country that is none", anywhere, "", "ZZ", "", "", channels.ErrUnsupportedCountry},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			chosen, err := resolve(t, c.channel, channels.ResolveRequest{Currency: c.currency, Country: c.country})

			require.ErrorIs(t, err, c.err)
			assert.Equal(t, c.gotCurrency, chosen.Currency)
			assert.Equal(t, c.gotPut, chosen.Country)
		})
	}
}

func TestInconsistentChannelsAreRefused(t *testing.T) {
	cases := []struct {
		name    string
		change  func(*channels.Channel)
		want    error
		pointer string
	}{
		{"no code", func(c *channels.Channel) { c.Code = "" }, channels.ErrInvalidChannel, "/code"},
		{"no name", func(c *channels.Channel) { c.Name = "" }, channels.ErrInvalidChannel, "/name"},
		{"no currency", func(c *channels.Channel) { c.Currencies = nil }, channels.ErrInvalidChannel, "/default_currency"},
		{"a currency that is none", func(c *channels.Channel) { c.Currencies = []string{"EUR", "XXX"} }, channels.ErrUnsupportedCurrency, "/currencies/1"},
		{"a historic currency", func(c *channels.Channel) { c.Currencies = []string{"DEM"} }, channels.ErrUnsupportedCurrency, "/currencies/0"},
		{"a default currency that is not sold in", func(c *channels.Channel) { c.DefaultCurrency = "USD" }, channels.ErrInvalidChannel, "/default_currency"},
		{"no locale", func(c *channels.Channel) { c.Locales = nil }, channels.ErrInvalidChannel, "/default_locale"},
		{"a locale that is none", func(c *channels.Channel) { c.Locales = []string{"en", "xx"} }, channels.ErrInvalidChannel, "/locales/1"},
		{"a default locale that is not spoken", func(c *channels.Channel) { c.DefaultLocale = "fr" }, channels.ErrInvalidChannel, "/default_locale"},
		{"a country that is none", func(c *channels.Channel) { c.Countries = []string{"DE", "ZZ"} }, channels.ErrUnsupportedCountry, "/countries/1"},
		{"a deadline in the past", func(c *channels.Channel) { c.CheckoutDeadlineMinutes = -1 }, channels.ErrInvalidChannel, "/checkout_deadline_minutes"},
		{"a capture that is none", func(c *channels.Channel) { c.PaymentCapture = "later" }, channels.ErrInvalidChannel, "/payment_capture"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			channel := market()
			c.change(&channel)

			_, err := selling.New(&shelf{}, nil).Save(t.Context(), channels.SaveRequest{Channel: channel})

			require.ErrorIs(t, err, c.want)
			assert.Equal(t, c.pointer, pointerOf(err))
		})
	}
}

func TestAnOriginIsSchemeHostAndPort(t *testing.T) {
	for origin, fine := range map[string]bool{
		"https://shop.example": true, "http://localhost:3000": true, "https://shop.example:65535": true,
		"https://shop.example/": false, "https://shop.example/app": false, "https://shop.example?a=1": false,
		"https://user@shop.example": false, "https://shop.example:": false, "https://shop.example:0": false,
		"https://shop.example:65536": false, "ftp://shop.example": false, "shop.example": false, "https://": false, "*": false, "null": false, "": false,
	} {
		channel := market()
		channel.Origins = []string{"https://first.example", origin}

		_, err := selling.New(&shelf{}, nil).Save(t.Context(), channels.SaveRequest{Channel: channel})

		if fine {
			assert.NoError(t, err, origin)
			continue
		}
		assert.ErrorIs(t, err, channels.ErrInvalidChannel, origin)
		assert.Equal(t, "/origins/1", pointerOf(err), origin)
	}
}

func TestWhatANewChannelLeavesOut(t *testing.T) {
	store := &shelf{}

	_, err := selling.New(store, nil).Save(t.Context(), channels.SaveRequest{Channel: market()})

	require.NoError(t, err)
	assert.Equal(t, 30, store.channel.CheckoutDeadlineMinutes)
	assert.Equal(t, channels.CaptureAutomatic, store.channel.PaymentCapture)
	assert.Regexp(t, "^pk_[0-9a-f]{32}$", store.channel.PublishableKey)
}

// What was read may be older than what is stored by now: then the store alone would take the change of an older channel
// for one of the newer.
func TestAChangeOfAnotherVersionThanTheOneReadIsNotMade(t *testing.T) {
	channel := market()
	channel.Version = 1

	_, err := selling.New(&shelf{channel: channel}, nil).Change(t.Context(), "id", 2, func(c *channels.Channel) { c.Currencies = nil })

	require.ErrorIs(t, err, channels.ErrVersionMismatch)
}

// pointerOf answers the first place that a fault names, or "".
func pointerOf(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Pointer
}
