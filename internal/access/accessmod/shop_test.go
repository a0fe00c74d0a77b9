package accessmod_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/access/accessmod"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const path = "/admin/v1/api-keys"

// shop is the module on a database of its own, behind the keys that it makes itself, and the secret of an owner.
type shop struct {
	*contracttest.Server
	t        *testing.T
	database *testdb.Database
	db       *sqldb.DB
	module   *accessmod.Module
	service  access.Service
	owner    access.CreatedKey
}

func open(t *testing.T) *shop {
	t.Helper()
	database := testdb.New(t)
	s := &shop{t: t, database: database, db: database.Module("access")}
	s.module = build(s.db)
	s.service = s.module.Service()
	s.Server = contracttest.Serve(t, s.module.Mount, s.authenticate)
	s.owner = s.key(access.RoleOwner)
	return s
}

func build(db *sqldb.DB) *accessmod.Module {
	return accessmod.New(accessmod.Deps{DB: db, NewID: ids.New, Cursors: pagination.NewCodec([]byte("cursors of a test"))})
}

func (s *shop) authenticate(ctx context.Context, r *http.Request) (identity.Identity, error) {
	secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return identity.Identity{}, nil
	}
	key, err := s.service.Authenticate(ctx, access.AuthenticateRequest{Secret: secret})
	if err != nil {
		return identity.Identity{}, err
	}
	return identity.Identity{Kind: identity.APIKey, KeyID: key.ID, Name: key.Name, Scopes: key.Scopes}, nil
}

// key makes a key of a role.
func (s *shop) key(role string) access.CreatedKey {
	s.t.Helper()
	created, err := s.service.CreateKey(s.t.Context(), access.CreateKeyRequest{Name: "Key of " + role, Role: role})
	require.NoError(s.t, err)
	return created
}

// as sends a request with a key.
func (s *shop) as(secret, method, path, body string) contracttest.Answer {
	return s.Send(method, path, body, "Authorization", "Bearer "+secret)
}

// create makes a key over HTTP on behalf of the owner.
func (s *shop) create(body string) contracttest.Answer {
	s.t.Helper()
	return s.as(s.owner.Secret, http.MethodPost, path, body).Is(http.StatusCreated)
}

func (s *shop) get(p string) contracttest.Answer {
	s.t.Helper()
	return s.as(s.owner.Secret, http.MethodGet, p, "").Is(http.StatusOK)
}

func (s *shop) lives(secret string) error {
	_, err := s.service.Authenticate(s.t.Context(), access.AuthenticateRequest{Secret: secret})
	return err
}
