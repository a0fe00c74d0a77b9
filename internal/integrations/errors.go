package integrations

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of an import as a whole; a bad row is reported and skipped.
var (
	ErrUnknownFormat = fault.New("unknown_format", "the import format is not known; use shopify")
	ErrInvalidFile   = fault.New("invalid_file", "the file cannot be read as this format")
)
