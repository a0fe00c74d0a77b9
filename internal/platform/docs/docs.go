// Package docs serves an OpenAPI document: as it is, as JSON, and as a page to read and to try it out on, which needs no
// network beyond the server itself. It knows no operation by name.
package docs

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed page/page.html
var pageHTML string

var page = template.Must(template.New("page").Parse(pageHTML))

const (
	// cacheFor lets readers keep a document for a minute.
	cacheFor = "public, max-age=60"
	// policy is of a page that runs and asks nothing but this server. Its elements' own styles are set by its script, which
	// needs no leave.
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// Documents is the document in its three forms, and what the page loads.
type Documents struct {
	yaml   []byte
	json   []byte
	html   []byte
	assets map[string]asset
}

// New renders a document. Errors: it is not an OpenAPI document.
func New(document []byte) (*Documents, error) {
	spec, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read API document: %w", err)
	}
	asJSON, err := spec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write API document as JSON: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, spec.Info); err != nil {
		return nil, fmt.Errorf("write API page: %w", err)
	}
	assets, err := readAssets()
	if err != nil {
		return nil, fmt.Errorf("read what the API page loads: %w", err)
	}
	return &Documents{yaml: document, json: asJSON, html: html.Bytes(), assets: assets}, nil
}

// YAML serves the document as it was written.
func (d *Documents) YAML(w http.ResponseWriter, _ *http.Request) {
	send(w, "application/yaml", d.yaml)
}

// JSON serves the document as JSON.
func (d *Documents) JSON(w http.ResponseWriter, _ *http.Request) {
	send(w, "application/json", d.json)
}

// Page serves the document as HTML.
func (d *Documents) Page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	send(w, "text/html; charset=utf-8", d.html)
}

func send(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", cacheFor)
	_, _ = w.Write(body) // The client went away; there is nobody to tell.
}
