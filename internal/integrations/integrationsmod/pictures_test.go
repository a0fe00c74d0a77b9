package integrationsmod_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations/integrationsmod"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbound"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// products is a catalog that only hears of sizes.
type products struct {
	catalog.Service

	mu    sync.Mutex
	sizes map[string]image.Point
}

// MeasurePictures implements catalog.Service.
func (p *products) MeasurePictures(_ context.Context, req catalog.MeasurePicturesRequest) (catalog.MeasurePicturesAnswer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, size := range req.Pictures {
		p.sizes[size.URL] = image.Pt(size.Width, size.Height)
	}
	return catalog.MeasurePicturesAnswer{}, nil
}

// others are modules that an import without files does not ask.
type others struct {
	pricing.Service
}

type stock struct{ inventory.Service }

type sales struct{ channels.Service }

// work runs the module on a database until the test ends.
func work(t *testing.T, db *sqldb.DB, links outbound.Config) *products {
	t.Helper()
	p := &products{sizes: map[string]image.Point{}}
	module := integrationsmod.New(integrationsmod.Deps{DB: db, Background: db, NewID: ids.New, Cursors: pagination.NewCodec([]byte("cursors of a test")),
		Catalog: p, Pricing: others{}, Inventory: stock{}, Channels: sales{}, Links: links})
	t.Cleanup(func() {
		found, err := module.Verify(context.Background())
		assert.NoError(t, err)
		assert.Empty(t, found)
	})
	periodictest.Run(t, module.Run)
	return p
}

type finding struct {
	URL         string `db:"url"`
	Status      string `db:"status"`
	Bytes       int    `db:"bytes"`
	Width       int    `db:"width"`
	Height      int    `db:"height"`
	ContentType string `db:"content_type"`
	SHA256      string `db:"sha256"`
	Failure     string `db:"failure"`
	Attempts    int    `db:"attempts"`
	Waits       bool   `db:"waits"`
}

// look links to pictures and answers what was found out about each once all have been looked at.
func look(t *testing.T, db *sqldb.DB, links ...string) map[string]finding {
	t.Helper()
	for _, link := range links {
		_, err := db.Exec(t.Context(), `INSERT INTO integrations.pictures (product_id, url) VALUES ($1, $2)`, ids.New(), link)
		require.NoError(t, err)
	}
	var rows []finding
	require.Eventually(t, func() bool {
		rows = nil
		require.NoError(t, db.Select(t.Context(), &rows, `SELECT url, status, bytes, width, height, content_type, sha256, failure, attempts, run_at > now() AS waits
			FROM integrations.pictures WHERE status <> 'waiting' OR failure <> ''`))
		return len(rows) == len(links)
	}, 20*time.Second, 50*time.Millisecond)
	found := map[string]finding{}
	for _, row := range rows {
		found[row.URL[strings.LastIndex(row.URL, "/"):]] = row
	}
	return found
}

func encoded(t *testing.T, encode func(*bytes.Buffer, image.Image) error, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, encode(&out, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})))
	return out.Bytes()
}

// hugePNG is the beginning of one that says it is large.
func hugePNG() []byte {
	header := []byte("IHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00")
	return binary.BigEndian.AppendUint32(append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\r"), header...), crc32.ChecksumIEEE(header))
}

func TestS23PicturesAreLookedAtOnceAndByTheirOwnBytes(t *testing.T) {
	jpg := encoded(t, func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) }, 30, 20)
	files := map[string][]byte{
		"/a.jpg": jpg,
		"/a.png": encoded(t, func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) }, 3, 4),
		"/a.gif": encoded(t, func(b *bytes.Buffer, i image.Image) error { return gif.Encode(b, i, nil) }, 5, 6),
		// The smallest of each kind of WebP that says how large it is.
		"/lossy.webp":    append([]byte("RIFF\x20\x00\x00\x00WEBPVP8 \x14\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"), make([]byte, 20)...),
		"/lossless.webp": append([]byte("RIFF\x20\x00\x00\x00WEBPVP8L\x14\x00\x00\x00\x2f\x3f\xc1\x3b\x00"), make([]byte, 20)...),
		"/wide.webp":     append([]byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x3f\x01\x00\xef\x00\x00"), make([]byte, 20)...),
		"/huge.png":      hugePNG(),
		"/broken.png":    []byte("\x89PNG\r\n\x1a\nnothing"),
		"/drawn.svg":     []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"/page.jpg":      []byte("<html><body>not a picture</body></html>"),
		"/large.jpg":     append(bytes.Clone(jpg), make([]byte, 11<<20)...),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, exists := files[r.URL.Path]
		if !exists {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "image/jpeg") // whatever it is
		_, _ = w.Write(file)
	}))
	t.Cleanup(server.Close)
	db := testdb.New(t).Module("integrations")
	shown := work(t, db, outbound.Config{Trust: []netip.AddrPort{netip.MustParseAddrPort(server.Listener.Addr().String())}})
	links := []string{server.URL + "/gone.jpg", "http://169.254.169.254/meta", "http://127.0.0.1:1/closed"}
	for path := range files {
		links = append(links, server.URL+path)
	}

	found := look(t, db, links...)

	for path, want := range map[string]finding{
		"/a.jpg": {Width: 30, Height: 20, ContentType: "image/jpeg"}, "/a.png": {Width: 3, Height: 4, ContentType: "image/png"},
		"/a.gif": {Width: 5, Height: 6, ContentType: "image/gif"}, "/lossy.webp": {Width: 320, Height: 240, ContentType: "image/webp"},
		"/lossless.webp": {Width: 320, Height: 240, ContentType: "image/webp"}, "/wide.webp": {Width: 320, Height: 240, ContentType: "image/webp"},
	} {
		got := found[path]
		assert.Equal(t, "fetched", got.Status, "%s: %s", path, got.Failure)
		assert.Equal(t, []any{want.Width, want.Height, want.ContentType, len(files[path])}, []any{got.Width, got.Height, got.ContentType, got.Bytes}, path)
		assert.Len(t, got.SHA256, 64)
		assert.Equal(t, image.Pt(want.Width, want.Height), shown.sizes[server.URL+path])
	}
	for path, want := range map[string]string{"/huge.png": "65536 x 65536", "/broken.png": "broken", "/drawn.svg": "neither JPEG", "/page.jpg": "neither JPEG",
		"/large.jpg": "more than", "/meta": "link-local", "/closed": "of this machine"} {
		assert.Equal(t, "refused", found[path].Status, path)
		assert.Contains(t, found[path].Failure, want, path)
		assert.Zero(t, found[path].Width)
	}
	gone := found["/gone.jpg"]
	assert.Equal(t, []any{"waiting", 1, true}, []any{gone.Status, gone.Attempts, gone.Waits}, "it may come back")
	assert.Len(t, shown.sizes, 6)
}

func TestAPictureThatNeverComesIsGivenUp(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	db := testdb.New(t).Module("integrations")
	_, err := db.Exec(t.Context(), `INSERT INTO integrations.pictures (product_id, url, attempts) VALUES ($1, $2, 4)`, ids.New(), server.URL+"/never")
	require.NoError(t, err)
	work(t, db, outbound.Config{Trust: []netip.AddrPort{netip.MustParseAddrPort(server.Listener.Addr().String())}})

	var status string
	require.Eventually(t, func() bool {
		require.NoError(t, db.Get(t.Context(), &status, `SELECT status FROM integrations.pictures WHERE attempts = 5 OR attempts = 4`))
		return status != "waiting"
	}, 20*time.Second, 50*time.Millisecond)

	assert.Equal(t, "failed", status)
}
