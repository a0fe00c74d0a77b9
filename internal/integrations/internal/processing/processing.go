// Package processing carries imports out: it claims one by a lease, reads its file from where it stands, brings in one chunk
// of products after the other and writes down how far it is. Any process may go on with what another one left. It knows
// neither SQL nor what becomes of a product.
package processing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

const (
	// Lease is how long a worker may be silent before another one goes on with its import. A chunk takes far less.
	Lease = 10 * time.Second
	// maxAttempts is how often an import that gets nowhere is tried.
	maxAttempts = 10
	// retryAfter is the pause before the second attempt, doubled with each further one up to maxPause.
	retryAfter = time.Second
	maxPause   = 30 * time.Second

	// chunkProducts, chunkRows and chunkBytes bound what is brought in at once; a chunk ends with whole products.
	chunkProducts = 25
	chunkRows     = 100
	chunkBytes    = 1 << 20

	// restFactor is how many times as long as a chunk took the rest is before the next one, up to maxRest: the chunk after it
	// has to be written down before the lease ends.
	restFactor = 4
	maxRest    = Lease / 2

	closingTime = 5 * time.Second
)

// ErrLost ends the work on an import that was canceled, or that another worker has taken over.
var ErrLost = errors.New("the import is no longer this worker's")

// Job is an import that a worker holds.
type Job struct {
	ID         string `db:"id"`
	DryRun     bool   `db:"dry_run"`
	NextOffset int64  `db:"next_offset"`
	NextLine   int    `db:"next_line"`
	Epoch      int64  `db:"epoch"`
	// Attempts counts the claims since it last got on, this one among them.
	Attempts int `db:"attempts"`
}

// Done is what became of a chunk, and where the file goes on.
type Done struct {
	Outcome importing.Outcome
	Next    shopify.Position
}

// Failure says why an import failed.
type Failure struct{ Code, Detail string }

// Store keeps imports.
type Store interface {
	// Claim takes the oldest import that is not finished, for as long as Lease, unless somebody holds it. With only given it
	// takes no other one.
	Claim(ctx context.Context, only string) (Job, bool, error)
	// Record writes down a chunk, all of it or nothing, and renews the lease. Errors: ErrLost.
	Record(ctx context.Context, job Job, done Done) error
	// Release gives the import back; it can be claimed after so many seconds.
	Release(ctx context.Context, job Job, after float64) error
	Finish(ctx context.Context, job Job, status string, failure Failure) error
	// Piece reads a piece of the file. Errors: integrations.ErrNotFound behind the last one.
	Piece(ctx context.Context, importID string, number int) ([]byte, error)
}

// Channels knows the currency that a file's prices are in, and the channels that its markets are.
type Channels interface {
	Resolve(ctx context.Context, req channels.ResolveRequest) (channels.Context, error)
	List(ctx context.Context, req channels.ListRequest) (channels.ListAnswer, error)
}

// Processor carries imports out. Between chunks it rests four times as long as the last one took, so that it takes a fifth of
// the time of one connection, and less of it the busier the database is: people trade meanwhile. It takes more only where a
// chunk takes longer than a quarter of maxRest, which is many times as long as usual.
type Processor struct {
	store    Store
	importer *importing.Importer
	channels Channels
}

// New makes a processor.
func New(store Store, importer *importing.Importer, sales Channels) *Processor {
	return &Processor{store: store, importer: importer, channels: sales}
}

// Work carries out imports until none is left that nobody else works on. An import that cannot go on now is left for later.
// Errors: those of the claim, and of an import that cannot go on.
func (p *Processor) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		worked, err := p.WorkOn(ctx, "")
		if err != nil || !worked {
			return err
		}
	}
	return nil
}

// WorkOn is Work on one import, if it can be claimed; an empty id stands for the next one.
func (p *Processor) WorkOn(ctx context.Context, id string) (worked bool, err error) {
	job, found, err := p.store.Claim(ctx, id)
	if err != nil || !found {
		return false, err
	}
	if job.Attempts > maxAttempts { // Then those before did not even live to say why.
		return true, p.store.Finish(ctx, job, integrations.StatusFailed, stuck())
	}
	err = p.carryOut(ctx, job)
	if err == nil || errors.Is(err, ErrLost) {
		return true, nil
	}
	return true, p.leave(ctx, job, err)
}

// leave gives up an import that cannot go on: for now, or for good when it never gets anywhere.
func (p *Processor) leave(ctx context.Context, job Job, cause error) error {
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
	defer cancel()
	switch {
	case errors.Is(cause, integrations.ErrInvalidFile):
		return p.store.Finish(ctx, job, integrations.StatusFailed, Failure{integrations.ErrInvalidFile.Code, reasonOf(cause)})
	case interrupted:
		return p.store.Release(ctx, job, 0)
	case job.Attempts >= maxAttempts:
		slog.ErrorContext(ctx, "import failed", "import", job.ID, "error", cause)
		return p.store.Finish(ctx, job, integrations.StatusFailed, stuck())
	}
	pause := min(retryAfter<<(job.Attempts-1), maxPause)
	return errors.Join(fmt.Errorf("import %s: %w", job.ID, cause), p.store.Release(ctx, job, pause.Seconds()))
}

func stuck() Failure {
	return Failure{"internal_error", "the import could not go on; what it brought in stays, and the file can be sent again"}
}

// carryOut brings in what is left of an import.
func (p *Processor) carryOut(ctx context.Context, job Job) error {
	reader, err := p.open(ctx, job)
	if err != nil {
		return err
	}
	var pause time.Duration
	for at := job.NextOffset; ; {
		chunk, err := nextChunk(reader, at)
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			return p.store.Finish(ctx, job, integrations.StatusCompleted, Failure{})
		}
		periodic.Pause(ctx, pause)
		begun := time.Now()
		outcome, err := p.importer.Import(ctx, importing.Batch{ImportID: job.ID, Groups: chunk, DryRun: job.DryRun})
		if err != nil {
			return fmt.Errorf("bring in rows from %d on: %w", chunk[0].Line, err)
		}
		if err := failpoint.Hit(ctx, "integrations.chunk_saved"); err != nil {
			return err
		}
		next := chunk[len(chunk)-1].After
		if err := p.store.Record(ctx, job, Done{outcome, next}); err != nil {
			return err
		}
		at, job.Attempts = next.Offset, 1
		pause = min(restFactor*time.Since(begun), maxRest)
	}
}

func (p *Processor) open(ctx context.Context, job Job) (*shopify.Reader, error) {
	sold, err := p.channels.Resolve(ctx, channels.ResolveRequest{})
	if err != nil {
		return nil, fmt.Errorf("find the currency of the default channel: %w", err)
	}
	markets, err := Markets(ctx, p.channels)
	if err != nil {
		return nil, err
	}
	header, err := shopify.ReadHeader(newFile(ctx, p.store, job.ID, 0), markets)
	if err != nil {
		return nil, err
	}
	from := shopify.Position{Offset: job.NextOffset, Line: job.NextLine}
	return header.Products(newFile(ctx, p.store, job.ID, from.Offset), from, sold.Currency), nil
}

// nextChunk reads some whole products, which begin at an offset of the file; none at the end.
func nextChunk(reader *shopify.Reader, at int64) ([]shopify.Group, error) {
	var chunk []shopify.Group
	rows, end := 0, at
	for len(chunk) < chunkProducts && rows < chunkRows && end-at < chunkBytes {
		group, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return chunk, nil
		}
		if err != nil {
			return nil, err
		}
		chunk = append(chunk, group)
		rows, end = rows+group.Rows, group.After.Offset
	}
	return chunk, nil
}
