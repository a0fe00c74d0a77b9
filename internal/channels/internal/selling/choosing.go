package selling

import (
	"slices"

	"golang.org/x/text/language"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/isocode"
)

// choose settles what the shopper may choose inside a channel.
func choose(channel channels.Channel, req channels.ResolveRequest) (channels.Context, error) {
	chosen := channels.Context{Channel: channel, Currency: req.Currency, Country: req.Country, Locale: locale(channel, req)}
	if chosen.Currency == "" {
		chosen.Currency = channel.DefaultCurrency
	}
	if !slices.Contains(channel.Currencies, chosen.Currency) {
		return channels.Context{}, channels.ErrUnsupportedCurrency
	}
	if chosen.Country == "" && len(channel.Countries) == 1 {
		chosen.Country = channel.Countries[0]
	}
	if chosen.Country != "" && !sellsTo(channel, chosen.Country) {
		return channels.Context{}, channels.ErrUnsupportedCountry
	}
	return chosen, nil
}

func sellsTo(channel channels.Channel, country string) bool {
	if len(channel.Countries) > 0 {
		return slices.Contains(channel.Countries, country)
	}
	return isocode.IsCountry(country)
}

// locale is the channel's locale nearest to what was asked for.
func locale(channel channels.Channel, req channels.ResolveRequest) string {
	if slices.Contains(channel.Locales, req.Locale) {
		return req.Locale
	}
	asked := req.AcceptLanguage
	if req.Locale != "" {
		asked = req.Locale
	}
	wanted, _, err := language.ParseAcceptLanguage(asked)
	if err != nil || len(wanted) == 0 {
		return channel.DefaultLocale
	}
	spoken := make([]language.Tag, len(channel.Locales))
	for i, l := range channel.Locales {
		spoken[i] = language.Make(l)
	}
	_, index, confidence := language.NewMatcher(spoken).Match(wanted...)
	if confidence == language.No {
		return channel.DefaultLocale
	}
	return channel.Locales[index]
}
