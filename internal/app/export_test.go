package app

import (
	"context"
	"log/slog"
	"time"
)

// Until is how a server waits for its database, with other times.
func Until(ctx context.Context, log *slog.Logger, limit, first time.Duration, try func() error) error {
	return patience{limit: limit, first: first, longest: 4 * first}.until(ctx, log, try)
}

// Built are the modules that the composition root can build, in its order.
func Built() []string {
	return each(new(modules).builders(), func(b builder) string { return b.module })
}

// Actors are the modules that act on events, by subscriber.
func Actors() map[string]string {
	actors := map[string]string{}
	for _, s := range new(modules).subscriptions() {
		actors[s.subscriber] = s.actor()
	}
	return actors
}
