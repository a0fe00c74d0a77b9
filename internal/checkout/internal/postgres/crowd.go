package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
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
	SELECT set_config('synchronous_commit', CASE WHEN $3 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
)
INSERT INTO checkout.attempts (id, reference, status, cart_id, scope, idempotency_key, request_hash, terms, payment_token,
	snapshot, deadline, lease_until, next_run_at)
SELECT n.id, n.reference, 'started', n.cart_id, n.scope, n.idempotency_key, n.request_hash, n.terms, n.payment_token, n.snapshot,
	now() + make_interval(secs => n.life), now() + make_interval(secs => $2), now() + make_interval(secs => $2)
FROM durability, json_to_recordset($1::json) AS n(id uuid, reference text, cart_id uuid, scope text, idempotency_key text,
	request_hash text, terms jsonb, payment_token text, snapshot jsonb, life float8)
ON CONFLICT DO NOTHING
RETURNING id, deadline, created_at, now() AS read_at`
	documents := make([]beginningDocument, len(wanted))
	for i, b := range wanted {
		documents[i] = beginningDocument{ID: b.ID, Reference: b.Reference, CartID: b.CartID, Scope: b.Scope, Key: b.Key,
			RequestHash: b.RequestHash, Terms: b.Terms, PaymentToken: b.PaymentToken, Snapshot: b.Snapshot, Life: b.life.Seconds()}
	}
	// In one order everywhere, so that two statements do not wait for each other's keys.
	slices.SortFunc(documents, func(a, b beginningDocument) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key))
	})
	var rows []begun
	err := s.db.Select(ctx, &rows, query, sqldb.JSON{V: documents}, attempt.Lease.Seconds(), s.lazyCommit)
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

// beginningDocument is a beginning as the database gets it. One document for all makes the statement the same for any number.
type beginningDocument struct {
	ID           string         `json:"id"`
	Reference    string         `json:"reference"`
	CartID       string         `json:"cart_id,omitempty"`
	Scope        string         `json:"scope"`
	Key          string         `json:"idempotency_key"`
	RequestHash  string         `json:"request_hash"`
	Terms        attempt.Terms  `json:"terms"`
	PaymentToken string         `json:"payment_token,omitempty"`
	Snapshot     *cart.Snapshot `json:"snapshot"`
	Life         float64        `json:"life"`
}

// complete writes the end of attempts that became orders, each if its lease still is the caller's.
func (s *Store) complete(ctx context.Context, ended []attempt.Attempt) ([]bool, error) {
	const query = `WITH durability AS (
	SELECT set_config('synchronous_commit', CASE WHEN $3 THEN 'off' ELSE current_setting('synchronous_commit') END, true)
)
UPDATE checkout.attempts a
SET status = 'completed', payment_token = NULL, snapshot = NULL, failure = NULL, action = NULL, review_reason = NULL,
	first_standing = n.first_standing, order_id = n.order_id, total = n.total, currency = n.currency,
	lease_until = now(), ends_at = NULL, expires_at = now() + make_interval(secs => $2), tries = 0, updated_at = now()
FROM durability, json_to_recordset($1::json)
	AS n(id uuid, epoch bigint, first_standing jsonb, order_id uuid, total bigint, currency text)
WHERE a.id = n.id AND a.lease_epoch = n.epoch
RETURNING a.id`
	documents := make([]completion, len(ended))
	for i, a := range ended {
		documents[i] = completion{ID: a.ID, Epoch: a.Epoch, First: a.First, OrderID: a.OrderID, Total: a.Total.Minor(), Currency: a.Total.Currency()}
	}
	var saved []string
	err := s.db.Select(ctx, &saved, query, sqldb.JSON{V: documents}, attempt.KeyLife.Seconds(), s.lazyCommit)
	if err != nil {
		return nil, err
	}
	answers := make([]bool, len(ended))
	for i, a := range ended {
		answers[i] = slices.Contains(saved, a.ID)
	}
	return answers, nil
}

type completion struct {
	ID       string            `json:"id"`
	Epoch    int64             `json:"epoch"`
	First    *attempt.Standing `json:"first_standing"`
	OrderID  string            `json:"order_id"`
	Total    int64             `json:"total"`
	Currency string            `json:"currency"`
}
