package channelsmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestAnEmptyShopHasOneChannel(t *testing.T) {
	s := open(t)

	answer, err := s.service.List(t.Context(), channels.ListRequest{})

	require.NoError(t, err)
	require.Len(t, answer.Channels, 1)
	web := answer.Channels[0]
	assert.Equal(t, s.standard(), web)
	assert.Equal(t, []string{"EUR"}, web.Currencies)
	assert.Equal(t, []string{"en"}, web.Locales)
	assert.Empty(t, web.Countries)
	assert.True(t, web.TaxIncluded)
	assert.Equal(t, channels.CaptureAutomatic, web.PaymentCapture)
	assert.Regexp(t, "^pk_[0-9a-f]{32}$", web.PublishableKey)
	assert.Less(t, web.ID, ids.New(), "it is the oldest channel of lists by age")
}

func TestAChannelIsResolvedByCodeThenKeyThenAsTheDefault(t *testing.T) {
	s := open(t)
	outlet, err := s.save(func(*channels.Channel) {})
	require.NoError(t, err)
	web := s.standard()
	cases := []struct{ name, code, key, want string }{
		{"nothing said", "", "", web.ID},
		{"a code", "outlet", "", outlet.ID},
		{"a key", "", outlet.PublishableKey, outlet.ID},
		{"a code wins over a key", "web", outlet.PublishableKey, web.ID},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, err := s.service.Resolve(t.Context(), channels.ResolveRequest{Code: c.code, PublishableKey: c.key})

			require.NoError(t, err)
			assert.Equal(t, c.want, found.Channel.ID)
		})
	}
	for _, req := range []channels.ResolveRequest{
		{Code: "WEB"}, {Code: "' OR true --"}, {PublishableKey: "pk_"}, {Code: "gone", PublishableKey: outlet.PublishableKey},
	} {
		_, err := s.service.Resolve(t.Context(), req)

		assert.ErrorIs(t, err, channels.ErrUnknownChannel)
	}
}

func TestChannelsAreListedWithTheDefaultFirstThenByCode(t *testing.T) {
	s := open(t)
	for _, code := range []string{"zoo", "app"} {
		_, err := s.save(func(c *channels.Channel) { c.Code = code })
		require.NoError(t, err)
	}

	answer, err := s.service.List(t.Context(), channels.ListRequest{})

	require.NoError(t, err)
	codes := make([]string, len(answer.Channels))
	for i, c := range answer.Channels {
		codes[i] = c.Code
	}
	assert.Equal(t, []string{"web", "app", "zoo"}, codes)
}

func TestSavingAChannelThatIsNotThereOrElsewhereIsRefused(t *testing.T) {
	s := open(t)
	outlet, err := s.save(func(*channels.Channel) {})
	require.NoError(t, err)

	_, err = s.save(func(c *channels.Channel) { c.ID, c.Version = ids.New(), 1 })
	require.ErrorIs(t, err, channels.ErrNotFound)
	_, err = s.save(func(c *channels.Channel) { c.ID, c.Version = outlet.ID, 2 })
	require.ErrorIs(t, err, channels.ErrVersionMismatch)
	_, err = s.save(func(*channels.Channel) {})
	require.ErrorIs(t, err, channels.ErrCodeTaken)
	_, err = s.service.Channel(t.Context(), channels.ChannelRequest{ID: ids.New()})
	require.ErrorIs(t, err, channels.ErrNotFound)

	now, err := s.service.Channel(t.Context(), channels.ChannelRequest{ID: outlet.ID})
	require.NoError(t, err)
	assert.Equal(t, outlet, now)
}

func TestSavingKeepsCodeAndKey(t *testing.T) {
	s := open(t)
	outlet, err := s.save(func(*channels.Channel) {})
	require.NoError(t, err)

	changed, err := s.save(func(c *channels.Channel) {
		c.ID, c.Version, c.Code, c.PublishableKey, c.Name = outlet.ID, outlet.Version, "other", "pk_other", "Sale"
	})

	require.NoError(t, err)
	assert.Equal(t, outlet.Code, changed.Code)
	assert.Equal(t, outlet.PublishableKey, changed.PublishableKey)
	assert.Equal(t, "Sale", changed.Name)
	assert.Equal(t, 2, changed.Version)
}

func TestANewDefaultChannelEndsTheOneBefore(t *testing.T) {
	s := open(t)
	web := s.standard()

	outlet, err := s.save(func(c *channels.Channel) { c.IsDefault = true })

	require.NoError(t, err)
	assert.Equal(t, outlet, s.standard())
	before, err := s.service.Channel(t.Context(), channels.ChannelRequest{ID: web.ID})
	require.NoError(t, err)
	assert.False(t, before.IsDefault)
	assert.Equal(t, web.Version+1, before.Version)
	assert.Equal(t, 1, s.events(public(before)), "its change is announced too")
}

func TestTheDefaultChannelStaysItUntilAnotherIs(t *testing.T) {
	s := open(t)
	web := s.standard()

	saved, err := s.save(func(c *channels.Channel) { c.ID, c.Version, c.IsDefault = web.ID, web.Version, false })

	require.NoError(t, err)
	assert.True(t, saved.IsDefault)
	assert.Equal(t, saved, s.standard())
}

func TestARefusedDefaultLeavesTheOneBefore(t *testing.T) {
	s := open(t)
	web := s.standard()
	outlet, err := s.save(func(*channels.Channel) {})
	require.NoError(t, err)

	_, err = s.save(func(c *channels.Channel) { c.ID, c.Version, c.IsDefault = outlet.ID, 7, true })

	require.ErrorIs(t, err, channels.ErrVersionMismatch)
	assert.Equal(t, web, s.standard())
}
