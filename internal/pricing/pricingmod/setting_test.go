package pricingmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestAReplacedPriceStaysAsHistory(t *testing.T) {
	s := open(t)
	variant := ids.New()
	first := euros(variant, 1000)
	first.CompareAt = cents(1500)
	s.set(first)
	s.set(euros(variant, 800))
	s.set(euros(variant, 900))

	history := s.history(variant)

	require.Len(t, history, 3)
	assert.Equal(t, []int64{1000, 800, 900}, []int64{history[0].Amount, history[1].Amount, history[2].Amount})
	assert.Equal(t, int64(1500), *history[0].CompareAt)
	assert.Equal(t, history[1].CreatedAt, *history[0].SupersededAt, "one price ends when the next begins")
	assert.Equal(t, history[2].CreatedAt, *history[1].SupersededAt)
	assert.Nil(t, history[2].SupersededAt)
	assert.Equal(t, 3, s.events(variant))
}

func TestSettingWhatIsCurrentChangesAndAnnouncesNothing(t *testing.T) {
	s := open(t)
	wanted := euros(ids.New(), 1000)
	wanted.CompareAt = cents(1500)
	first := s.set(wanted)

	again := s.set(wanted)

	assert.Zero(t, again.Changed)
	assert.Equal(t, first.Prices, again.Prices)
	assert.Len(t, s.history(wanted.VariantID), 1)
	assert.Equal(t, 1, s.events(wanted.VariantID))
}
