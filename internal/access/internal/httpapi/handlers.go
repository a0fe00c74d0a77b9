// Package httpapi is the admin API of API keys. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/access/internal/keys"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

const listName = "api_keys"

// Handlers implements StrictServerInterface.
type Handlers struct {
	keys    *keys.Keys
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(k *keys.Keys, cursors pagination.Codec) *Handlers {
	return &Handlers{keys: k, cursors: cursors}
}

// ListAPIKeys implements StrictServerInterface.
func (h *Handlers) ListAPIKeys(ctx context.Context, request ListAPIKeysRequestObject) (ListAPIKeysResponseObject, error) {
	p := request.Params
	shown, page, err := pagination.Read(ctx, h.cursors, pagination.List{Name: listName, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total},
		pagination.Source[access.Key]{Read: h.keys.List, Count: h.keys.Count, ID: func(k access.Key) string { return k.ID }})
	if err != nil {
		return nil, err
	}
	answer := ListAPIKeys200JSONResponse{Body: APIKeyList{Data: make([]APIKey, len(shown)), Page: Page(page)}}
	for i, key := range shown {
		answer.Body.Data[i] = view(key)
	}
	answer.Headers.Link = page.Link(ctx)
	return answer, nil
}

// CreateAPIKey implements StrictServerInterface.
func (h *Handlers) CreateAPIKey(ctx context.Context, request CreateAPIKeyRequestObject) (CreateAPIKeyResponseObject, error) {
	body := request.Body
	created, err := h.keys.Grant(ctx, identity.From(ctx).Scopes, keys.GrantRequest{Name: body.Name, Role: string(body.Role), Scopes: body.Scopes})
	if err != nil {
		return nil, err
	}
	shown := view(created.Key)
	shown.Secret = created.Secret
	return CreateAPIKey201JSONResponse{Body: shown, Headers: CreateAPIKey201ResponseHeaders{Location: "/admin/v1/api-keys/" + shown.ID}}, nil
}

// GetAPIKey implements StrictServerInterface.
func (h *Handlers) GetAPIKey(ctx context.Context, request GetAPIKeyRequestObject) (GetAPIKeyResponseObject, error) {
	id, ok := ids.Decode(access.KeyPrefix, request.ID)
	if !ok {
		return nil, access.ErrNotFound
	}
	key, err := h.keys.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetAPIKey200JSONResponse(view(key)), nil
}

// DeleteAPIKey implements StrictServerInterface.
func (h *Handlers) DeleteAPIKey(ctx context.Context, request DeleteAPIKeyRequestObject) (DeleteAPIKeyResponseObject, error) {
	id, ok := ids.Decode(access.KeyPrefix, request.ID)
	if !ok {
		return nil, access.ErrNotFound
	}
	if err := h.keys.Revoke(ctx, id); err != nil {
		return nil, err
	}
	return DeleteAPIKey204Response{}, nil
}

// ListRoles implements StrictServerInterface.
func (h *Handlers) ListRoles(context.Context, ListRolesRequestObject) (ListRolesResponseObject, error) {
	var answer ListRoles200JSONResponse
	for _, role := range keys.Roles() {
		answer.Data = append(answer.Data, Role{Name: RoleName(role.Name), Description: role.Description, Scopes: role.Scopes})
	}
	return answer, nil
}

func view(key access.Key) APIKey {
	return APIKey{ID: ids.Encode(access.KeyPrefix, key.ID), Name: key.Name, Role: RoleName(key.Role), Scopes: key.Scopes,
		Hint: key.Hint, CreatedAt: key.CreatedAt, LastUsedAt: orZero(key.LastUsedAt), RevokedAt: orZero(key.RevokedAt)}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
