package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/swaggest/swgui/v5/static"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

//go:embed page/reference.js page/reference.css
var own embed.FS

var errNoAsset = fault.New("not_found", "There is nothing at this path.")

// asset is a file that the page loads, kept and sent compressed.
type asset struct {
	contentType string
	etag        string
	gzipped     []byte
}

// readAssets answers, by name, the page's own files and those of Swagger UI, which come compressed.
func readAssets() (map[string]asset, error) {
	assets := map[string]asset{}
	for _, name := range []string{"swagger-ui-bundle.js", "swagger-ui.css"} {
		gzipped, err := fs.ReadFile(static.FS, name+".gz")
		if err != nil {
			return nil, err
		}
		assets[name] = newAsset(name, gzipped)
	}
	for _, name := range []string{"reference.js", "reference.css"} {
		content, err := fs.ReadFile(own, "page/"+name)
		if err != nil {
			return nil, err
		}
		assets[name] = newAsset(name, compress(content))
	}
	return assets, nil
}

func newAsset(name string, gzipped []byte) asset {
	contentType := "text/javascript; charset=utf-8"
	if path.Ext(name) == ".css" {
		contentType = "text/css; charset=utf-8"
	}
	return asset{contentType: contentType, etag: fmt.Sprintf(`"%x"`, sha256.Sum256(gzipped)), gzipped: gzipped}
}

func compress(content []byte) []byte {
	var gzipped bytes.Buffer
	writer := gzip.NewWriter(&gzipped)
	_, _ = writer.Write(content) // A buffer refuses nothing.
	_ = writer.Close()
	return gzipped.Bytes()
}

// Asset serves a file that the page loads; the path value "file" is its name.
func (d *Documents) Asset(w http.ResponseWriter, r *http.Request) {
	file, found := d.assets[r.PathValue("file")]
	if !found {
		problem.Write(w, r, errNoAsset)
		return
	}
	header := w.Header()
	header.Set("Content-Type", file.contentType)
	header.Set("Cache-Control", cacheFor)
	header.Add("Vary", "Accept-Encoding")
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		file.expand(w)
		return
	}
	header.Set("Content-Encoding", "gzip")
	header.Set("ETag", file.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.gzipped))
}

// expand writes the file as it was. What goes wrong is that the client went away; there is nobody to tell.
func (f asset) expand(w io.Writer) {
	if reader, err := gzip.NewReader(bytes.NewReader(f.gzipped)); err == nil {
		_, _ = io.Copy(w, reader)
	}
}
