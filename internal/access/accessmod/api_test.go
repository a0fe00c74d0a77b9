package accessmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestEveryOperationNeedsItsScope(t *testing.T) {
	contracttest.CheckScopes(t, open(t).module.Mount, "access")
}

func TestOnlyOwnersMayTouchKeys(t *testing.T) {
	s := open(t)
	for _, role := range []string{access.RoleStaff, access.RoleReadOnly} {
		secret := s.key(role).Secret
		s.as(secret, http.MethodGet, path, "").Refused(http.StatusForbidden, "forbidden")
		s.as(secret, http.MethodGet, "/admin/v1/roles", "").Refused(http.StatusForbidden, "forbidden")
		s.as(secret, http.MethodPost, path, `{"name": "n", "role": "read_only"}`).Refused(http.StatusForbidden, "forbidden")
		s.as(secret, http.MethodDelete, path+"/"+ids.Encode(access.KeyPrefix, s.owner.Key.ID), "").Refused(http.StatusForbidden, "forbidden")
	}
	assert.NoError(t, s.lives(s.owner.Secret))
	assert.Len(t, s.get(path).Column("id"), 3)
}

func TestS26ASecretIsShownOnce(t *testing.T) {
	s := open(t)

	created := s.create(`{"name": "Till", "role": "staff"}`)

	id, secret := created.Text("id"), created.Text("secret")
	require.NoError(t, s.lives(secret))
	assert.Equal(t, path+"/"+id, created.Header.Get("Location"))
	for _, p := range []string{path, path + "/" + id} {
		shown := s.get(p)
		assert.NotContains(t, shown.Body, secret)
		assert.NotContains(t, shown.Body, "secret")
	}
	read := s.get(path + "/" + id)
	assert.Equal(t, secret[len(secret)-4:], read.Text("hint"))
	assert.Equal(t, "Till", read.Text("name"))
	assert.Equal(t, "staff", read.Text("role"))
	assert.NotEmpty(t, read.Text("last_used_at"))
	assert.Empty(t, read.Text("revoked_at"))
}

