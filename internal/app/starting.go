package app

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/periodic"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// patience is how a server waits, at its start, for a database that is not there yet.
type patience struct {
	limit time.Duration
	// first and longest bound the wait between two tries, which doubles, and to which up to a fifth is added.
	first, longest time.Duration
}

// startPatience covers a database that starts with the server, or is failing over. Nothing is logged more than once a
// second.
func startPatience() patience {
	return patience{limit: time.Minute, first: time.Second, longest: 5 * time.Second}
}

// start migrates and builds the shop, as soon as there is a database to do it in.
func start(ctx context.Context, cfg Config) (a *App, err error) {
	err = startPatience().until(ctx, cfg.Log, func() error {
		if err := Migrate(ctx, cfg, false); err != nil {
			return err
		}
		a, err = New(ctx, cfg)
		return err
	})
	return a, err
}

// until tries until it goes well, or wrong in a way that waiting does not mend, or for too long.
func (p patience) until(ctx context.Context, log *slog.Logger, try func() error) error {
	deadline := time.Now().Add(p.limit)
	for wait := p.first; ; wait = min(2*wait, p.longest) {
		err := try()
		if err == nil || !sqldb.Unavailable(err) {
			return err
		}
		pause := wait + time.Duration(rand.Int64N(int64(wait)/5+1))
		if time.Now().Add(pause).After(deadline) {
			return fmt.Errorf("the database did not become available within %v; DATABASE_URL says where it is: %w", p.limit, err)
		}
		log.WarnContext(ctx, "waiting for the database", "error", err, "retry_in", pause.String())
		if !periodic.Pause(ctx, pause) {
			return ctx.Err()
		}
	}
}
