package docs_test

import (
	"net/http/httptest"
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

func TestThePageShowsEveryOperationAndLoadsNothing(t *testing.T) {
	d, err := docs.New([]byte(document))
	require.NoError(t, err)
	w := httptest.NewRecorder()

	d.Page(w, nil)

	for _, want := range []string{"Tea API", "/teas", "List &lt;teas&gt;", "public", "200 Teas.", "Words.", "&lt;oolong&gt;"} {
		require.Contains(t, w.Body.String(), want)
	}
	require.NotContains(t, w.Body.String(), "src=")
	require.NotContains(t, w.Body.String(), "http")
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
}

func TestWhatIsNoDocumentIsRefused(t *testing.T) {
	_, err := docs.New([]byte("{"))

	require.ErrorContains(t, err, "read API document")
}
