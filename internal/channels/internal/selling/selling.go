// Package selling holds the rules and use cases of channels: which channel a request speaks to, what may be chosen in
// it, and what makes a channel consistent. It knows nothing of SQL or HTTP.
package selling

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/cache"
)

const (
	defaultDeadlineMinutes = 30
	publishableKeyBytes    = 16
)

// Store keeps channels.
type Store interface {
	// Match answers the channel of a code or, without one, of a publishable key or, without both, the default channel.
	Match(ctx context.Context, code, key string) (channels.Channel, error)
	Find(ctx context.Context, id string) (channels.Channel, error)
	List(ctx context.Context) ([]channels.Channel, error)
	Insert(ctx context.Context, channel channels.Channel) (channels.Channel, error)
	// Update answers channels.ErrVersionMismatch unless the stored version is the channel's, and channels.ErrNotFound when
	// there is no such channel.
	Update(ctx context.Context, channel channels.Channel) (channels.Channel, error)
}

// Selling is the use cases.
type Selling struct {
	store   Store
	watch   *cache.Watch
	matched *cache.Cache[question, channels.Channel]
	found   *cache.Cache[string, channels.Channel]
}

// question is what a shopper's request names its channel by.
type question struct{ code, key string }

// New makes the use cases over a store. Shoppers are answered from memory, as fresh as watch can tell; nil tells nothing.
func New(store Store, watch *cache.Watch) *Selling {
	return &Selling{store: store, watch: watch, matched: cache.New[question, channels.Channel](watch),
		found: cache.New[string, channels.Channel](watch)}
}

// Resolve implements channels.Service.
func (s *Selling) Resolve(ctx context.Context, req channels.ResolveRequest) (channels.Context, error) {
	channel, err := s.matched.Get(ctx, question{req.Code, req.PublishableKey}, func(ctx context.Context) (channels.Channel, error) {
		return s.store.Match(ctx, req.Code, req.PublishableKey)
	})
	if err != nil {
		return channels.Context{}, err
	}
	return choose(channel, req)
}

// Channel implements channels.Service.
func (s *Selling) Channel(ctx context.Context, req channels.ChannelRequest) (channels.Channel, error) {
	return s.found.Get(ctx, req.ID, func(ctx context.Context) (channels.Channel, error) { return s.store.Find(ctx, req.ID) })
}

// List implements channels.Service.
func (s *Selling) List(ctx context.Context, _ channels.ListRequest) (channels.ListAnswer, error) {
	list, err := s.store.List(ctx)
	return channels.ListAnswer{Channels: list}, err
}

// Save implements channels.Service.
func (s *Selling) Save(ctx context.Context, req channels.SaveRequest) (channels.Channel, error) {
	channel := withDefaults(req.Channel)
	if err := check(channel); err != nil {
		return channels.Channel{}, err
	}
	defer s.watch.Changed(ctx)
	if channel.ID == "" {
		channel.PublishableKey = newPublishableKey()
		return s.store.Insert(ctx, channel)
	}
	return s.store.Update(ctx, channel)
}

// Change reads a channel, has it changed and saves it, if its version is the wanted one. Comparing here as well as in the
// store keeps a change from being made to an older channel than the one that is then replaced.
// Errors: those of Save.
func (s *Selling) Change(ctx context.Context, id string, version int, change func(*channels.Channel)) (channels.Channel, error) {
	channel, err := s.store.Find(ctx, id)
	if err != nil {
		return channels.Channel{}, err
	}
	if channel.Version != version {
		return channels.Channel{}, channels.ErrVersionMismatch
	}
	wasDefault := channel.IsDefault
	change(&channel)
	if wasDefault && !channel.IsDefault {
		return channels.Channel{}, invalid("/is_default", "make another channel the default instead")
	}
	return s.Save(ctx, channels.SaveRequest{Channel: channel})
}

func withDefaults(c channels.Channel) channels.Channel {
	if c.CheckoutDeadlineMinutes == 0 {
		c.CheckoutDeadlineMinutes = defaultDeadlineMinutes
	}
	if c.PaymentCapture == "" {
		c.PaymentCapture = channels.CaptureAutomatic
	}
	return c
}

func newPublishableKey() string {
	random := make([]byte, publishableKeyBytes)
	_, _ = rand.Read(random) // It never fails: the runtime ends the program instead.
	return "pk_" + hex.EncodeToString(random)
}
