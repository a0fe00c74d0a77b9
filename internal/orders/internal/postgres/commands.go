package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/orders/internal/amending"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// patience is how long a request has for its command before the background takes over, in seconds; it is longer than any
// request may take.
const patience = 30

// commandRow is a command as its table has it, with the reference of its order.
type commandRow struct {
	ID        string `db:"id"`
	OrderID   string `db:"order_id"`
	Reference string `db:"reference"`
	Kind      string `db:"kind"`
	Scope     string `db:"scope"`
	Key       string `db:"key"`
	Hash      string `db:"request_hash"`
	Input     []byte `db:"input"`
	Outcome   []byte `db:"outcome"`
	Done      bool   `db:"done"`
}

func (r commandRow) command() (amending.Command, error) {
	c := amending.Command{Request: amending.Request{OrderID: r.OrderID, Scope: r.Scope, Key: r.Key, Hash: r.Hash},
		ID: r.ID, Reference: r.Reference, Kind: r.Kind, Done: r.Done}
	if err := errors.Join(json.Unmarshal(r.Input, &c.Input), json.Unmarshal(r.Outcome, &c.Outcome)); err != nil {
		return c, fmt.Errorf("decode command %s: %w", r.ID, err)
	}
	return c, nil
}

// InsertCommand implements amending.Store.
func (s Store) InsertCommand(ctx context.Context, c amending.Command) (bool, error) {
	const query = `
		INSERT INTO orders.commands (id, order_id, kind, scope, key, request_hash, input, next_run_at)
		VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7, now() + make_interval(secs => $8))
		ON CONFLICT DO NOTHING`
	inserted, err := s.q.Exec(ctx, query, c.ID, c.OrderID, c.Kind, c.Scope, c.Key, c.Hash, sqldb.JSON{V: c.Input}, patience)
	if err != nil {
		return false, fmt.Errorf("write command: %w", err)
	}
	return inserted > 0, nil
}

// Command implements amending.Store.
func (s Store) Command(ctx context.Context, scope, key string) (amending.Command, bool, error) {
	const query = `
		SELECT c.id, c.order_id, o.reference, c.kind, c.scope, coalesce(c.key, '') AS key, c.request_hash, c.input, c.outcome, c.done
		FROM orders.commands c JOIN orders.orders o ON o.id = c.order_id
		WHERE c.scope = $1 AND c.key = $2`
	var row commandRow
	err := s.q.Get(ctx, &row, query, scope, key)
	if errors.Is(err, sqldb.ErrNoRows) {
		return amending.Command{}, false, nil
	}
	if err != nil {
		return amending.Command{}, false, fmt.Errorf("read command: %w", err)
	}
	found, err := row.command()
	return found, true, err
}

// FinishCommand implements amending.Store.
func (s Store) FinishCommand(ctx context.Context, id string, outcome amending.Outcome) (bool, error) {
	const query = `UPDATE orders.commands SET done = true, outcome = $2 WHERE id = $1 AND NOT done`
	changed, err := s.q.Exec(ctx, query, id, sqldb.JSON{V: outcome})
	if err != nil {
		return false, fmt.Errorf("finish command: %w", err)
	}
	return changed > 0, nil
}

// DropCommand implements amending.Store.
func (s Store) DropCommand(ctx context.Context, id string) (bool, error) {
	const query = `DELETE FROM orders.commands WHERE id = $1 AND NOT done`
	changed, err := s.q.Exec(ctx, query, id)
	if err != nil {
		return false, fmt.Errorf("drop command: %w", err)
	}
	return changed > 0, nil
}

// DueCommands implements amending.Store. Claiming puts the next time off by more with each attempt, up to ten minutes, and
// not by the same for all.
func (s Store) DueCommands(ctx context.Context, limit int) ([]amending.Command, error) {
	const query = `
		WITH due AS MATERIALIZED (
			SELECT id FROM orders.commands WHERE NOT done AND next_run_at <= now()
			ORDER BY next_run_at LIMIT $1 FOR UPDATE SKIP LOCKED
		)
		UPDATE orders.commands c
		SET attempts = c.attempts + 1,
			next_run_at = now() + make_interval(secs => least(600, $2 * 2 ^ least(c.attempts, 10)) * (0.75 + random() / 2))
		FROM due, orders.orders o
		WHERE c.id = due.id AND o.id = c.order_id
		RETURNING c.id, c.order_id, o.reference, c.kind, c.scope, coalesce(c.key, '') AS key, c.request_hash, c.input, c.outcome, c.done`
	var rows []commandRow
	if err := s.q.Select(ctx, &rows, query, limit, patience); err != nil {
		return nil, fmt.Errorf("claim commands: %w", err)
	}
	due := make([]amending.Command, len(rows))
	for i, row := range rows {
		found, err := row.command()
		if err != nil {
			return nil, err
		}
		due[i] = found
	}
	return due, nil
}
