// Package api is the contract of Rialto over HTTP: the OpenAPI document and the list of error codes.
//
// It owns openapi.yaml and errors.yaml and hands them out as they are compiled in. It knows nothing of
// how they are served, enforced or implemented.
package api

import (
	"bytes"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var document []byte

//go:embed errors.yaml
var errorList []byte

// ErrorEntry describes one error code that clients may rely on.
type ErrorEntry struct {
	Code        string `yaml:"code"`
	Status      int    `yaml:"status"` // HTTP status
	Title       string `yaml:"title"`  // the same for every problem of this code
	Description string `yaml:"description"`
}

// Document returns a copy of the OpenAPI 3.0.3 document, as YAML.
func Document() []byte {
	return bytes.Clone(document)
}

// Errors returns every error code in the order of errors.yaml. It parses the file on each call, so
// callers keep what they need.
//
// It panics when the file is not a list of entries: it is compiled in, so that is a fault of the build
// which the tests of this package find.
func Errors() []ErrorEntry {
	entries, err := parseErrors(errorList)
	if err != nil {
		panic(err)
	}
	return entries
}

func parseErrors(text []byte) ([]ErrorEntry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var entries []ErrorEntry
	if err := decoder.Decode(&entries); err != nil {
		return nil, fmt.Errorf("read errors.yaml: %w", err)
	}
	return entries, nil
}
