package processing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// PieceBytes is how large the pieces are that a file is stored in, but for the last one.
const PieceBytes = 1 << 20

// file reads a stored file from an offset on, one piece in memory at a time.
type file struct {
	ctx      context.Context //nolint:containedctx // io.Reader has no place for it, and a file lives as long as one call
	store    Store
	importID string
	number   int
	skip     int64
	left     []byte
}

func newFile(ctx context.Context, store Store, importID string, offset int64) *file {
	return &file{ctx: ctx, store: store, importID: importID, number: int(offset / PieceBytes), skip: offset % PieceBytes}
}

// Read implements io.Reader.
func (f *file) Read(p []byte) (int, error) {
	for len(f.left) == 0 {
		piece, err := f.store.Piece(f.ctx, f.importID, f.number)
		if errors.Is(err, integrations.ErrNotFound) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		f.left = piece[min(f.skip, int64(len(piece))):]
		f.skip = 0
		f.number++
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

// Markets answers what the channels of the shop are called in files: by their code or name, in any case.
func Markets(ctx context.Context, sales Channels) (func(string) (shopify.Market, bool), error) {
	list, err := sales.List(ctx, channels.ListRequest{})
	if err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	return func(name string) (shopify.Market, bool) {
		for _, c := range list.Channels {
			if strings.EqualFold(c.Code, name) || strings.EqualFold(c.Name, name) {
				return shopify.Market{ChannelID: c.ID, Currency: c.DefaultCurrency}, true
			}
		}
		return shopify.Market{}, false
	}, nil
}

func reasonOf(err error) string {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal.Detail
	}
	return err.Error()
}
