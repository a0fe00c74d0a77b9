package keys_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/access/internal/keys"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// shelf is a store that keeps the last key it is given, and knows no other.
type shelf struct {
	keys.Store
	kept keys.NewKey
}

func (s *shelf) Insert(_ context.Context, key keys.NewKey) (access.Key, error) {
	s.kept = key
	return access.Key{Name: key.Name, Role: key.Role, Scopes: key.Scopes, Hint: key.Hint}, nil
}

func (s *shelf) Use(context.Context, []byte) (access.Key, error) {
	return access.Key{Name: "asked the store"}, nil
}

func TestTheScopesOfEachRole(t *testing.T) {
	want := map[string][]string{
		access.RoleOwner: {"access:read", "access:write", "catalog:read", "catalog:write", "channels:read", "channels:write",
			"events:read", "events:write", "fulfillment:read", "fulfillment:write", "integrations:read", "integrations:write", "inventory:read", "inventory:write", "orders:read", "orders:write",
			"pricing:read", "pricing:write", "tax:read", "tax:write"},
		access.RoleStaff: {"catalog:read", "catalog:write", "channels:read", "events:read", "events:write", "fulfillment:read",
			"fulfillment:write", "integrations:read", "integrations:write", "inventory:read",
			"inventory:write", "orders:read", "orders:write", "pricing:read", "pricing:write", "tax:read", "tax:write"},
		access.RoleReadOnly: {"catalog:read", "channels:read", "events:read", "fulfillment:read", "integrations:read", "inventory:read",
			"orders:read", "pricing:read", "tax:read"},
	}

	for role, scopes := range want {
		created, err := keys.New(&shelf{}).CreateKey(t.Context(), access.CreateKeyRequest{Name: "n", Role: role})

		require.NoError(t, err)
		assert.Equal(t, scopes, created.Key.Scopes, role)
	}
	assert.Len(t, keys.Roles(), len(want))
}

func TestASecretIsRandomAndKeptAsAHash(t *testing.T) {
	store := &shelf{}
	service := keys.New(store)

	first, err := service.CreateKey(t.Context(), access.CreateKeyRequest{Name: "n", Role: access.RoleOwner})
	require.NoError(t, err)
	second, err := service.CreateKey(t.Context(), access.CreateKeyRequest{Name: "n", Role: access.RoleOwner})
	require.NoError(t, err)

	assert.NotEqual(t, first.Secret, second.Secret)
	assert.Regexp(t, `^sk_[A-Za-z0-9_-]{43}$`, second.Secret)
	assert.Len(t, store.kept.Hash, 32)
	assert.NotContains(t, second.Secret, string(store.kept.Hash))
	assert.Equal(t, second.Secret[len(second.Secret)-4:], store.kept.Hint)
}

func TestWhatCannotBeASecretDoesNotReachTheStore(t *testing.T) {
	service := keys.New(&shelf{})
	for _, secret := range []string{"", "sk", "pk_abc", "SK_abc", " sk_abc", "sk_" + strings.Repeat("a", 126)} {
		_, err := service.Authenticate(t.Context(), access.AuthenticateRequest{Secret: secret})

		assert.ErrorIs(t, err, access.ErrUnauthenticated, secret)
	}
	asked, err := service.Authenticate(t.Context(), access.AuthenticateRequest{Secret: "sk_" + strings.Repeat("a", 125)})
	require.NoError(t, err)
	assert.Equal(t, "asked the store", asked.Name)
}

func TestAKeyGivesAtMostWhatItHas(t *testing.T) {
	cases := []struct {
		name    string
		caller  []string
		request keys.GrantRequest
		want    error
	}{
		{"all that it has", []string{"access:write", "tax:read"}, keys.GrantRequest{Scopes: []string{"tax:read", "access:write"}}, nil},
		{"part of it", []string{"access:write", "tax:read"}, keys.GrantRequest{Scopes: []string{"tax:read"}}, nil},
		{"a role whose scopes it has", keys.AllScopes(), keys.GrantRequest{Role: access.RoleOwner}, nil},
		{"more than it has", []string{"access:write", "tax:read"}, keys.GrantRequest{Scopes: []string{"tax:read", "tax:write"}}, access.ErrForbidden},
		{"writing does not contain reading", []string{"access:write", "tax:write"}, keys.GrantRequest{Scopes: []string{"tax:read"}}, access.ErrForbidden},
		{"a role with one scope more", []string{"access:write"}, keys.GrantRequest{Role: access.RoleReadOnly}, access.ErrForbidden},
		{"a scope that does not exist, though it has it", []string{"tax:admin"}, keys.GrantRequest{Scopes: []string{"tax:admin"}}, access.ErrInvalidKey},
		{"a role that does not exist", keys.AllScopes(), keys.GrantRequest{Role: "god"}, access.ErrUnknownRole},
		{"role and scopes", keys.AllScopes(), keys.GrantRequest{Role: access.RoleOwner, Scopes: []string{"tax:read"}}, access.ErrInvalidKey},
		{"neither", keys.AllScopes(), keys.GrantRequest{}, access.ErrInvalidKey},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			store := &shelf{}
			c.request.Name = "n"

			created, err := keys.New(store).Grant(t.Context(), c.caller, c.request)

			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				assert.Empty(t, store.kept.Name, "nothing is made")
				assert.Empty(t, created.Secret)
				return
			}
			assert.Subset(t, c.caller, created.Key.Scopes)
		})
	}
}

func TestRefusalsPointToTheirPlace(t *testing.T) {
	service := keys.New(&shelf{})
	for pointer, request := range map[string]keys.GrantRequest{
		"/scopes/1": {Name: "n", Scopes: []string{"tax:read", "tax:fly"}},
		"/scopes":   {Name: "n"},
		"/role":     {Name: "n", Role: "god"},
		"/name":     {Role: access.RoleOwner},
	} {
		_, err := service.Grant(t.Context(), keys.AllScopes(), request)

		var f *fault.Error
		require.True(t, errors.As(err, &f))
		require.Len(t, f.Fields, 1)
		assert.Equal(t, pointer, f.Fields[0].Pointer)
	}
}
