package processing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/processing"
)

// desk is a store with one import, and the channels and the catalog that it needs.
type desk struct {
	importing.Memory

	job      processing.Job
	file     string
	broken   error
	lost     bool
	saved    int
	released []float64
	finished string
	failure  processing.Failure
	done     []processing.Done
}

// Claim implements processing.Store.
func (d *desk) Claim(context.Context, string) (processing.Job, bool, error) {
	free := d.finished == "" && len(d.released) == 0
	return d.job, free, nil
}

// Record implements processing.Store.
func (d *desk) Record(_ context.Context, _ processing.Job, done processing.Done) error {
	if d.lost {
		return processing.ErrLost
	}
	d.done = append(d.done, done)
	return nil
}

// Release implements processing.Store.
func (d *desk) Release(_ context.Context, _ processing.Job, after float64) error {
	d.released = append(d.released, after)
	return nil
}

// Finish implements processing.Store.
func (d *desk) Finish(_ context.Context, _ processing.Job, status string, failure processing.Failure) error {
	d.finished, d.failure = status, failure
	return nil
}

// Piece implements processing.Store.
func (d *desk) Piece(_ context.Context, _ string, number int) ([]byte, error) {
	start := number * processing.PieceBytes
	if start >= len(d.file) {
		return nil, integrations.ErrNotFound
	}
	return []byte(d.file[start:min(start+processing.PieceBytes, len(d.file))]), nil
}

// FirstLines implements importing.Memory.
func (d *desk) FirstLines(_ context.Context, _, _ string, lines map[string]int) (map[string]int, error) {
	return lines, nil
}

// Resolve implements processing.Channels.
func (d *desk) Resolve(context.Context, channels.ResolveRequest) (channels.Context, error) {
	return channels.Context{Currency: "EUR"}, nil
}

// List implements processing.Channels.
func (d *desk) List(context.Context, channels.ListRequest) (channels.ListAnswer, error) {
	return channels.ListAnswer{}, nil
}

// SaveProducts implements importing.Catalog; every product is refused, so that nothing else is asked.
func (d *desk) SaveProducts(_ context.Context, req catalog.SaveProductsRequest) (answer catalog.SaveProductsAnswer, err error) {
	if d.broken != nil {
		return answer, d.broken
	}
	for range req.Products {
		d.saved++
		answer.Results = append(answer.Results, catalog.SaveProductsResult{Refusal: catalog.ErrInvalidProduct})
	}
	return answer, nil
}

// Check implements importing.Links.
func (d *desk) Check(string) error { return nil }

func (d *desk) work(ctx context.Context) error {
	importer := importing.New(importing.Deps{Catalog: d, Memory: d, Links: d})
	return processing.New(d, importer, d).Work(ctx)
}

// What a chunk is made of is several times in memory while it is brought in.
func TestLongTextsAreBroughtInByFewAtOnce(t *testing.T) {
	const products, long, most = 50, 60_000, 1 << 20
	var text strings.Builder
	text.WriteString("Handle,Title,Body (HTML),Variant Price\n")
	for i := range products {
		fmt.Fprintf(&text, "pot-%d,Pot,%s,3\n", i, strings.Repeat("clay ", long/5))
	}
	d := &desk{job: processing.Job{Attempts: 1}, file: text.String()}

	require.NoError(t, d.work(t.Context()))

	require.Equal(t, integrations.StatusCompleted, d.finished)
	require.Equal(t, products, d.saved)
	begun := int64(0)
	for _, done := range d.done {
		require.Less(t, done.Next.Offset-begun, int64(most+2*long))
		begun = done.Next.Offset
	}
	require.Len(t, d.done, 3)
}

const file = "Handle,Title,Variant Price\npot,Pot,3\nmug,Mug,4\n"

