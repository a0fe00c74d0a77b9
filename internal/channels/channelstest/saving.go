package channelstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func creating() []story {
	return []story{
		{"a new channel is what was said of it", aNewChannelIsWhatWasSaidOfIt},
		{"a new channel may leave out its policies", aNewChannelMayLeaveOutItsPolicies},
		{"key and times are the module's own", keyAndTimesAreTheModulesOwn},
		{"a code is taken once", aCodeIsTakenOnce},
		{"channels that contradict themselves are refused", contradictionsAreRefused},
	}
}

// given is a channel without what the module gave it.
func given(c channels.Channel) channels.Channel {
	c.ID, c.PublishableKey, c.Version, c.CreatedAt, c.UpdatedAt = "", "", 0, time.Time{}, time.Time{}
	return c
}

func aNewChannelIsWhatWasSaidOfIt(s shop) {
	saved := s.save(market("outlet"))

	assert.Equal(s, market("outlet"), given(saved))
	assert.True(s, ids.Valid(saved.ID))
	assert.Equal(s, 1, saved.Version)
	assert.NotEmpty(s, saved.PublishableKey)
	assert.NotEqual(s, s.standard().PublishableKey, saved.PublishableKey)
	assert.WithinDuration(s, time.Now(), saved.CreatedAt, time.Minute)
	assert.Equal(s, saved.CreatedAt, saved.UpdatedAt)
	assert.Equal(s, saved, s.channel(saved.ID))
}

func aNewChannelMayLeaveOutItsPolicies(s shop) {
	saved := s.save(channels.Channel{Code: "plain", Name: "Plain", Currencies: []string{"EUR"}, DefaultCurrency: "EUR",
		Locales: []string{"en"}, DefaultLocale: "en"})

	assert.Empty(s, saved.Countries)
	assert.Empty(s, saved.Origins)
	assert.False(s, saved.TaxIncluded)
	assert.False(s, saved.IsDefault)
	assert.Positive(s, saved.CheckoutDeadlineMinutes)
	assert.Equal(s, channels.CaptureAutomatic, saved.PaymentCapture)
	assert.Equal(s, saved, s.channel(saved.ID))
}

func keyAndTimesAreTheModulesOwn(s shop) {
	wanted := market("outlet")
	wanted.PublishableKey, wanted.Version = "pk_mine", 7
	wanted.CreatedAt = time.Now().Add(-time.Hour)
	wanted.UpdatedAt = wanted.CreatedAt

	created := s.save(wanted)
	wanted.ID, wanted.Version = created.ID, created.Version
	changed := s.save(wanted)

	assert.Equal(s, 1, created.Version)
	assert.NotEqual(s, wanted.PublishableKey, created.PublishableKey)
	assert.Equal(s, created.PublishableKey, changed.PublishableKey)
	assert.Equal(s, created.CreatedAt, changed.CreatedAt)
	assert.Greater(s, created.CreatedAt, wanted.CreatedAt.Add(time.Minute))
	assert.Greater(s, changed.UpdatedAt, wanted.UpdatedAt.Add(time.Minute))
}

func aCodeIsTakenOnce(s shop) {
	outlet := s.save(market("outlet"))

	assert.ErrorIs(s, s.refused(market("outlet")), channels.ErrCodeTaken)

	assert.Equal(s, outlet, s.channel(outlet.ID))
	assert.Len(s, s.list(), 2)
}

// channel is what a table of them changes.
type channel = channels.Channel

func contradictionsAreRefused(s shop) {
	outlet := s.save(market("outlet"))
	for name, c := range map[string]struct {
		break_ func(*channel)
		want   error
	}{
		"no code":                  {func(c *channel) { c.Code = "" }, channels.ErrInvalidChannel},
		"no name":                  {func(c *channel) { c.Name = "" }, channels.ErrInvalidChannel},
		"no currency":              {func(c *channel) { c.Currencies, c.DefaultCurrency = nil, "" }, channels.ErrInvalidChannel},
		"another default currency": {func(c *channel) { c.DefaultCurrency = "USD" }, channels.ErrInvalidChannel},
		"a currency that is none":  {func(c *channel) { c.Currencies = []string{"EUR", "XXX"} }, channels.ErrUnsupportedCurrency},
		"no locale":                {func(c *channel) { c.Locales, c.DefaultLocale = nil, "" }, channels.ErrInvalidChannel},
		"another default locale":   {func(c *channel) { c.DefaultLocale = "fr" }, channels.ErrInvalidChannel},
		"a locale that is none":    {func(c *channel) { c.Locales = []string{"en", "!"} }, channels.ErrInvalidChannel},
		"a country that is none":   {func(c *channel) { c.Countries = []string{"DE", "ZZ"} }, channels.ErrUnsupportedCountry},
		"a deadline in the past":   {func(c *channel) { c.CheckoutDeadlineMinutes = -1 }, channels.ErrInvalidChannel},
		"another capture":          {func(c *channel) { c.PaymentCapture = "later" }, channels.ErrInvalidChannel},
		"an origin with a path":    {func(c *channel) { c.Origins = []string{"https://shop.example/"} }, channels.ErrInvalidChannel},
	} {
		s.Run(name, func(t *testing.T) {
			created, changed := market("new"), outlet
			c.break_(&created)
			c.break_(&changed)

			assert.ErrorIs(t, s.refused(created), c.want)
			assert.ErrorIs(t, s.refused(changed), c.want)
		})
	}
	assert.Equal(s, []channels.Channel{s.standard(), outlet}, s.list())
}

