package access

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound        = fault.New("not_found", "there is no such key")
	ErrUnauthenticated = fault.New("unauthenticated", "the API key is missing, unknown or revoked")
	ErrUnknownRole     = fault.New("validation_failed", "there is no such role")
	// ErrScopes answers a new key whose scopes do not exist, are not given, or are not the giver's own.
	ErrScopes = fault.New("validation_failed", "a key gets a role or scopes, at most those of its giver")
)
