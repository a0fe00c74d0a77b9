package imports

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	chunkSaved = "integrations.chunk_saved"
	// severalChunks is rows of at least four chunks.
	severalChunks = 1200
	// lapse ends what a server had claimed, as if it had not been heard of for long.
	lapse = `UPDATE integrations.imports SET lease_until = now() WHERE status = 'running'`
)

// goOn ends at once every claim of a server that was killed.
func goOn(t *testing.T, h *shop.House) {
	t.Helper()
	_, err := h.Admin().Exec(t.Context(), lapse)
	require.NoError(t, err)
	h.Redeliver()
}

// requireWhole wants everything that a file of made rows names to be there once.
func requireWhole(t *testing.T, s *shop.Shop, found shop.Object, rows int64) {
	t.Helper()
	products := found.Number(t, "counts.products")
	require.Equal(t, []int64{rows, rows, rows, 0}, counts(t, found, "rows", "variants", "prices", "failed"))
	require.Equal(t, products, s.Int(`SELECT count(*) FROM catalog.products`))
	require.Equal(t, rows, s.Int(`SELECT count(*) FROM catalog.variants`))
	require.Equal(t, rows, s.Int(`SELECT count(*) FROM pricing.prices`), "nothing was priced twice")
	require.Equal(t, found.Number(t, "counts.tracked"), s.Int(`SELECT count(*) FROM inventory.stock_levels`))
	require.Equal(t, s.Int(`SELECT count(*) FROM inventory.stock_levels WHERE on_hand > 0`), s.Int(`SELECT count(*) FROM inventory.stock_movements`),
		"nothing was counted twice")
	require.Equal(t, products, s.Int(`SELECT count(*) FROM catalog.outbox_events`), "no product changed after it was created")
}

func TestB20AServerThatIsKilledFinishesItsImportAfterRestartWithNoRowTwice(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Failpoints: true})
	r := h.Replicas[0]
	const rows = severalChunks
	r.Plan(chunkSaved, "kill", shop.Skip(2))
	id := accept(t, h.Shop, made(t, rows))

	r.WaitForDeath()
	require.NotZero(t, h.Int(`SELECT rows FROM integrations.imports`))
	require.Less(t, h.Int(`SELECT rows FROM integrations.imports`), h.Int(`SELECT count(*) FROM catalog.variants`), "a chunk was done and not written down")
	goOn(t, h)
	r.Start()

	requireWhole(t, h.Shop, await(t, h.Shop, id, "completed"), rows)
}

func TestB20AnotherServerGoesOnWhereOneWasKilled(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Failpoints: true, Replicas: 2})
	const rows = severalChunks
	h.Plan(chunkSaved, "pause", shop.Skip(2))
	id := accept(t, h.Shop, made(t, rows))
	working := h.WaitFor(chunkSaved)

	working.Kill()
	goOn(t, h)
	h.Release(chunkSaved)

	for i, r := range h.Replicas {
		if r.Running() {
			requireWhole(t, h.Shop, await(t, h.At(i), id, "completed"), rows)
		}
	}
	working.Start()
}

// TestB20AServerThatWasAsleepDoesNotDisturbTheOneThatTookOver wakes it up while the other one is in the middle of the file,
// which that one took when the lease had ended by itself.
func TestB20AServerThatWasAsleepDoesNotDisturbTheOneThatTookOver(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Failpoints: true, Replicas: 2})
	const rows = severalChunks
	h.Plan(chunkSaved, "pause", shop.Skip(1))
	id := accept(t, h.Shop, made(t, rows))
	asleep := h.WaitFor(chunkSaved)
	other := h.Replicas[0]
	if other == asleep {
		other = h.Replicas[1]
	}
	other.WaitFor(chunkSaved)
	written := h.Int(`SELECT rows FROM integrations.imports`)

	asleep.Release(chunkSaved)

	shop.Never(t, func() bool { return h.Int(`SELECT rows FROM integrations.imports`) != written }, time.Second, lookEvery,
		"it wrote down what was no longer its to do")
	other.Release(chunkSaved)
	requireWhole(t, h.Shop, await(t, h.Shop, id, "completed"), rows)
}

