// Package keys holds the rules and use cases of API keys: which scopes a role has, how a secret is made and
// recognized, and who may give what to whom. It knows nothing of SQL or HTTP.
package keys

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const (
	secretBytes = 32
	hintLength  = 4
	// maxSecretLength bounds what is hashed for a caller who has proven nothing.
	maxSecretLength = 128
)

// NewKey is a key to store. Its secret is known to nobody but the one who asked for it.
type NewKey struct {
	Name   string
	Role   string
	Scopes []string
	Hash   []byte
	Hint   string
}

// Store keeps keys.
type Store interface {
	Insert(ctx context.Context, key NewKey) (access.Key, error)
	// Use answers the live key of a hash and notes, about once a minute, that it was used. A note that cannot be made now
	// is left out. Errors: access.ErrUnauthenticated.
	Use(ctx context.Context, hash []byte) (access.Key, error)
	Find(ctx context.Context, id string) (access.Key, error)
	List(ctx context.Context, after string, limit int) ([]access.Key, error)
	Count(ctx context.Context) (int64, error)
	Revoke(ctx context.Context, id string) error
}

// Keys is the use cases. Store's reads beyond Authenticate and Create are used as they are.
type Keys struct {
	Store
}

// New makes the use cases over a store.
func New(store Store) *Keys { return &Keys{Store: store} }

// Authenticate implements access.Service.
func (k *Keys) Authenticate(ctx context.Context, req access.AuthenticateRequest) (access.Key, error) {
	if !strings.HasPrefix(req.Secret, access.SecretPrefix) || len(req.Secret) > maxSecretLength {
		return access.Key{}, access.ErrUnauthenticated
	}
	return k.Use(ctx, hash(req.Secret))
}

// CreateKey implements access.Service.
func (k *Keys) CreateKey(ctx context.Context, req access.CreateKeyRequest) (access.CreatedKey, error) {
	scopes, err := scopesOf(req.Role)
	if err != nil {
		return access.CreatedKey{}, err
	}
	return k.create(ctx, NewKey{Name: req.Name, Role: req.Role, Scopes: scopes})
}

func (k *Keys) create(ctx context.Context, key NewKey) (access.CreatedKey, error) {
	if key.Name == "" {
		return access.CreatedKey{}, access.ErrInvalidKey.With(fault.Field{Pointer: "/name", Code: "required"})
	}
	secret := newSecret()
	key.Hash, key.Hint = hash(secret), secret[len(secret)-hintLength:]
	stored, err := k.Insert(ctx, key)
	if err != nil {
		return access.CreatedKey{}, err
	}
	return access.CreatedKey{Key: stored, Secret: secret}, nil
}

// newSecret has 256 random bits, so a plain hash protects it at rest.
func newSecret() string {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // It never fails: the runtime ends the program instead.
	return access.SecretPrefix + base64.RawURLEncoding.EncodeToString(random)
}

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
