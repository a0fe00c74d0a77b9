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
