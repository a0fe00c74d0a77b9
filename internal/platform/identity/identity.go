// Package identity says who makes the request being served.
//
// It owns the context value that carries the answer from the access middleware to the handlers. It
// does not know how an identity is proven, and it decides nothing.
package identity

import (
	"context"
	"slices"
)

// Kind tells how a caller proved who they are.
type Kind int

const (
	// Anonymous callers proved nothing. Shoppers are anonymous: what they may see is decided by the
	// token of one cart, checkout or order, which the handler checks.
	Anonymous Kind = iota
	// APIKey callers sent a valid secret key.
	APIKey
)

// String returns the kind as logs and audit entries spell it.
func (k Kind) String() string {
	if k == APIKey {
		return "api_key"
	}
	return "anonymous"
}

// Identity is who makes a request. The zero value is an anonymous caller.
type Identity struct {
	Kind Kind
	// KeyID and Name are those of the API key, for the audit log. Never the secret.
	KeyID string
	Name  string
	// Scopes are what the API key may do, such as "catalog:write".
	Scopes []string
	// PublishableKey is the pk_... the request named, not yet checked against any channel. It
	// selects a channel and grants nothing.
	PublishableKey string
}

// Has reports whether the identity was granted exactly this scope. No scope implies another:
// "catalog:write" does not contain "catalog:read".
func (i Identity) Has(scope string) bool {
	return slices.Contains(i.Scopes, scope)
}

type key struct{}

// With returns a context in which From answers id.
func With(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, key{}, id)
}

// From returns who makes the request, or an anonymous identity where nobody said.
func From(ctx context.Context) Identity {
	id, _ := ctx.Value(key{}).(Identity)
	return id
}
