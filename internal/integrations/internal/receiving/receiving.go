// Package receiving takes files in: it refuses those that are no text of the format as a whole, says what to do about it,
// and keeps the others in pieces, so that a file of any size passes through a little memory. It knows neither SQL nor what
// is in the rows.
package receiving

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/processing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
)

const closingTime = 5 * time.Second

// Store keeps files.
type Store interface {
	Receive(ctx context.Context, wanted integrations.Import) error
	// AddPiece errors: integrations.ErrNotFound when the import was given up meanwhile.
	AddPiece(ctx context.Context, importID string, number int, content []byte) error
	// Enqueue errors: integrations.ErrNotFound when the import was given up meanwhile.
	Enqueue(ctx context.Context, wanted integrations.Import) error
	Abandon(ctx context.Context, importID string) error
	Import(ctx context.Context, id string) (integrations.Import, error)
}

// Receiver takes files in.
type Receiver struct {
	store    Store
	channels processing.Channels
	newID    func() string
}

// New makes a receiver.
func New(store Store, sales processing.Channels, newID func() string) *Receiver {
	return &Receiver{store: store, channels: sales, newID: newID}
}

// Upload is a file on its way.
type Upload struct {
	Format string
	DryRun bool
	File   io.Reader
}

// Receive keeps a file and makes an import of it, which waits for its turn.
// Errors: integrations.ErrInvalidFile; those of reading the file.
func (r *Receiver) Receive(ctx context.Context, upload Upload) (integrations.Import, error) {
	wanted := integrations.Import{ID: r.newID(), Format: upload.Format, DryRun: upload.DryRun}
	if err := r.store.Receive(ctx, wanted); err != nil {
		return integrations.Import{}, err
	}
	err := r.keep(ctx, &wanted, upload.File)
	if err == nil {
		err = r.store.Enqueue(ctx, wanted)
	}
	if err != nil {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
		defer cancel()
		return integrations.Import{}, errors.Join(err, r.store.Abandon(closing, wanted.ID))
	}
	return r.store.Import(ctx, wanted.ID)
}

// keep stores the file, and looks at its header as soon as it is there.
func (r *Receiver) keep(ctx context.Context, wanted *integrations.Import, sent io.Reader) error {
	text, err := decoded(sent)
	if err != nil {
		return readError(ctx, err)
	}
	piece := make([]byte, processing.PieceBytes)
	for number := 0; ; number++ {
		n, err := io.ReadFull(text, piece)
		ended := errors.Is(err, io.EOF) || errors.Is(err, errEnded)
		if err != nil && !ended {
			return readError(ctx, err)
		}
		if number == 0 {
			if err := r.readHeader(ctx, wanted, piece[:n]); err != nil {
				return err
			}
		}
		if n > 0 {
			if err := r.store.AddPiece(ctx, wanted.ID, number, piece[:n]); err != nil {
				return err
			}
		}
		if ended {
			return nil
		}
	}
}

func (r *Receiver) readHeader(ctx context.Context, wanted *integrations.Import, start []byte) error {
	if bytes.IndexByte(start, '\n') < 0 && bytes.IndexByte(start, '\r') >= 0 {
		return integrations.ErrInvalidFile.Detailf("the lines end as on computers of long ago; save the file as comma-separated CSV (UTF-8)")
	}
	markets, err := processing.Markets(ctx, r.channels)
	if err != nil {
		return err
	}
	header, err := shopify.ReadHeader(bytes.NewReader(start), markets)
	if err != nil {
		return err
	}
	wanted.Generation = header.Generation
	wanted.Summary.UnknownColumns, wanted.Summary.IgnoredColumns = header.Unknown, header.Ignored
	return nil
}

// readError says that a file did not arrive. What the reader found wrong with it, and a limit that it went over, stay what
// they are.
func readError(ctx context.Context, err error) error {
	var over *http.MaxBytesError
	switch {
	case errors.Is(err, integrations.ErrInvalidFile), errors.As(err, &over):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("receive file: %w", ctx.Err())
	default:
		return integrations.ErrInvalidFile.Detailf("the file broke off; send it again").Wrap(err)
	}
}
