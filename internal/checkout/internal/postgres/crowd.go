package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
)

// beginning is an attempt to be written for the first time, and how long it may take.
type beginning struct {
	attempt.Attempt
	life time.Duration
}

// begun is what the database knows of it.
type begun struct {
	ID        string    `db:"id"`
	Deadline  time.Time `db:"deadline"`
	CreatedAt time.Time `db:"created_at"`
	ReadAt    time.Time `db:"read_at"`
}

// Begin implements completing.Store. Attempts on carts are written one by one: such a one may wait for another on its cart,
// and two statements with several must not wait for each other.
func (s *Store) Begin(ctx context.Context, draft attempt.Attempt, life time.Duration) (attempt.Attempt, bool, error) {
	wanted := beginning{draft, life}
	if draft.CartID == "" {
		row, err := s.beginning.Do(ctx, wanted)
		return draftAs(draft, row), row.ID != "", wrap("begin checkout", err)
	}
	rows, err := s.begin(ctx, []beginning{wanted})
	if err != nil {
		return attempt.Attempt{}, false, wrap("begin checkout", err)
	}
	return draftAs(draft, rows[0]), rows[0].ID != "", nil
}

func draftAs(draft attempt.Attempt, row begun) attempt.Attempt {
	draft.Begun(row.Deadline, row.ReadAt)
	draft.CreatedAt = row.CreatedAt
	return draft
}

// begin writes those whose key and cart are free. What is nobody's has no ID in the answer.
func (s *Store) begin(ctx context.Context, wanted []beginning) ([]begun, error) {
	const query = `WITH durability AS (
	SELECT set_config('synchronous_commit', CASE WHEN $12 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
)
INSERT INTO checkout.attempts (id, reference, status, cart_id, scope, idempotency_key, request_hash, terms, payment_token,
	snapshot, deadline, lease_until, next_run_at)
SELECT n.id, n.reference, 'started', nullif(n.cart_id, '')::uuid, n.scope, n.idempotency_key, n.request_hash, n.terms::jsonb,
	nullif(n.payment_token, ''), nullif(n.snapshot, 'null')::jsonb,
	now() + make_interval(secs => n.life), now() + make_interval(secs => $11), now() + make_interval(secs => $11)
FROM durability, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
	$9::text[], $10::float8[])
	AS n (id, reference, cart_id, scope, idempotency_key, request_hash, terms, payment_token, snapshot, life)
ON CONFLICT DO NOTHING
RETURNING id, deadline, created_at, now() AS read_at`
	// In one order everywhere, so that two statements do not wait for each other's keys.
	sorted := slices.SortedFunc(slices.Values(wanted), func(a, b beginning) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
	})
	var c beginnings
	for _, b := range sorted {
		if err := c.add(b); err != nil {
			return nil, err
		}
	}
	var rows []begun
	err := s.db.Select(ctx, &rows, query, c.ids, c.references, c.cartIDs, c.scopes, c.keys, c.hashes, c.terms, c.tokens,
		c.snapshots, c.lives, attempt.Lease.Seconds(), s.lazyCommit)
	if err != nil {
		return nil, err
	}
	answers := make([]begun, len(wanted))
	for i, w := range wanted {
		if at := slices.IndexFunc(rows, func(r begun) bool { return r.ID == w.ID }); at >= 0 {
			answers[i] = rows[at]
		}
	}
	return answers, nil
}

// beginnings are columns: arrays make the statement the same for any number of attempts.
type beginnings struct {
	ids, references, cartIDs, scopes, keys, hashes, terms, tokens, snapshots []string
	lives                                                                    []float64
}

func (c *beginnings) add(b beginning) error {
	terms, err := json.Marshal(b.Terms)
	if err != nil {
		return err
	}
	snapshot, err := json.Marshal(b.Snapshot)
	if err != nil {
		return err
	}
	c.ids, c.references, c.cartIDs = append(c.ids, b.ID), append(c.references, b.Reference), append(c.cartIDs, b.CartID)
	c.scopes, c.keys, c.hashes = append(c.scopes, b.Scope), append(c.keys, b.Key), append(c.hashes, b.RequestHash)
	c.terms, c.tokens, c.snapshots = append(c.terms, string(terms)), append(c.tokens, b.PaymentToken), append(c.snapshots, string(snapshot))
	c.lives = append(c.lives, b.life.Seconds())
	return nil
}

// complete writes the end of attempts that became orders, each if its lease still is the caller's.
func (s *Store) complete(ctx context.Context, ended []attempt.Attempt) ([]bool, error) {
	const query = `WITH durability AS (
	SELECT set_config('synchronous_commit', CASE WHEN $8 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
)
UPDATE checkout.attempts a
SET status = 'completed', payment_token = NULL, snapshot = NULL, failure = NULL, action = NULL, review_reason = NULL,
	first_standing = n.first_standing::jsonb, order_id = n.order_id, total = n.total, currency = n.currency,
	lease_until = now(), ends_at = NULL, expires_at = now() + make_interval(secs => $7), tries = 0, updated_at = now()
FROM durability, unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::bigint[], $6::text[])
	AS n (id, epoch, first_standing, order_id, total, currency)
WHERE a.id = n.id AND a.lease_epoch = n.epoch
RETURNING a.id`
	var ids, standings, orderIDs, currencies []string
	var epochs, totals []int64
	for _, a := range ended {
		standing, err := json.Marshal(a.First)
		if err != nil {
			return nil, err
		}
		ids, epochs, standings = append(ids, a.ID), append(epochs, a.Epoch), append(standings, string(standing))
		orderIDs, totals, currencies = append(orderIDs, a.OrderID), append(totals, a.Total.Minor()), append(currencies, a.Total.Currency())
	}
	var saved []string
	err := s.db.Select(ctx, &saved, query, ids, epochs, standings, orderIDs, totals, currencies, attempt.KeyLife.Seconds(), s.lazyCommit)
	if err != nil {
		return nil, err
	}
	answers := make([]bool, len(ended))
	for i, a := range ended {
		answers[i] = slices.Contains(saved, a.ID)
	}
	return answers, nil
}
