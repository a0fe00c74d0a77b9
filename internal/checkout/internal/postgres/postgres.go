// Package postgres keeps attempts in schema checkout. Every method is one statement: constraints decide who is first, the
// lease's epoch decides who may write, and the database's clock decides what is over.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Store implements completing.Store.
type Store struct {
	db         *sqldb.DB
	background *sqldb.DB
	lazyCommit bool
}

// Config says which pools to use. LazyCommit lets the first and the last write of an attempt be committed without waiting
// for the disk. It is safe where the order is committed by the same server: its flush makes the first write durable
// too, and the last one is made again from the order when it is lost.
type Config struct {
	DB         *sqldb.DB
	Background *sqldb.DB
	LazyCommit bool
}

// New makes a store.
func New(cfg Config) *Store {
	return &Store{db: cfg.DB, background: cfg.Background, lazyCommit: cfg.LazyCommit}
}

const columns = `id, reference, status, coalesce(cart_id::text, '') AS cart_id, scope,
	coalesce(idempotency_key, '') AS idempotency_key, request_hash, terms, coalesce(payment_token, '') AS payment_token,
	snapshot, deadline, deadline <= now() AS overdue, lease_until > now() AS leased, lease_epoch, failure, answer,
	coalesce(order_id::text, '') AS order_id, total, currency, token_version`

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

// Begin implements completing.Store.
func (s *Store) Begin(ctx context.Context, draft attempt.Attempt, life time.Duration) (attempt.Attempt, bool, error) {
	const query = `WITH durability AS (
	SELECT set_config('synchronous_commit', CASE WHEN $12 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
)
INSERT INTO checkout.attempts (id, reference, status, cart_id, scope, idempotency_key, request_hash, terms, payment_token,
	snapshot, deadline, lease_until)
SELECT $1, $2, 'started', nullif($3, '')::uuid, $4, $5, $6, $7::jsonb, nullif($8, ''), $9::jsonb,
	now() + make_interval(secs => $10), now() + make_interval(secs => $11)
FROM durability
ON CONFLICT DO NOTHING
RETURNING ` + columns
	a, begun, err := s.one(ctx, query, draft.ID, draft.Reference, draft.CartID, draft.Scope, draft.Key, draft.RequestHash,
		sqldb.JSON{V: draft.Terms}, draft.PaymentToken, document(draft.Snapshot), life.Seconds(), attempt.Lease.Seconds(),
		s.lazyCommit)
	return a, begun, wrap("begin checkout", err)
}

// Take implements completing.Store.
func (s *Store) Take(ctx context.Context, id string) (attempt.Attempt, bool, error) {
	const query = `UPDATE checkout.attempts
SET lease_epoch = lease_epoch + 1, lease_until = now() + make_interval(secs => $2), updated_at = now()
WHERE id = $1 AND lease_until <= now() AND status NOT IN ('completed', 'canceled', 'review')
RETURNING ` + columns
	a, taken, err := s.one(ctx, query, id, attempt.Lease.Seconds())
	return a, taken, wrap("take the lease on checkout", err)
}

// Save implements completing.Store.
func (s *Store) Save(ctx context.Context, a attempt.Attempt) error {
	const query = `WITH durability AS (
	SELECT set_config('synchronous_commit', CASE WHEN $15 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
)
UPDATE checkout.attempts
SET status = $3, idempotency_key = nullif($4, ''), payment_token = nullif($5, ''), snapshot = $6::jsonb,
	failure = $7::jsonb, answer = $8::jsonb, order_id = nullif($9, '')::uuid, total = $10, currency = nullif($11, ''),
	lease_until = now() + make_interval(secs => $12),
	expires_at = CASE WHEN $13 THEN now() + make_interval(secs => $14) END,
	updated_at = now()
FROM durability
WHERE id = $1 AND lease_epoch = $2`
	total, currency := amount(a)
	lease := time.Duration(0)
	if a.Running() {
		lease = attempt.Lease
	}
	saved, err := s.db.Exec(ctx, query, a.ID, a.Epoch, a.Status, a.Key, a.PaymentToken, document(a.Snapshot),
		document(a.Failure), document(a.Answer), a.OrderID, total, currency, lease.Seconds(),
		a.Erasable(), attempt.KeyLife.Seconds(), s.lazyCommit && a.Status == checkout.StatusCompleted)
	if err == nil && saved == 0 {
		err = completing.ErrLeaseLost
	}
	return wrap("save checkout", err)
}

// LetGo implements completing.Store.
func (s *Store) LetGo(ctx context.Context, a attempt.Attempt) error {
	const query = `UPDATE checkout.attempts SET lease_until = now() WHERE id = $1 AND lease_epoch = $2 AND lease_until > now()`
	_, err := s.db.Exec(ctx, query, a.ID, a.Epoch)
	return wrap("let go of checkout", err)
}

// Forget implements completing.Store. A canceled attempt goes as a whole; a completed one stays, without key and answer,
// because its cart and its order refer to it.
func (s *Store) Forget(ctx context.Context, limit int) (int, error) {
	const query = `WITH due AS (
	SELECT id FROM checkout.attempts WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
), dropped AS (
	DELETE FROM checkout.attempts a USING due WHERE a.id = due.id AND a.status = 'canceled' RETURNING a.id
), stripped AS (
	UPDATE checkout.attempts a SET idempotency_key = NULL, answer = NULL, expires_at = NULL
	FROM due WHERE a.id = due.id AND a.status <> 'canceled' RETURNING a.id
)
SELECT (SELECT count(*) FROM dropped) + (SELECT count(*) FROM stripped)`
	var forgotten int
	err := s.background.Get(ctx, &forgotten, query, limit)
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
