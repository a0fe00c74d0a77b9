package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// movementRow is a movement as its table has it.
type movementRow struct {
	ID          string    `db:"id"`
	Reference   string    `db:"reference"`
	Kind        string    `db:"kind"`
	Key         string    `db:"key"`
	RequestHash string    `db:"request_hash"`
	Amount      int64     `db:"amount"`
	Reason      string    `db:"reason"`
	Done        bool      `db:"done"`
	CreatedAt   time.Time `db:"created_at"`
	Refusal     string    `db:"refusal"`
	Tries       int       `db:"tries"`
	Age         float64   `db:"age"`
}

func (r movementRow) movement() attempt.Movement {
	return attempt.Movement{ID: r.ID, Reference: r.Reference, Kind: r.Kind, Key: r.Key, RequestHash: r.RequestHash, Amount: r.Amount,
		Reason: r.Reason, Done: r.Done, CreatedAt: r.CreatedAt.UTC(), Refusal: r.Refusal, Tries: r.Tries,
		Age: time.Duration(r.Age * float64(time.Second))}
}

// Reserve implements paying.Store. The condition and the change are one statement, so that of many at once only as many
// succeed as there is money for; whoever waited for the row sees it as the one before left it.
func (s Store) Reserve(ctx context.Context, m *attempt.Movement, from []string) (bool, error) {
	const capture = `
		WITH promised AS (
			UPDATE payments.attempts SET capturing = capturing + $6, updated_at = now()
			WHERE reference = $2 AND status = ANY($8) AND captured + capturing + $6 <= authorized
			RETURNING reference
		)
		INSERT INTO payments.movements (id, reference, kind, key, request_hash, amount, reason)
		SELECT $1, promised.reference, $3, $4, $5, $6, $7 FROM promised
		RETURNING created_at`
	const refund = `
		WITH promised AS (
			UPDATE payments.attempts SET refunding = refunding + $6, updated_at = now()
			WHERE reference = $2 AND status = ANY($8) AND refunded + refunding + $6 <= captured
			RETURNING reference
		)
		INSERT INTO payments.movements (id, reference, kind, key, request_hash, amount, reason)
		SELECT $1, promised.reference, $3, $4, $5, $6, $7 FROM promised
		RETURNING created_at`
	query := refund
	if m.Kind == attempt.KindCapture {
		query = capture
	}
	err := s.q.Get(ctx, &m.CreatedAt, query, m.ID, m.Reference, m.Kind, m.Key, m.RequestHash, m.Amount, m.Reason, from)
	m.CreatedAt = m.CreatedAt.UTC()
	switch {
	case errors.Is(err, sqldb.ErrNoRows):
		return false, nil
	case sqldb.Violates(err, "movements_key_once"):
		return false, paying.ErrKeyTaken
	case err != nil:
		return false, fmt.Errorf("reserve %s: %w", m.Kind, err)
	}
	return true, nil
}

// Movement implements paying.Store.
func (s Store) Movement(ctx context.Context, reference, kind, key string) (attempt.Movement, error) {
	const query = `
		SELECT id, reference, kind, key, request_hash, amount, reason, done, created_at, refusal, tries,
			extract(epoch FROM now() - created_at)::float8 AS age
		FROM payments.movements WHERE reference = $1 AND kind = $2 AND key = $3`
	var found movementRow
	err := s.q.Get(ctx, &found, query, reference, kind, key)
	if errors.Is(err, sqldb.ErrNoRows) {
		return attempt.Movement{}, paying.ErrNoMovement
	}
	if err != nil {
		return attempt.Movement{}, fmt.Errorf("read movement: %w", err)
	}
	return found.movement(), nil
}

// Movements implements paying.Store.
func (s Store) Movements(ctx context.Context, reference string) ([]attempt.Movement, error) {
	const query = `
		SELECT id, reference, kind, key, request_hash, amount, reason, done, created_at, refusal, tries,
			extract(epoch FROM now() - created_at)::float8 AS age
		FROM payments.movements WHERE reference = $1 AND done ORDER BY created_at, id`
	var rows []movementRow
	if err := s.q.Select(ctx, &rows, query, reference); err != nil {
		return nil, err
	}
	movements := make([]attempt.Movement, len(rows))
	for i, r := range rows {
		movements[i] = r.movement()
	}
	return movements, nil
}

// MarkDone implements paying.Store.
func (s Store) MarkDone(ctx context.Context, movementID string) (bool, error) {
	const query = `UPDATE payments.movements SET done = true WHERE id = $1 AND NOT done AND refused_at IS NULL`
	changed, err := s.q.Exec(ctx, query, movementID)
	if err != nil {
		return false, fmt.Errorf("mark movement done: %w", err)
	}
	return changed > 0, nil
}

// MarkRefused implements paying.Store.
func (s Store) MarkRefused(ctx context.Context, movementID, code string) (bool, error) {
	const query = `
		UPDATE payments.movements SET refused_at = now(), refusal = $2 WHERE id = $1 AND NOT done AND refused_at IS NULL`
	changed, err := s.q.Exec(ctx, query, movementID, code)
	if err != nil {
		return false, fmt.Errorf("mark movement refused: %w", err)
	}
	return changed > 0, nil
}

// Post implements paying.Store.
func (s Store) Post(ctx context.Context, m attempt.Movement, currency string, entries []attempt.Entry) error {
	const query = `
		WITH posted AS (
			INSERT INTO payments.ledger_transactions (id, reference, movement_id) VALUES ($1, $2, $3) RETURNING id
		)
		INSERT INTO payments.ledger_entries (transaction_id, account, currency, amount)
		SELECT posted.id, entry.account, $4, entry.amount
		FROM posted, unnest($5::text[], $6::bigint[]) AS entry(account, amount)`
	if len(entries) == 0 {
		return nil
	}
	var accounts []string
	var amounts []int64
	for _, entry := range entries {
		accounts = append(accounts, entry.Account)
		amounts = append(amounts, entry.Amount)
	}
	if _, err := s.q.Exec(ctx, query, s.cfg.NewID(), m.Reference, m.ID, currency, accounts, amounts); err != nil {
		return fmt.Errorf("post %s to the ledger: %w", m.Kind, err)
	}
	return nil
}
