// Package postgres keeps attempts in schema checkout. Every method is at most one statement: constraints decide who is first, the
// lease's epoch decides who may write, and the database's clock decides what is over and what is due.
package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
)

// Store implements completing.Store.
type Store struct {
	db         *sqldb.DB
	lazyCommit bool
	// A busy shop begins and completes several checkouts at every moment.
	beginning  *together.Group[beginning, begun]
	completing *together.Group[attempt.Attempt, bool]
}

// Config says which pool to use. LazyCommit lets the first and the last write of an attempt be committed without waiting
// for the disk. It is safe where the order is committed by the same server: its flush makes the first write durable
// too, and the last one is made again from the order when it is lost.
type Config struct {
	DB         *sqldb.DB
	LazyCommit bool
}

// New makes a store.
func New(cfg Config) *Store {
	s := &Store{db: cfg.DB, lazyCommit: cfg.LazyCommit}
	s.beginning, s.completing = together.New(cfg.DB, s.begin), together.New(cfg.DB, s.complete)
	return s
}

const columns = `id, reference, status, coalesce(cart_id::text, '') AS cart_id, scope,
	coalesce(idempotency_key, '') AS idempotency_key, request_hash, terms, coalesce(payment_token, '') AS payment_token,
	snapshot, deadline, ends_at, hold_until, action, coalesce(review_reason, '') AS review_reason, now() AS read_at,
	lease_until > now() AS leased, lease_epoch, failure,
	coalesce(first_standing, answer) AS first_standing, coalesce(order_id::text, '') AS order_id, total, currency,
	token_version, created_at`

// Find implements completing.Store.
func (s *Store) Find(ctx context.Context, scope, key, cartID string) (attempt.Attempt, bool, error) {
	const query = `SELECT ` + columns + ` FROM checkout.attempts
WHERE (scope = $1 AND idempotency_key = $2) OR (cart_id = nullif($3, '')::uuid AND status <> 'canceled')
ORDER BY coalesce(scope = $1 AND idempotency_key = $2, false) DESC
LIMIT 1`
	a, found, err := s.one(ctx, query, scope, key, cartID)
	return a, found, wrap("find checkout", err)
}

// Load implements completing.Store.
func (s *Store) Load(ctx context.Context, id string) (attempt.Attempt, error) {
	const query = `SELECT ` + columns + ` FROM checkout.attempts WHERE id = $1`
	a, found, err := s.one(ctx, query, id)
	if err == nil && !found {
		err = checkout.ErrNotFound
	}
	return a, wrap("read checkout", err)
}

// Forget implements completing.Store. A canceled attempt goes as a whole; a completed one stays, without key and answer,
// because its cart and its order refer to it.
func (s *Store) Forget(ctx context.Context, limit int) (int, error) {
	const query = `WITH due AS (
	SELECT id FROM checkout.attempts WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
), dropped AS (
	DELETE FROM checkout.attempts a USING due WHERE a.id = due.id AND a.status = 'canceled' RETURNING a.id
), stripped AS (
	UPDATE checkout.attempts a SET idempotency_key = NULL, answer = NULL, first_standing = NULL, expires_at = NULL
	FROM due WHERE a.id = due.id AND a.status <> 'canceled' RETURNING a.id
)
SELECT (SELECT count(*) FROM dropped) + (SELECT count(*) FROM stripped)`
	var forgotten int
	err := s.db.Get(ctx, &forgotten, query, limit)
	return forgotten, wrap("forget old checkouts", err)
}

// one reads the row that a statement answers, if it answers one.
func (s *Store) one(ctx context.Context, query string, args ...any) (attempt.Attempt, bool, error) {
	r := newRow()
	err := s.db.Get(ctx, r, query, args...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return attempt.Attempt{}, false, nil
	}
	if err != nil {
		return attempt.Attempt{}, false, err
	}
	a, err := r.attempt()
	return a, err == nil, err
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
