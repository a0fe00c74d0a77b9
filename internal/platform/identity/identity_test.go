package identity_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/identity"
)

func TestACallerNobodyNamedIsAnonymousAndMayDoNothing(t *testing.T) {
	id := identity.From(context.Background())

	assert.Equal(t, identity.Anonymous, id.Kind)
	assert.False(t, id.Has("catalog:read"))
	assert.False(t, id.Has(""))
}

func TestTheContextCarriesTheIdentity(t *testing.T) {
	key := identity.Identity{Kind: identity.APIKey, KeyID: "k1", Name: "import", Scopes: []string{"catalog:write"}}

	ctx := identity.With(context.Background(), key)

	assert.Equal(t, key, identity.From(ctx))
}

func TestAScopeGrantsItselfOnly(t *testing.T) {
	key := identity.Identity{Kind: identity.APIKey, Scopes: []string{"catalog:write", "orders:read"}}

	assert.True(t, key.Has("catalog:write"))
	assert.True(t, key.Has("orders:read"))
	assert.False(t, key.Has("catalog:read"))
	assert.False(t, key.Has("orders:write"))
	assert.False(t, key.Has("catalog:*"))
}

func TestKindsAreSpelledForLogs(t *testing.T) {
	assert.Equal(t, "anonymous", identity.Anonymous.String())
	assert.Equal(t, "api_key", identity.APIKey.String())
}
