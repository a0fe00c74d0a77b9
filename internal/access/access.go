package access

import (
	"context"
	"time"
)

// KeyPrefix of a key's public id; SecretPrefix of the secret itself.
const (
	KeyPrefix    = "key"
	SecretPrefix = "sk_"
)

// Roles: named sets of scopes.
const (
	RoleOwner    = "owner"
	RoleStaff    = "staff"
	RoleReadOnly = "read_only"
)

// Service knows who may do what.
type Service interface {
	// Authenticate answers whose secret this is.
	// Errors: ErrUnauthenticated.
	Authenticate(ctx context.Context, req AuthenticateRequest) (Key, error)
	// CreateKey makes a key with the scopes of a role. The secret is in this answer only.
	// Errors: ErrUnknownRole, ErrInvalidKey.
	//rialto:once
	CreateKey(ctx context.Context, req CreateKeyRequest) (CreatedKey, error)
}

// Key is an API key without its secret.
type Key struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Role       string     `json:"role"`
	Scopes     []string   `json:"scopes"`
	Hint       string     `json:"hint"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
}

// AuthenticateRequest carries a secret.
type AuthenticateRequest struct {
	Secret string `json:"secret"`
}

// CreateKeyRequest names the key and its role.
type CreateKeyRequest struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// CreatedKey is a key with its secret.
type CreatedKey struct {
	Key    Key    `json:"key"`
	Secret string `json:"secret"`
}
