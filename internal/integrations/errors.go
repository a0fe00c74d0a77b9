package integrations

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// ErrInvalidFile ends an import as a whole; a bad row is reported and skipped.
var ErrInvalidFile = fault.New("invalid_file", "the file cannot be read as this format")
