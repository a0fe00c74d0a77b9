package integrations

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of the module.
var (
	// ErrInvalidFile refuses a file as a whole; a bad row is reported and skipped.
	ErrInvalidFile = fault.New("invalid_file", "the file cannot be read as this format")
	ErrNotFound    = fault.New("not_found", "there is no such import")
	// ErrEnded answers the cancellation of an import that has come to its end.
	ErrEnded = fault.New("import_ended", "the import has come to its end")
)