func TestAKeyWithScopesOfItsOwn(t *testing.T) {
	s := open(t)

	created := s.create(`{"name": "Counter", "scopes": ["inventory:read", "inventory:write"]}`)

	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "name": "Counter", "scopes": ["inventory:read", "inventory:write"], "hint": %q, "secret": %q, "created_at": %q}`,
		created.Text("id"), created.Text("hint"), created.Text("secret"), created.Text("created_at")), created.Body)
	s.as(created.Text("secret"), http.MethodGet, path, "").Refused(http.StatusForbidden, "forbidden")
}

func TestAKeyCannotGiveWhatItDoesNotHave(t *testing.T) {
	s := open(t)
	limited := s.create(`{"name": "Limited", "scopes": ["access:read", "access:write", "tax:read"]}`).Text("secret")
	for _, body := range []string{`{"name": "n", "role": "owner"}`, `{"name": "n", "role": "staff"}`, `{"name": "n", "scopes": ["tax:read", "tax:write"]}`} {
		refused := s.as(limited, http.MethodPost, path, body)

		refused.Refused(http.StatusForbidden, "forbidden")
		assert.NotContains(t, refused.Body, "sk_")
	}
	given := s.as(limited, http.MethodPost, path, `{"name": "n", "scopes": ["tax:read", "access:write"]}`).Is(http.StatusCreated)
	s.as(given.Text("secret"), http.MethodPost, path, `{"name": "n", "scopes": ["access:read"]}`).Refused(http.StatusForbidden, "forbidden")
	assert.Len(t, s.get(path).Column("id"), 3)
}

func TestImpossibleKeysAreRefusedWithTheirPlace(t *testing.T) {
	s := open(t)
	cases := []struct {
		body    string
		status  int
		code    string
		pointer string
	}{
		{`{"name": "n"}`, 422, "validation_failed", "/scopes"},
		{`{"name": "n", "role": "staff", "scopes": ["tax:read"]}`, 422, "validation_failed", "/scopes"},
		{`{"name": "n", "scopes": []}`, 422, "validation_failed", "/scopes"},
		{`{"name": "n", "scopes": ["tax:read", "magic:read"]}`, 422, "validation_failed", "/scopes/1"},
		{`{"name": "n", "scopes": ["*"]}`, 422, "validation_failed", "/scopes/0"},
		{`{"name": "n", "scopes": ["tax:read", "tax:read"]}`, 422, "validation_failed", "/scopes"},
		{`{"name": "", "role": "staff"}`, 422, "validation_failed", "/name"},
		{`{"name": "n", "role": "god"}`, 400, "invalid_type", "/role"},
		{`{"name": "n", "role": "staff", "secret": "sk_mine"}`, 400, "unknown_field", "/secret"},
	}
	for _, c := range cases {
		pointers := s.as(s.owner.Secret, http.MethodPost, path, c.body).Refused(c.status, c.code)

		assert.Contains(t, pointers, c.pointer, c.body)
	}
	assert.Len(t, s.get(path).Column("id"), 1)
}

func TestARevokedKeyIsRefusedAtOnce(t *testing.T) {
	s := open(t)
	created := s.create(`{"name": "Till", "role": "owner"}`)
	secret, location := created.Text("secret"), created.Header.Get("Location")
	s.as(secret, http.MethodGet, path, "").Is(http.StatusOK)

	s.as(s.owner.Secret, http.MethodDelete, location, "").Is(http.StatusNoContent)

	s.as(secret, http.MethodGet, path, "").Refused(http.StatusUnauthorized, "unauthenticated")
	require.ErrorIs(t, s.lives(secret), access.ErrUnauthenticated)
	assert.NotEmpty(t, s.get(location).Text("revoked_at"), "the record stays")
	assert.Len(t, s.get(path).Column("id"), 2)
}

func TestAKeyCanRevokeItself(t *testing.T) {
	s := open(t)

	s.as(s.owner.Secret, http.MethodDelete, path+"/"+ids.Encode(access.KeyPrefix, s.owner.Key.ID), "").Is(http.StatusNoContent)

	s.as(s.owner.Secret, http.MethodGet, path, "").Refused(http.StatusUnauthorized, "unauthenticated")
}

func TestWrongCredentialsAreRefused(t *testing.T) {
	s := open(t)
	for _, secret := range []string{"", "sk_wrong", "pk_0123", s.owner.Secret + " ", s.owner.Key.ID, s.owner.Key.Hint} {
		refused := s.as(secret, http.MethodGet, path, "")

		refused.Refused(http.StatusUnauthorized, "unauthenticated")
		assert.NotEmpty(t, refused.Header.Get("WWW-Authenticate"))
	}
}

func TestAnUnknownKeyIsNotFound(t *testing.T) {
	s := open(t)
	for _, id := range []string{"1", s.owner.Key.ID, ids.Encode("var", s.owner.Key.ID), ids.Encode(access.KeyPrefix, ids.New())} {
		s.as(s.owner.Secret, http.MethodGet, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
		s.as(s.owner.Secret, http.MethodDelete, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
	}
}

func TestKeysInPagesNewestFirst(t *testing.T) {
	s := open(t)
	made := []string{ids.Encode(access.KeyPrefix, s.owner.Key.ID)}
	for i := range 4 {
		made = append([]string{s.create(fmt.Sprintf(`{"name": "Key %d", "role": "read_only"}`, i)).Text("id")}, made...)
	}
	reader := contracttest.Serve(t, s.module.Mount, contracttest.Key("access:read"))

	var seen []string
	for _, page := range reader.Pages(path + "?limit=2&total=true") {
		assert.Contains(t, page.Body, `"total":5`)
		seen = append(seen, page.Column("id")...)
	}

	assert.Equal(t, made, seen)
	reader.Send(http.MethodGet, path+"?cursor=forged", "").Refused(http.StatusBadRequest, "invalid_cursor")
	reader.Send(http.MethodGet, path+"?limit=101", "").Refused(http.StatusBadRequest, "invalid_parameter")
	reader.Send(http.MethodGet, path+"?role=owner", "").Refused(http.StatusBadRequest, "unknown_parameter")
}

func TestRolesAreListedAndOwnersHaveEveryScopeOfTheDocument(t *testing.T) {
	s := open(t)
	var list struct {
		Data []struct {
			Name, Description string
			Scopes            []string
		}
		Page map[string]any
	}

	s.get("/admin/v1/roles").Into(&list)

	require.Len(t, list.Data, 3)
	assert.Equal(t, []string{"owner", "staff", "read_only"}, []string{list.Data[0].Name, list.Data[1].Name, list.Data[2].Name})
	assert.ElementsMatch(t, contracttest.Scopes(t), list.Data[0].Scopes)
	assert.Subset(t, list.Data[1].Scopes, list.Data[2].Scopes)
	for _, role := range list.Data {
		assert.NotEmpty(t, role.Description)
	}
	assert.Equal(t, map[string]any{"has_more": false}, list.Page)
}
