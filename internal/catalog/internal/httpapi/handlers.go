// Package httpapi is the admin API of the catalog. It turns public ids into internal ones and back, reads merge patches
// and pages lists; what may be changed, and how, is decided behind it.
package httpapi

import (
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/arranging"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// revalidate lets a client keep what it read, and ask each time whether it still holds.
const revalidate = "private, no-cache"

// Handlers implements StrictServerInterface.
type Handlers struct {
	Products *postgres.Products
	Groups   *postgres.Groups
	Editor   *editing.Editor
	Arranger *arranging.Arranger
	Cursors  pagination.Codec
}

// decode answers the internal id behind a public one. One of the wrong form is treated like one that names nothing.
func decode(prefix, public string) (string, error) {
	id, ok := ids.Decode(prefix, public)
	if !ok {
		return "", catalog.ErrNotFound
	}
	return id, nil
}

// decodeAll answers the internal ids, each once. pointer is where the request has them.
func decodeAll(prefix string, public []string, pointer string) ([]string, error) {
	decoded := make([]string, 0, len(public))
	seen := make(map[string]bool, len(public))
	for i, text := range public {
		id, ok := ids.Decode(prefix, text)
		if !ok {
			return nil, catalog.ErrUnknownReference.With(fault.Field{
				Pointer: fmt.Sprintf("%s/%d", pointer, i), Code: catalog.ErrUnknownReference.Code})
		}
		if !seen[id] {
			seen[id] = true
			decoded = append(decoded, id)
		}
	}
	return decoded, nil
}
