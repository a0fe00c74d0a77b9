// Package fetching looks at the pictures that imported products link to: whether they can be fetched, what they are and how
// large. It keeps what it learned and not the pictures: the shop goes on linking to where the merchant has them. It knows
// neither SQL nor how a link is fetched safely.
package fetching

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/outbound"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

const (
	// LookEvery is how often pictures that wait are looked for.
	LookEvery = 2 * time.Second
	// Hold is how long a process has for the pictures that it took before another one may take them.
	Hold = 2 * time.Minute

	// batch pictures, atOnce at a time, are looked at within half of Hold even if each takes as long as a link may.
	batch       = 16
	atOnce      = 4
	maxAttempts = 5
	retryAfter  = time.Minute
)

// Statuses of a picture.
const (
	StatusWaiting = "waiting"
	StatusFetched = "fetched"
	StatusFailed  = "failed"
	StatusRefused = "refused"
)

// Picture is a link of a product. Attempts counts this one.
type Picture struct {
	ID        int64  `db:"id"`
	ProductID string `db:"product_id"`
	URL       string `db:"url"`
	Attempts  int    `db:"attempts"`
}

// Finding is what was learned of a picture. One that still waits is looked at again after RetryIn.
type Finding struct {
	ID          int64
	Status      string
	Bytes       int
	Width       int
	Height      int
	ContentType string
	SHA256      string
	Failure     string
	RetryIn     time.Duration
}

// Store keeps what is known of pictures.
type Store interface {
	// TakePictures answers pictures that are due, and keeps others from taking them for as long as Hold.
	TakePictures(ctx context.Context, limit int) ([]Picture, error)
	RecordPictures(ctx context.Context, findings []Finding) error
}

// Links fetches what is behind a link.
type Links interface {
	Get(ctx context.Context, link string) ([]byte, error)
}

// Catalog shows pictures.
type Catalog interface {
	MeasurePictures(ctx context.Context, req catalog.MeasurePicturesRequest) (catalog.MeasurePicturesAnswer, error)
}

// Fetcher looks at pictures.
type Fetcher struct {
	store   Store
	links   Links
	catalog Catalog
}

// New makes a fetcher.
func New(store Store, links Links, products Catalog) *Fetcher {
	return &Fetcher{store: store, links: links, catalog: products}
}

// Run looks at pictures until ctx ends, and then answers nil. Any number of processes may look at once.
func (f *Fetcher) Run(ctx context.Context) error {
	return periodic.Run(ctx, LookEvery, "look at pictures", f.Look)
}

// Look looks at every picture that is due.
func (f *Fetcher) Look(ctx context.Context) error {
	for ctx.Err() == nil {
		pictures, err := f.store.TakePictures(ctx, batch)
		if err != nil || len(pictures) == 0 {
			return err
		}
		if err := f.lookAt(ctx, pictures); err != nil {
			return err
		}
	}
	return nil
}

// lookAt tells the catalog before it writes down that it did: told twice, the catalog changes once.
func (f *Fetcher) lookAt(ctx context.Context, pictures []Picture) error {
	findings := make([]Finding, len(pictures))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, picture := range pictures {
		group.Go(func() error {
			findings[i] = f.find(ctx, picture)
			return nil
		})
	}
	_ = group.Wait() // What went wrong with a picture is its finding.
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var sizes []catalog.PictureSize
	for i, finding := range findings {
		if finding.Status == StatusFetched {
			sizes = append(sizes, catalog.PictureSize{ProductID: pictures[i].ProductID, URL: pictures[i].URL, Width: finding.Width, Height: finding.Height})
		}
	}
	if _, err := f.catalog.MeasurePictures(ctx, catalog.MeasurePicturesRequest{Pictures: sizes}); err != nil {
		return fmt.Errorf("tell the size of pictures: %w", err)
	}
	return f.store.RecordPictures(ctx, findings)
}

func (f *Fetcher) find(ctx context.Context, picture Picture) Finding {
	found := Finding{ID: picture.ID, Status: StatusFetched}
	content, err := f.links.Get(ctx, picture.URL)
	if err == nil {
		sum := sha256.Sum256(content)
		found.Bytes, found.SHA256 = len(content), hex.EncodeToString(sum[:])
		found.ContentType, found.Width, found.Height, err = measure(content)
	}
	switch {
	case err == nil:
	case errors.Is(err, outbound.ErrRefused), errors.Is(err, ErrNoPicture), errors.Is(err, outbound.ErrTooLarge):
		found.Status, found.Failure = StatusRefused, reasonOf(err)
	case picture.Attempts >= maxAttempts:
		found.Status, found.Failure = StatusFailed, reasonOf(err)
	default:
		found.Status, found.Failure, found.RetryIn = StatusWaiting, reasonOf(err), retryAfter<<(2*picture.Attempts-2)
	}
	return found
}

// reasonOf leaves out where a name led to: that is nothing the merchant has to know.
func reasonOf(err error) string {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal.Detail
	}
	return "the link cannot be reached"
}