func changing() []story {
	return []story{
		{"a change replaces all but code and key", aChangeReplacesAllButCodeAndKey},
		{"a change counts at once", aChangeCountsAtOnce},
		{"only the version that was read is changed", onlyTheVersionThatWasReadIsChanged},
		{"what is not there is not changed", whatIsNotThereIsNotChanged},
		{"a new default channel ends the one before", aNewDefaultEndsTheOneBefore},
		{"the default channel stays it until another is", theDefaultStaysIt},
		{"a refused default leaves the one before", aRefusedDefaultLeavesTheOneBefore},
	}
}

func aChangeReplacesAllButCodeAndKey(s shop) {
	outlet := s.save(market("outlet"))
	wanted := channels.Channel{ID: outlet.ID, Version: outlet.Version, Code: "other", Name: "Sale", Currencies: []string{"USD"},
		DefaultCurrency: "USD", Locales: []string{"fr"}, DefaultLocale: "fr", Countries: []string{"US"}, CheckoutDeadlineMinutes: 5,
		PaymentCapture: channels.CaptureAutomatic, Origins: []string{"https://sale.example"}}

	changed := s.save(wanted)

	wanted.Code = "outlet"
	assert.Equal(s, given(wanted), given(changed))
	assert.Equal(s, outlet.ID, changed.ID)
	assert.Equal(s, outlet.PublishableKey, changed.PublishableKey)
	assert.Equal(s, outlet.CreatedAt, changed.CreatedAt)
	assert.Equal(s, outlet.Version+1, changed.Version)
	assert.True(s, changed.UpdatedAt.After(outlet.UpdatedAt))
}

func aChangeCountsAtOnce(s shop) {
	channel := s.standard()
	for _, name := range []string{"First", "Second", "Third"} {
		channel.Name = name

		channel = s.save(channel)

		assert.Equal(s, channel, s.standard())
		assert.Equal(s, channel, s.channel(channel.ID))
		assert.Equal(s, []channels.Channel{channel}, s.list())
	}
}

func onlyTheVersionThatWasReadIsChanged(s shop) {
	read := s.save(market("outlet"))
	outlet := s.save(read)

	for _, version := range []int{read.Version, outlet.Version + 1, 0} {
		stale := outlet
		stale.Version, stale.Name = version, "Stale"

		assert.ErrorIs(s, s.refused(stale), channels.ErrVersionMismatch)
	}
	assert.Equal(s, outlet, s.channel(outlet.ID))
}

func whatIsNotThereIsNotChanged(s shop) {
	for _, id := range []string{ids.New(), "nonsense"} {
		for _, isDefault := range []bool{false, true} {
			absent := market("outlet")
			absent.ID, absent.Version, absent.IsDefault = id, 1, isDefault

			assert.ErrorIs(s, s.refused(absent), channels.ErrNotFound, "id %q", id)
		}
	}
	assert.Equal(s, []channels.Channel{s.standard()}, s.list())
}

func aNewDefaultEndsTheOneBefore(s shop) {
	web := s.standard()
	created := market("outlet")
	created.IsDefault = true

	outlet := s.save(created)

	assert.True(s, outlet.IsDefault)
	assert.Equal(s, outlet, s.standard())
	before := s.channel(web.ID)
	assert.False(s, before.IsDefault)
	assert.Greater(s, before.Version, web.Version, "who has read it must read it again")

	before.IsDefault = true
	again := s.save(before)

	assert.Equal(s, again, s.standard())
	assert.False(s, s.channel(outlet.ID).IsDefault)
}

func theDefaultStaysIt(s shop) {
	web := s.standard()
	web.IsDefault = false

	saved := s.save(web)

	assert.True(s, saved.IsDefault)
	assert.Equal(s, saved, s.standard())
}

func aRefusedDefaultLeavesTheOneBefore(s shop) {
	web, outlet := s.standard(), s.save(market("outlet"))
	stale, taken := outlet, market("outlet")
	stale.Version, stale.IsDefault, taken.IsDefault = outlet.Version+7, true, true

	assert.ErrorIs(s, s.refused(stale), channels.ErrVersionMismatch)
	assert.ErrorIs(s, s.refused(taken), channels.ErrCodeTaken)

	assert.Equal(s, []channels.Channel{web, outlet}, s.list())
}
