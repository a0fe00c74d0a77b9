// Package postgres keeps API keys in schema access. It knows hashes, never secrets.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/access/internal/keys"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Store implements keys.Store.
type Store struct {
	db    *sqldb.DB
	newID func() string
}

// New makes a store.
func New(db *sqldb.DB, newID func() string) *Store { return &Store{db: db, newID: newID} }

type row struct {
	ID         string         `db:"id"`
	Name       string         `db:"name"`
	Role       string         `db:"role"`
	Scopes     pq.StringArray `db:"scopes"`
	Hint       string         `db:"hint"`
	CreatedAt  time.Time      `db:"created_at"`
	LastUsedAt *time.Time     `db:"last_used_at"`
	RevokedAt  *time.Time     `db:"revoked_at"`
}

func (r row) key() access.Key {
	return access.Key{ID: r.ID, Name: r.Name, Role: r.Role, Scopes: r.Scopes, Hint: r.Hint,
		CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsedAt, RevokedAt: r.RevokedAt}
}

// Insert implements keys.Store.
func (s *Store) Insert(ctx context.Context, key keys.NewKey) (access.Key, error) {
	const query = `INSERT INTO access.api_keys (id, name, role, scopes, secret_hash, hint)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id, name, role, scopes, hint, created_at, last_used_at, revoked_at`
	var r row
	err := s.db.Write(ctx, func(q sqldb.Queryer) error {
		return q.Get(ctx, &r, query, s.newID(), key.Name, key.Role, key.Scopes, key.Hash, key.Hint)
	})
	if err != nil {
		return access.Key{}, fmt.Errorf("insert API key: %w", err)
	}
	return r.key(), nil
}

// Use implements keys.Store.
func (s *Store) Use(ctx context.Context, hash []byte) (access.Key, error) {
	const query = `SELECT id, name, role, scopes, hint, created_at, last_used_at, revoked_at,
	coalesce(last_used_at < now() - interval '1 minute', true) AS stale
FROM access.api_keys WHERE secret_hash = $1 AND revoked_at IS NULL`
	var r struct {
		row
		Stale bool `db:"stale"`
	}
	err := s.db.Get(ctx, &r, query, hash)
	if errors.Is(err, sqldb.ErrNoRows) {
		return access.Key{}, access.ErrUnauthenticated
	}
	if err != nil {
		return access.Key{}, fmt.Errorf("find API key: %w", err)
	}
	if r.Stale {
		err = s.noteUse(ctx, r.ID)
	}
	return r.key(), err
}

// noteUse waits for nobody: of those who use a key at the same moment one notes it. A database that takes no writes now
// still lets bearers of keys read, so its refusal is not theirs.
func (s *Store) noteUse(ctx context.Context, id string) error {
	const query = `UPDATE access.api_keys SET last_used_at = now()
WHERE id = (SELECT id FROM access.api_keys WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED)`
	_, err := s.db.Exec(ctx, query, id)
	if err != nil && !errors.Is(err, sqldb.ErrUnavailable) {
		return fmt.Errorf("note use of API key: %w", err)
	}
	return nil
}

// Find implements keys.Store.
func (s *Store) Find(ctx context.Context, id string) (access.Key, error) {
	const query = `SELECT id, name, role, scopes, hint, created_at, last_used_at, revoked_at
FROM access.api_keys WHERE id = $1`
	var r row
	err := s.db.Get(ctx, &r, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return access.Key{}, access.ErrNotFound
	}
	if err != nil {
		return access.Key{}, fmt.Errorf("read API key: %w", err)
	}
	return r.key(), nil
}

// List implements keys.Store. Ids sort by age, so the newest come first.
func (s *Store) List(ctx context.Context, after string, limit int) ([]access.Key, error) {
	const query = `SELECT id, name, role, scopes, hint, created_at, last_used_at, revoked_at
FROM access.api_keys WHERE ($1 = '' OR id < nullif($1, '')::uuid) ORDER BY id DESC LIMIT $2`
	var rows []row
	if err := s.db.Select(ctx, &rows, query, after, limit); err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	list := make([]access.Key, len(rows))
	for i, r := range rows {
		list[i] = r.key()
	}
	return list, nil
}

// Count implements keys.Store.
func (s *Store) Count(ctx context.Context) (int64, error) {
	const query = `SELECT count(*) FROM access.api_keys`
	var count int64
	if err := s.db.Get(ctx, &count, query); err != nil {
		return 0, fmt.Errorf("count API keys: %w", err)
	}
	return count, nil
}

// Revoke implements keys.Store. Revoking twice keeps the first time.
func (s *Store) Revoke(ctx context.Context, id string) error {
	const query = `UPDATE access.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1`
	changed, err := s.db.Exec(ctx, query, id)
	if err != nil {
		return fmt.Errorf("revoke API key: %w", err)
	}
	if changed == 0 {
		return access.ErrNotFound
	}
	return nil
}
