package selling

import (
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/text/language"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/isocode"
)

// check refuses channels that contradict themselves or the world.
func check(c channels.Channel) error {
	for _, part := range []func(channels.Channel) error{checkNames, checkCurrencies, checkLocales, checkCountries, checkCheckout, checkOrigins} {
		if err := part(c); err != nil {
			return err
		}
	}
	return nil
}

func checkNames(c channels.Channel) error {
	if c.Code == "" {
		return invalid("/code", "it is required")
	}
	if c.Name == "" {
		return invalid("/name", "it is required")
	}
	return nil
}

func checkCurrencies(c channels.Channel) error {
	for i, currency := range c.Currencies {
		if _, err := money.Exponent(currency); err != nil {
			return channels.ErrUnsupportedCurrency.Detailf("the currency is not supported").
				With(fault.Field{Pointer: item("/currencies", i), Code: channels.ErrUnsupportedCurrency.Code})
		}
	}
	if !slices.Contains(c.Currencies, c.DefaultCurrency) {
		return invalid("/default_currency", "it is not one of the channel's currencies")
	}
	return nil
}

func checkLocales(c channels.Channel) error {
	for i, l := range c.Locales {
		if _, err := language.Parse(l); err != nil {
			return invalid(item("/locales", i), "it is not a language tag (BCP 47)")
		}
	}
	if !slices.Contains(c.Locales, c.DefaultLocale) {
		return invalid("/default_locale", "it is not one of the channel's locales")
	}
	return nil
}

func checkCountries(c channels.Channel) error {
	for i, country := range c.Countries {
		if !isocode.IsCountry(country) {
			return channels.ErrUnsupportedCountry.Detailf("the country is not in ISO 3166-1").
				With(fault.Field{Pointer: item("/countries", i), Code: channels.ErrUnsupportedCountry.Code})
		}
	}
	return nil
}

func checkCheckout(c channels.Channel) error {
	if c.CheckoutDeadlineMinutes < 1 {
		return invalid("/checkout_deadline_minutes", "it is at least 1")
	}
	if c.PaymentCapture != channels.CaptureAutomatic && c.PaymentCapture != channels.CaptureManual {
		return invalid("/payment_capture", "it is automatic or manual")
	}
	return nil
}

func checkOrigins(c channels.Channel) error {
	for i, origin := range c.Origins {
		if !isOrigin(origin) {
			return invalid(item("/origins", i), "an origin is a scheme, a host and perhaps a port, such as https://shop.example")
		}
	}
	return nil
}

// isOrigin tells what a browser sends as Origin: it is compared as text, so nothing may be spelled in two ways.
func isOrigin(text string) bool {
	const ports = 1 << 16
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || text != u.Scheme+"://"+u.Host {
		return false
	}
	port, err := strconv.ParseUint(u.Port(), 10, 64)
	return u.Host == u.Hostname() || err == nil && 0 < port && port < ports
}

func item(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

func invalid(pointer, detail string) error {
	return channels.ErrInvalidChannel.With(fault.Field{Pointer: pointer, Code: "invalid_value", Detail: detail})
}
