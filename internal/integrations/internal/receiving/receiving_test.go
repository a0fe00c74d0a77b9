package receiving_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/processing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/receiving"
)

// shelf keeps one file in memory.
type shelf struct {
	made      integrations.Import
	pieces    [][]byte
	abandoned bool
	full      error
}

// Receive implements receiving.Store.
func (s *shelf) Receive(_ context.Context, wanted integrations.Import) error {
	s.made = wanted
	return nil
}

// AddPiece implements receiving.Store.
func (s *shelf) AddPiece(_ context.Context, _ string, number int, content []byte) error {
	if number != len(s.pieces) {
		return errors.New("out of order")
	}
	s.pieces = append(s.pieces, bytes.Clone(content))
	return s.full
}

// Enqueue implements receiving.Store.
func (s *shelf) Enqueue(_ context.Context, wanted integrations.Import) error {
	s.made = wanted
	s.made.Status = integrations.StatusQueued
	return nil
}

// Abandon implements receiving.Store.
func (s *shelf) Abandon(context.Context, string) error {
	s.abandoned = true
	return nil
}

// Import implements receiving.Store.
func (s *shelf) Import(context.Context, string) (integrations.Import, error) { return s.made, nil }

// Resolve implements processing.Channels.
func (s *shelf) Resolve(context.Context, channels.ResolveRequest) (channels.Context, error) {
	return channels.Context{Currency: "EUR"}, nil
}

// List implements processing.Channels.
func (s *shelf) List(context.Context, channels.ListRequest) (channels.ListAnswer, error) {
	return channels.ListAnswer{}, nil
}

func receive(t *testing.T, file io.Reader) (*shelf, error) {
	t.Helper()
	s := &shelf{}
	_, err := receiving.New(s, s, func() string { return "one" }).Receive(t.Context(), receiving.Upload{Format: integrations.FormatShopify, File: file})
	return s, err
}

func TestAFileIsKeptInPiecesAsItIs(t *testing.T) {
	content := "Handle,Title,Variant Price\n" + strings.Repeat("pot,Pöt — \U0001F600,3\n", 200_000)
	for name, read := range map[string]func(io.Reader) io.Reader{
		"at once": func(r io.Reader) io.Reader { return r }, "by half": iotest.HalfReader, "with its end": iotest.DataErrReader,
	} {
		s, err := receive(t, read(strings.NewReader("\ufeff"+content)))

		require.NoError(t, err, name)
		assert.Equal(t, content, string(bytes.Join(s.pieces, nil)), name)
		for _, piece := range s.pieces[:len(s.pieces)-1] {
			assert.Len(t, piece, processing.PieceBytes)
		}
		assert.Equal(t, integrations.StatusQueued, s.made.Status)
		assert.Equal(t, "product-2018", s.made.Generation)
	}
}

func TestCharactersMayComeByteByByte(t *testing.T) {
	content := "Handle,Title\npot,Pöt — \U0001F600\n"

	s, err := receive(t, iotest.OneByteReader(strings.NewReader(content)))

	require.NoError(t, err)
	assert.Equal(t, content, string(bytes.Join(s.pieces, nil)))
}

func TestTheLineThatIsNoTextIsNamedWhereverItIs(t *testing.T) {
	for _, lines := range []int{1, 100, 5000, 70_000} {
		for _, bad := range []string{"\xf6", "\xc3", "\xe2\x82", "\xf0\x9f\x98"} {
			content := "Handle,Title\n" + strings.Repeat("pot,Pöt,0123456789\n", lines) + "mug,M" + bad

			s, err := receive(t, strings.NewReader(content))

			require.ErrorIs(t, err, integrations.ErrInvalidFile)
			assert.Contains(t, err.Error(), "line "+strconv.Itoa(lines+2)+" is not UTF-8", "%q", bad)
			assert.True(t, s.abandoned)
		}
	}
}

func TestAFileThatBreaksOffIsAbandoned(t *testing.T) {
	start := strings.NewReader("Handle,Title\npot,Pot\n")
	for name, tt := range map[string]struct {
		broken error
		want   error
	}{
		"a connection that is lost": {io.ErrUnexpectedEOF, integrations.ErrInvalidFile},
		"one that is reset":         {errors.New("connection reset by peer"), integrations.ErrInvalidFile},
		"one that sends too much":   {&http.MaxBytesError{Limit: 5}, &http.MaxBytesError{Limit: 5}},
	} {
		_, err := start.Seek(0, io.SeekStart)
		require.NoError(t, err)

		s, err := receive(t, io.MultiReader(start, iotest.ErrReader(tt.broken)))

		require.Error(t, err, name)
		assert.True(t, s.abandoned, name)
		assert.Equal(t, errors.Is(tt.want, integrations.ErrInvalidFile), errors.Is(err, integrations.ErrInvalidFile), name)
		assert.NotEqual(t, integrations.StatusQueued, s.made.Status, name)
	}
}

func TestAStoreThatIsFullAbandonsTheFile(t *testing.T) {
	s := &shelf{full: errors.New("disk full")}

	_, err := receiving.New(s, s, func() string { return "one" }).Receive(t.Context(), receiving.Upload{File: strings.NewReader("Handle,Title\n")})

	require.ErrorIs(t, err, s.full)
	assert.True(t, s.abandoned)
}
