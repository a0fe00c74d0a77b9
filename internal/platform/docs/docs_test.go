package docs_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/docs"
)

const document = `openapi: 3.0.3
info: {title: Tea API, version: "1", description: All about tea.}
tags: [{name: tea, description: Leaves.}]
paths:
  /teas:
    get:
      operationId: listTeas
      tags: [tea]
      summary: "List <teas>"
      x-rialto-access: public
      parameters: [{name: q, in: query, description: Words., schema: {type: string}}]
      responses: {"200": {description: Teas., content: {application/json: {schema: {type: object}, example: {leaf: "<oolong>"}}}}}
`

func TestTheDocumentIsServedAsWritten(t *testing.T) {
	d, err := docs.New([]byte(document))
	require.NoError(t, err)
	w := httptest.NewRecorder()

	d.YAML(w, nil)

	require.Equal(t, document, w.Body.String())
	require.Equal(t, "application/yaml", w.Header().Get("Content-Type"))
}

func TestTheDocumentIsServedAsJSON(t *testing.T) {
	d, err := docs.New([]byte(document))
	require.NoError(t, err)
	w := httptest.NewRecorder()

	d.JSON(w, nil)

	require.Contains(t, w.Body.String(), `"operationId":"listTeas"`)
}

func TestThePageMayRunAndAskNothingButThisServer(t *testing.T) {
	page := ask(t, "/docs")

	require.Contains(t, page.Body.String(), "<title>Tea API</title>")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
		"frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		require.Contains(t, strings.Split(page.Header().Get("Content-Security-Policy"), "; "), want)
	}
}

func TestWhatThePageLoadsIsOnThisServer(t *testing.T) {
	loads := []string{}
	for _, found := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(ask(t, "/docs").Body.String(), -1) {
		loads = append(loads, found[1])
	}
	settings := ask(t, "/docs/reference.js").Body.String()
	for _, found := range regexp.MustCompile(`(?i)url:\s*'([^']*)'`).FindAllStringSubmatch(settings, -1) {
		loads = append(loads, found[1])
	}

	require.Subset(t, loads, []string{"/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/reference.js", "/docs/reference.css", "/openapi.json"})
	for _, url := range loads {
		if !strings.HasPrefix(url, "data:") {
			require.Equal(t, http.StatusOK, ask(t, url).Code, url)
		}
	}
}

func TestTheStylesLoadNothing(t *testing.T) {
	for _, name := range []string{"/docs/swagger-ui.css", "/docs/reference.css"} {
		css := ask(t, name).Body.String()

		require.NotContains(t, css, "@import")
		for _, url := range regexp.MustCompile(`url\(["']?([^"')]{0,20})`).FindAllStringSubmatch(css, -1) {
			require.True(t, strings.HasPrefix(url[1], "data:"), url[1])
		}
	}
}

func TestThePageHasItsDocumentValidatedByNobodyAndKeepsNoSecret(t *testing.T) {
	settings := ask(t, "/docs/reference.js").Body.String()

	require.Contains(t, settings, "validatorUrl: null,")
	require.Contains(t, settings, "persistAuthorization: false,")
	require.NotRegexp(t, `['"\x60](https?:)?//`, settings)
}

func TestAFileIsSentCompressedToWhoTakesIt(t *testing.T) {
	for name, contentType := range map[string]string{"swagger-ui-bundle.js": "text/javascript; charset=utf-8", "reference.css": "text/css; charset=utf-8"} {
		plain := ask(t, "/docs/"+name)
		compressed := ask(t, "/docs/"+name, "Accept-Encoding", "br, gzip")

		require.Equal(t, contentType, plain.Header().Get("Content-Type"))
		require.Empty(t, plain.Header().Get("Content-Encoding"))
		require.Equal(t, contentType, compressed.Header().Get("Content-Type"))
		require.Equal(t, "gzip", compressed.Header().Get("Content-Encoding"))
		require.Equal(t, "Accept-Encoding", compressed.Header().Get("Vary"))
		reader, err := gzip.NewReader(compressed.Body)
		require.NoError(t, err)
		expanded, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Equal(t, plain.Body.String(), string(expanded))
	}
}

func TestAFileThatIsKnownIsNotSentAgain(t *testing.T) {
	first := ask(t, "/docs/swagger-ui.css", "Accept-Encoding", "gzip")
	again := ask(t, "/docs/swagger-ui.css", "Accept-Encoding", "gzip", "If-None-Match", first.Header().Get("ETag"))

	require.Equal(t, "public, max-age=60", first.Header().Get("Cache-Control"))
	require.Equal(t, http.StatusNotModified, again.Code)
	require.Zero(t, again.Body.Len())
}

func TestAFileThatThePageDoesNotLoadIsNotFound(t *testing.T) {
	for _, name := range []string{"/docs/nope.js", "/docs/page.html", "/docs/oauth2-redirect.html", "/docs/..%2fdocs.go"} {
		require.Equal(t, http.StatusNotFound, ask(t, name).Code, name)
	}
}

// ask answers what a server with the documents says to a GET with headers, given as names and values.
func ask(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	d, err := docs.New([]byte(document))
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /docs", d.Page)
	mux.HandleFunc("GET /docs/{file}", d.Asset)
	mux.HandleFunc("GET /openapi.yaml", d.YAML)
	mux.HandleFunc("GET /openapi.json", d.JSON)
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	_, err := docs.New([]byte("{"))

	require.ErrorContains(t, err, "read API document")
}
