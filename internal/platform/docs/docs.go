// Package docs serves an OpenAPI document: as it is, as JSON, and as a page to read that needs no network beyond the
// server itself. It knows no operation by name.
package docs

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Parse(pageHTML))

// cacheFor lets readers keep a document for a minute.
const cacheFor = "public, max-age=60"

// Documents is the document in its three forms.
type Documents struct {
	yaml []byte
	json []byte
	html []byte
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
	if err := page.Execute(&html, contents(spec)); err != nil {
		return nil, fmt.Errorf("write API page: %w", err)
	}
	return &Documents{yaml: document, json: asJSON, html: html.Bytes()}, nil
}

// YAML serves the document as it was written.
func (d *Documents) YAML(w http.ResponseWriter, _ *http.Request) {
	send(w, "application/yaml", d.yaml)
}

// JSON serves the document as JSON.
func (d *Documents) JSON(w http.ResponseWriter, _ *http.Request) {
	send(w, "application/json", d.json)
}

// Page serves the document as HTML. The policy forbids the page to load anything at all.
func (d *Documents) Page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	send(w, "text/html; charset=utf-8", d.html)
}

func send(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", cacheFor)
	_, _ = w.Write(body) // The client went away; there is nobody to tell.
}

type pageContents struct {
	Title       string
	Version     string
	Description string
	Groups      []group
}

type group struct {
	Name        string
	Description string
	Operations  []operation
}

type operation struct {
	ID          string
	Method      string
	Path        string
	Summary     string
	Description string
	Access      string
	Parameters  []parameter
	Answers     []string
	// Request and Answer are examples as JSON; empty where there is no body.
	Request string
	Answer  string
}

type parameter struct {
	Name        string
	In          string
	Required    bool
	Description string
}

func contents(spec *openapi3.T) pageContents {
	shown := pageContents{Title: spec.Info.Title, Version: spec.Info.Version, Description: spec.Info.Description}
	for _, tag := range spec.Tags {
		shown.Groups = append(shown.Groups, group{Name: tag.Name, Description: tag.Description, Operations: operationsOf(spec, tag.Name)})
	}
	return shown
}

func operationsOf(spec *openapi3.T, tag string) []operation {
	var found []operation
	for _, path := range spec.Paths.InMatchingOrder() {
		for method, op := range spec.Paths.Value(path).Operations() {
			if slices.Contains(op.Tags, tag) {
				found = append(found, describe(method, path, op))
			}
		}
	}
	slices.SortFunc(found, func(a, b operation) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return found
}

func describe(method, path string, op *openapi3.Operation) operation {
	access, _ := op.Extensions["x-rialto-access"].(string)
	shown := operation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description, Access: access}
	for _, ref := range op.Parameters {
		p := ref.Value
		shown.Parameters = append(shown.Parameters, parameter{Name: p.Name, In: p.In, Required: p.Required, Description: p.Description})
	}
	for status, ref := range op.Responses.Map() {
		text := status
		if ref.Value.Description != nil {
			text += " " + *ref.Value.Description
		}
		shown.Answers = append(shown.Answers, text)
	}
	slices.Sort(shown.Answers)
	if op.RequestBody != nil {
		shown.Request = example(op.RequestBody.Value.Content)
	}
	for _, status := range []string{"200", "201"} {
		if ref := op.Responses.Value(status); ref != nil && shown.Answer == "" {
			shown.Answer = example(ref.Value.Content)
		}
	}
	return shown
}

// example is the first example of a JSON body, by name.
func example(content openapi3.Content) string {
	body := content.Get("application/json")
	if body == nil {
		return ""
	}
	value := body.Example
	for _, name := range slices.Sorted(maps.Keys(body.Examples)) {
		if value == nil {
			value = body.Examples[name].Value.Value
		}
	}
	if value == nil {
		return ""
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // the page escapes
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return text.String()
}
