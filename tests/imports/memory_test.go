package imports

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// grown is how much more memory a server may have after and during an import than after a small one, in bytes: what the
// collector leaves lying, and nothing that depends on the size of the file.
const grown = 64 << 20

// lag is how long the storefront may be behind the longest file.
const lag = time.Hour

// large is more than a server may keep, in bytes.
const large = 2 * grown

// wordy is how long a row of the large file is, in bytes.
const wordy = 25_000

// TestAnImportNeedsLittleMemory sends a file that is larger than what a server may keep. Its rows are long, because many rows
// would take long. IMPORT_ROWS has it send as many usual rows while people read and order (see make try-million).
func TestAnImportNeedsLittleMemory(t *testing.T) {
	rows, write, requireQuick := large/wordy, writeWordy, func() {}
	h := shop.StartHouse(t, shop.Setup{})
	bring(t, h.Shop, made(t, 200))
	before := resident(t, h)
	line := "pot,Pot,,,POT,3,,," + strings.Repeat("x", 1000) + "\n"
	require.Equal(t, http.StatusUnprocessableEntity, send(h.Shop, small+strings.Repeat(line, large/len(line))+"\xff\n").Status)
	require.Less(t, resident(t, h)-before, int64(grown), "the server kept what it was sent")

	if text := os.Getenv("IMPORT_ROWS"); text != "" {
		var err error
		rows, err = strconv.Atoi(text)
		require.NoError(t, err)
		write, requireQuick = writeMade, tradeDuring(t, h)
	}
	id := stream(t, h.Shop, func(file *os.File) { write(t, file, rows) })
	highest := resident(t, h)
	var found shop.Object
	begun := time.Now()
	for found = read(h.Shop, id); found.Text("finished_at") == ""; found = read(h.Shop, id) {
		highest = max(highest, resident(t, h))
		time.Sleep(lookEvery)
	}

	require.Equal(t, []int64{int64(rows), 0}, counts(t, found, "rows", "failed"))
	t.Logf("%d rows in %s, %d MiB more", rows, time.Since(begun).Round(time.Second), (highest-before)>>20)
	assert.Less(t, highest-before, int64(grown))
	requireQuick()
	const underway = `SELECT (SELECT count(*) FROM catalog.outbox_deliveries) + (SELECT count(*) FROM pricing.outbox_deliveries)
		+ (SELECT count(*) FROM inventory.outbox_deliveries)`
	require.Eventually(t, func() bool { return h.Int(underway) == 0 }, lag, time.Second, "the events of a long file do not come to their end")
	t.Logf("on the shelves after %s", time.Since(begun).Round(time.Second))
}

// writeWordy writes one product a row, and many words in a column that the shop has no use for.
func writeWordy(t *testing.T, file *os.File, rows int) {
	t.Helper()
	out, words := bufio.NewWriter(file), strings.Repeat("clay pots ", wordy/len("clay pots "))
	_, _ = out.WriteString("Handle,Title,Remarks,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n")
	for i := range rows {
		_, _ = fmt.Fprintf(out, "wordy-%d,Pot %d,%d %s,WORDY-%d,3,shopify,%d\n", i, i, i, words, i, i)
	}
	require.NoError(t, out.Flush())
}

func writeMade(t *testing.T, file *os.File, rows int) {
	t.Helper()
	cmd := exec.Command("go", "run", "./scripts/make-catalog", "--rows", strconv.Itoa(rows), "--pictures", "https://pictures.example")
	cmd.Dir, cmd.Stdout = "../..", file
	require.NoError(t, cmd.Run())
}

// stream writes a file to disk and uploads it from there.
func stream(t *testing.T, s *shop.Shop, write func(*os.File)) (id string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "goods.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	write(file)
	_, err = file.Seek(0, io.SeekStart)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+importsPath, io.NopCloser(file))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Authorization", "Bearer "+s.Owner)
	answer, err := s.Do(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, answer.Status, "%s", answer.Raw)
	return answer.Body.Text("id")
}

func resident(t *testing.T, h *shop.House) int64 {
	t.Helper()
	bytes, known := h.Replicas[0].Metric("process_resident_memory_bytes")
	require.True(t, known)
	return int64(bytes)
}
