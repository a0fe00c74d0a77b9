package integrationsmod

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// work carries out imports: those of this process at once, those of others, and what others left, within a second.
func (m *Module) work(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := m.processor.Work(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "import cannot go on now", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-m.wake:
		case <-tick.C:
		}
	}
}

func (m *Module) tidy(ctx context.Context) error {
	return periodic.Run(ctx, tidyEvery, "tidy up after imports", m.tidyUp)
}

func (m *Module) tidyUp(ctx context.Context) error {
	for ctx.Err() == nil {
		more, err := m.store.Tidy(ctx)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

const (
	watchEvery   = 300 * time.Millisecond
	reportedPage = 1000
)

// watch follows an import to its end, and does what it can for it.
type watch struct {
	*Module

	req ImportRequest
	id  string
	// reported is the newest error that was told.
	reported int64
}

func (w *watch) until(ctx context.Context) (integrations.Import, error) {
	workCtx, stop := context.WithCancel(ctx)
	group, workCtx := errgroup.WithContext(workCtx)
	group.Go(func() error { return w.help(workCtx) })
	var found integrations.Import
	group.Go(func() (err error) {
		defer stop()
		found, err = w.follow(workCtx)
		return err
	})
	if err := group.Wait(); err != nil {
		return found, err
	}
	if err := w.tidyUp(ctx); err != nil {
		return found, err
	}
	if found.Status != integrations.StatusCompleted {
		return found, fault.New(found.FailureCode, found.FailureDetail)
	}
	return found, nil
}

// help works on every import that is before this one, and on this one, as a server would.
func (w *watch) help(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.processor.Work(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "import cannot go on now", "error", err)
		}
		periodic.Pause(ctx, watchEvery)
	}
	return nil
}

func (w *watch) follow(ctx context.Context) (found integrations.Import, err error) {
	for version := 0; ; version = found.Version {
		if found, err = w.store.Import(ctx, w.id); err != nil {
			return found, err
		}
		if err := w.tell(ctx); err != nil {
			return found, err
		}
		if found.Version != version {
			w.req.Progress(found)
		}
		if found.Ended() {
			return found, nil
		}
		periodic.Pause(ctx, watchEvery)
	}
}

// tell reports the errors that are new.
func (w *watch) tell(ctx context.Context) error {
	for {
		found, err := w.store.Errors(ctx, w.id, w.reported, reportedPage)
		if err != nil {
			return err
		}
		for _, e := range found {
			w.reported = e.ID
			w.req.Report(e.RowError)
		}
		if len(found) < reportedPage {
			return nil
		}
	}
}
