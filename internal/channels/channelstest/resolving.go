package channelstest

import (
	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/channels"
)

func resolving() []story {
	return []story{
		{"a channel is named by code, then by key, then not at all", byCodeThenByKeyThenNotAtAll},
		{"a channel that nobody knows is refused", anUnknownChannelIsRefused},
		{"what is left empty becomes the channel's default", whatIsLeftEmptyBecomesTheDefault},
		{"what the channel offers may be chosen", whatTheChannelOffersMayBeChosen},
		{"what the channel does not offer is refused", whatTheChannelDoesNotOfferIsRefused},
		{"a country is needed where the channel has several, and assumed where it has one", aCountryIsAssumedWhereThereIsOne},
		{"a channel without countries sells to every country, and to nothing else", noCountriesAreAll},
		{"the nearest locale that the channel speaks is chosen", theNearestLocaleIsChosen},
	}
}

func byCodeThenByKeyThenNotAtAll(s shop) {
	web, outlet := s.standard(), s.save(market("outlet"))

	for _, c := range []struct {
		code, key string
		want      channels.Channel
	}{
		{"", "", web}, {"outlet", "", outlet}, {"", outlet.PublishableKey, outlet}, {web.Code, outlet.PublishableKey, web},
		{"outlet", "pk_unknown", outlet},
	} {
		found := s.resolve(channels.ResolveRequest{Code: c.code, PublishableKey: c.key})

		assert.Equal(s, c.want, found.Channel, "code %q, key %q", c.code, c.key)
	}
}

func anUnknownChannelIsRefused(s shop) {
	outlet := s.save(market("outlet"))

	for _, req := range []channels.ResolveRequest{
		{Code: "gone"}, {Code: "OUTLET"}, {Code: outlet.ID}, {Code: outlet.PublishableKey}, {PublishableKey: "outlet"},
		{PublishableKey: "pk_"}, {Code: "gone", PublishableKey: outlet.PublishableKey}, {Code: "' OR true --"},
	} {
		_, err := s.Resolve(s.Context(), req)

		assert.ErrorIs(s, err, channels.ErrUnknownChannel, "%+v", req)
	}
}

func whatIsLeftEmptyBecomesTheDefault(s shop) {
	outlet := s.save(market("outlet"))

	found := s.resolve(channels.ResolveRequest{Code: "outlet"})

	assert.Equal(s, channels.Context{Channel: outlet, Currency: "EUR", Locale: "en"}, found)
}

func whatTheChannelOffersMayBeChosen(s shop) {
	outlet := s.save(market("outlet"))

	found := s.resolve(channels.ResolveRequest{Code: "outlet", Currency: "JPY", Locale: "de", Country: "AT"})

	assert.Equal(s, channels.Context{Channel: outlet, Currency: "JPY", Locale: "de", Country: "AT"}, found)
}

func whatTheChannelDoesNotOfferIsRefused(s shop) {
	s.save(market("outlet"))

	for _, currency := range []string{"USD", "eur", "XXX", "nonsense"} {
		_, err := s.Resolve(s.Context(), channels.ResolveRequest{Code: "outlet", Currency: currency})
		assert.ErrorIs(s, err, channels.ErrUnsupportedCurrency, currency)
	}
	for _, country := range []string{"FR", "de", "ZZ", "nonsense"} {
		_, err := s.Resolve(s.Context(), channels.ResolveRequest{Code: "outlet", Country: country})
		assert.ErrorIs(s, err, channels.ErrUnsupportedCountry, country)
	}
}

func aCountryIsAssumedWhereThereIsOne(s shop) {
	one := market("one")
	one.Countries = []string{"DE"}
	s.save(one)
	s.save(market("several"))

	assert.Equal(s, "DE", s.resolve(channels.ResolveRequest{Code: "one"}).Country)
	assert.Empty(s, s.resolve(channels.ResolveRequest{Code: "several"}).Country)
}

func noCountriesAreAll(s shop) {
	everywhere := market("everywhere")
	everywhere.Countries = nil
	s.save(everywhere)

	assert.Empty(s, s.resolve(channels.ResolveRequest{Code: "everywhere"}).Country)
	for _, country := range []string{"DE", "JP", "US"} {
		assert.Equal(s, country, s.resolve(channels.ResolveRequest{Code: "everywhere", Country: country}).Country)
	}
	_, err := s.Resolve(s.Context(), channels.ResolveRequest{Code: "everywhere", Country: "ZZ"})
	assert.ErrorIs(s, err, channels.ErrUnsupportedCountry)
}

func theNearestLocaleIsChosen(s shop) {
	s.save(market("outlet"))

	for _, c := range []struct{ locale, acceptLanguage, want string }{
		{"de", "", "de"}, {"de-AT", "", "de"}, {"zh-TW", "", "zh-Hans"}, {"pt-PT", "", "pt-BR"}, {"fr", "", "en"},
		{"nonsense!", "", "en"}, {"fr", "de", "en"}, {"", "de", "de"}, {"", "en;q=0.5, fr;q=0.9, de;q=0.8", "de"},
		{"", "*", "en"}, {"", "de$$;q=x", "en"},
	} {
		found := s.resolve(channels.ResolveRequest{Code: "outlet", Locale: c.locale, AcceptLanguage: c.acceptLanguage})

		assert.Equal(s, c.want, found.Locale, "locale %q, Accept-Language %q", c.locale, c.acceptLanguage)
	}
}

func finding() []story {
	return []story{
		{"a channel is found by its id", aChannelIsFoundByItsID},
		{"an id that names no channel is not found", anIDThatNamesNoChannelIsNotFound},
		{"all channels are listed, the default one first, then by code", allChannelsAreListed},
	}
}

func aChannelIsFoundByItsID(s shop) {
	outlet := s.save(market("outlet"))

	assert.Equal(s, outlet, s.channel(outlet.ID))
	assert.Equal(s, s.standard(), s.channel(s.standard().ID))
}

func anIDThatNamesNoChannelIsNotFound(s shop) {
	for _, id := range []string{"", "nonsense", s.standard().Code, "00000000-0000-7000-8000-000000000000"} {
		_, err := s.Channel(s.Context(), channels.ChannelRequest{ID: id})

		assert.ErrorIs(s, err, channels.ErrNotFound, "id %q", id)
	}
}

func allChannelsAreListed(s shop) {
	zoo, app := s.save(market("zoo")), s.save(market("app"))

	assert.Equal(s, []channels.Channel{s.standard(), app, zoo}, s.list())

	web := s.standard()
	zoo.IsDefault = true
	s.save(zoo)

	assert.Equal(s, []string{"zoo", "app", web.Code}, codes(s.list()))
}
