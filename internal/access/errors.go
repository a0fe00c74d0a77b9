package access

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound        = fault.New("not_found", "there is no such key")
	ErrUnauthenticated = fault.New("unauthenticated", "the API key is missing, unknown or revoked")
	ErrUnknownRole     = fault.New("validation_failed", "there is no such role")
	// ErrInvalidKey answers a new key without a name, or without exactly one of a role and scopes that exist.
	ErrInvalidKey = fault.New("validation_failed", "a key has a name, and either a role or scopes that exist")
	// ErrForbidden answers a key that would give scopes it does not have.
	ErrForbidden = fault.New("forbidden", "a key gives no scope that it does not have itself")
)