func TestB20AnImportCanBeCanceledAndWhatItBroughtInStays(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Failpoints: true})
	h.Plan(chunkSaved, "pause", shop.Skip(1))
	id := accept(t, h.Shop, made(t, severalChunks))
	waiting := accept(t, h.Shop, made(t, 10))
	h.WaitFor(chunkSaved)
	cancel := func(id string) shop.Answer {
		return h.Send(http.MethodPost, importsPath+"/"+id+"/cancellation", nil, shop.Key(h.Owner))
	}

	require.Equal(t, "canceled", cancel(id).Body.Text("status"))
	h.Release(chunkSaved)

	assert.Equal(t, "import_ended", cancel(id).Code())
	await(t, h.Shop, waiting, "completed")
	stopped := read(h.Shop, id)
	assert.Equal(t, "canceled", stopped.Text("status"))
	assert.NotZero(t, stopped.Number(t, "counts.rows"))
	assert.Less(t, h.Int(`SELECT count(*) FROM catalog.variants`), int64(severalChunks))
	assert.Equal(t, "import_ended", cancel(waiting).Code())
}

func TestImportsOverHTTPAndByCommand(t *testing.T) {
	s := shop.Start(t)
	t.Run("S23 picture links into the network are refused and never dialed", func(t *testing.T) { pictureLinksIntoTheNetwork(t, s.In(t)) })
	t.Run("the command does what the API does", func(t *testing.T) { theCommandDoesWhatTheAPIDoes(t, s.In(t)) })
	t.Run("imports are listed, and an unchanged one costs nothing", func(t *testing.T) { importsAreListed(t, s.In(t)) })
}

func importsAreListed(t *testing.T, s *shop.Shop) {
	t.Helper()
	before := s.Int(`SELECT count(*) FROM integrations.imports WHERE status <> 'receiving'`)
	var all []string
	for range 3 {
		id := accept(t, s, small+"pot,Pot,,,POT,3,,,\n")
		await(t, s, id, "completed")
		all = append([]string{id}, all...)
	}

	listed := s.Must(http.StatusOK, http.MethodGet, importsPath+"?limit=2&total=true", nil, shop.Key(s.ReadOnly)).Body
	assert.Equal(t, all[:2], []string{listed.Text("data.0.id"), listed.Text("data.1.id")})
	assert.Equal(t, before+3, listed.Number(t, "page.total"))
	path := importsPath + "/" + all[0]
	tag := s.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(s.Owner)).Header.Get("ETag")
	s.Must(http.StatusNotModified, http.MethodGet, path, nil, shop.Key(s.Owner), shop.Header{Name: "If-None-Match", Value: tag})
	assert.Equal(t, "not_found", s.Send(http.MethodGet, importsPath+"/imp_06f2k9v3t8xj4m7qp1c5zr0y22", nil, shop.Key(s.Owner)).Code())
	assert.Equal(t, "not_found", s.Send(http.MethodGet, importsPath+"/imp_06f2k9v3t8xj4m7qp1c5zr0y22/errors", nil, shop.Key(s.Owner)).Code())
}

func theCommandDoesWhatTheAPIDoes(t *testing.T, s *shop.Shop) {
	t.Helper()
	products, imports := s.Int(`SELECT count(*) FROM catalog.products`), s.Int(`SELECT count(*) FROM integrations.imports`)
	file := filepath.Join(t.TempDir(), "goods.csv")
	write := func(content string) {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}

	write(small + "mat,Mat,,,MAT,3,,,\nmug,Mug,,,MUG,x,,,\n")
	dry, err := s.Command("import", "--format", "shopify", "--dry-run", file)
	require.NoError(t, err)
	assert.Equal(t, products, s.Int(`SELECT count(*) FROM catalog.products`))
	output, err := s.Command("import", "--format", "shopify", file)
	require.NoError(t, err)
	want := "rows 2, products 1 (created 1, updated 0, unchanged 0), variants 1, prices 1, tracked 0, pictures 0, rows failed 1\n"
	assert.Equal(t, want, output)
	assert.Equal(t, want, dry)
	assert.Equal(t, imports+2, s.Int(`SELECT count(*) FROM integrations.imports WHERE status = 'completed'`))

	write("Handle;Title\n")
	_, err = s.Command("import", "--format", "shopify", file)
	require.ErrorContains(t, err, "exit status 1")
	assert.ErrorContains(t, err, "semicolons")
}
