// Package channelstest has the contract that every implementation of channels.Service keeps: the module in this process,
// and its client to another. Only tests import it.
package channelstest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
)

// RunContract tests what every channels.Service promises. Open answers the service of a fresh shop for each story, with the
// one channel that every shop has.
func RunContract(t *testing.T, open func(t testing.TB) channels.Service) {
	for _, s := range slices.Concat(resolving(), finding(), creating(), changing()) {
		t.Run(s.name, func(t *testing.T) { s.run(shop{T: t, Service: open(t)}) })
	}
}

type story struct {
	name string
	run  func(s shop)
}

// shop is a service under test with short names for what stories do.
type shop struct {
	*testing.T
	channels.Service
}

// market is a channel that says something of everything. It is not the default one.
func market(code string) channels.Channel {
	return channels.Channel{Code: code, Name: "Market", Currencies: []string{"EUR", "JPY"}, DefaultCurrency: "EUR",
		Locales: []string{"de", "en", "zh-Hans", "pt-BR"}, DefaultLocale: "en", Countries: []string{"DE", "AT"}, TaxIncluded: true,
		CheckoutDeadlineMinutes: 20, PaymentCapture: channels.CaptureManual,
		Origins: []string{"https://shop.example", "http://localhost:3000"}}
}

func (s shop) save(c channels.Channel) channels.Channel {
	s.Helper()
	saved, err := s.Save(s.Context(), channels.SaveRequest{Channel: c})
	require.NoError(s, err)
	return saved
}

// refused is why a channel is not saved.
func (s shop) refused(c channels.Channel) error {
	s.Helper()
	_, err := s.Save(s.Context(), channels.SaveRequest{Channel: c})
	require.Error(s, err)
	return err
}

func (s shop) resolve(req channels.ResolveRequest) channels.Context {
	s.Helper()
	found, err := s.Resolve(s.Context(), req)
	require.NoError(s, err)
	return found
}

// standard is the default channel.
func (s shop) standard() channels.Channel {
	s.Helper()
	return s.resolve(channels.ResolveRequest{}).Channel
}

func (s shop) channel(id string) channels.Channel {
	s.Helper()
	found, err := s.Channel(s.Context(), channels.ChannelRequest{ID: id})
	require.NoError(s, err)
	return found
}

func (s shop) list() []channels.Channel {
	s.Helper()
	answer, err := s.List(s.Context(), channels.ListRequest{})
	require.NoError(s, err)
	return answer.Channels
}

func codes(list []channels.Channel) []string {
	found := make([]string, len(list))
	for i, c := range list {
		found[i] = c.Code
	}
	return found
}