func TestAnImportThatCannotGoOnIsLeftForLaterAndLater(t *testing.T) {
	outage := errors.New("connection refused")
	for attempts, want := range map[int]float64{1: 1, 2: 2, 4: 8, 6: 30, 9: 30} {
		d := &desk{job: processing.Job{Attempts: attempts}, file: file, broken: outage}

		require.ErrorIs(t, d.work(t.Context()), outage)

		assert.Equal(t, []float64{want}, d.released, "attempt %d", attempts)
		assert.Empty(t, d.finished)
	}
}

func TestAnImportThatNeverGetsAnywhereFails(t *testing.T) {
	d := &desk{job: processing.Job{Attempts: 10}, file: file, broken: errors.New("bug")}
	require.NoError(t, d.work(t.Context()))
	assert.Equal(t, integrations.StatusFailed, d.finished)
	assert.Equal(t, "internal_error", d.failure.Code)
	assert.NotContains(t, d.failure.Detail, "bug")

	deadly := &desk{job: processing.Job{Attempts: 11}, file: file}
	require.NoError(t, deadly.work(t.Context()))
	assert.Equal(t, integrations.StatusFailed, deadly.finished)
	assert.Zero(t, deadly.saved, "what ended ten processes is not tried on an eleventh")
}

func TestAFileThatBecameUnreadableFailsWithTheReason(t *testing.T) {
	d := &desk{job: processing.Job{Attempts: 1}, file: "sku;name\n"}

	require.NoError(t, d.work(t.Context()))

	assert.Equal(t, integrations.StatusFailed, d.finished)
	assert.Equal(t, "invalid_file", d.failure.Code)
}

func TestAWorkerThatLostItsImportStops(t *testing.T) {
	d := &desk{job: processing.Job{Attempts: 1}, file: file, lost: true}

	worked, err := processing.New(d, importing.New(importing.Deps{Catalog: d, Memory: d, Links: d}), d).WorkOn(t.Context(), "")

	require.NoError(t, err)
	assert.True(t, worked)
	assert.Empty(t, d.finished)
	assert.Empty(t, d.released)
	assert.Equal(t, 2, d.saved)
}

func TestAnImportIsGivenBackWhenTheProcessEnds(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	d := &desk{job: processing.Job{Attempts: 1}, file: file, broken: context.Canceled}
	importer := importing.New(importing.Deps{Catalog: ending{d, end}, Memory: d, Links: d})

	require.NoError(t, processing.New(d, importer, d).Work(ctx))

	assert.Equal(t, []float64{0}, d.released, "another process may go on at once")
}

// ending is a catalog in the middle of whose work the process is told to end.
type ending struct {
	importing.Catalog
	end func()
}

// SaveProducts implements importing.Catalog.
func (e ending) SaveProducts(ctx context.Context, req catalog.SaveProductsRequest) (catalog.SaveProductsAnswer, error) {
	e.end()
	return e.Catalog.SaveProducts(ctx, req)
}

func TestEveryChunkIsWrittenDownWithWhereTheFileGoesOn(t *testing.T) {
	long := "Handle,Title,Variant Price\n" + strings.Repeat(strings.Repeat("x", 15_000)+",Pot,3\n", 1)
	for i := range 250 {
		long += strings.Repeat("p", i%7+1) + "-" + strings.Repeat("q", i/7+1) + "," + strings.Repeat("T", 9000) + ",3\n"
	}
	d := &desk{job: processing.Job{Attempts: 1}, file: long}
	require.NoError(t, d.work(t.Context()))
	require.Len(t, d.done, 11)
	require.Equal(t, integrations.StatusCompleted, d.finished)
	assert.Equal(t, int64(len(long)), d.done[10].Next.Offset)

	for i := range d.done {
		from := d.done[i].Next
		again := &desk{job: processing.Job{Attempts: 1, NextOffset: from.Offset, NextLine: from.Line}, file: long}
		require.NoError(t, again.work(t.Context()))
		assert.Equal(t, d.done[i+1:], append([]processing.Done{}, again.done...))
	}
}
