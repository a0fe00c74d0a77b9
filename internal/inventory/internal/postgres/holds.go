package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/reserving"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type holdStanding struct {
	State     string         `db:"state"`
	Closed    bool           `db:"closed"`
	Uncounted pq.StringArray `db:"uncounted"`
}

func standing(ctx context.Context, q sqldb.Queryer, query, reference string) (reserving.Standing, error) {
	var row holdStanding
	err := q.Get(ctx, &row, query, reference)
	if errors.Is(err, sqldb.ErrNoRows) {
		return reserving.Standing{}, nil
	}
	if err != nil {
		return reserving.Standing{}, wrap(err, "read hold")
	}
	return reserving.Standing{State: row.State, Closed: row.Closed, Uncounted: row.Uncounted}, nil
}

// Standing implements reserving.Store.
func (h *Holds) Standing(ctx context.Context, reference string) (reserving.Standing, error) {
	const query = `SELECT state, closed, uncounted FROM inventory.holds WHERE reference = $1`

	found, err := standing(ctx, h.db, query, reference)
	if err != nil {
		return reserving.Standing{}, err
	}
	found.Reservations, err = h.reservations(ctx, reference)
	return found, err
}

// Extend implements reserving.Store. A hold that the sweeper is about to end is waited for, and then seen as it became.
func (h *Holds) Extend(ctx context.Context, reference string, until time.Time) (extended time.Time, err error) {
	const query = `
		UPDATE inventory.holds SET updated_at = now(),
			hold_until = CASE state WHEN 'open' THEN greatest(hold_until, $2) ELSE hold_until END
		WHERE reference = $1 AND (state = 'confirmed' OR state = 'open' AND hold_until > now())
		RETURNING hold_until`

	err = h.db.Get(ctx, &extended, query, reference, until)
	if errors.Is(err, sqldb.ErrNoRows) {
		return time.Time{}, inventory.ErrHoldExpired
	}
	return extended.UTC(), wrap(err, "extend hold")
}

// LockHold implements reserving.Tx.
func (tx *Tx) LockHold(ctx context.Context, reference string) (reserving.Standing, error) {
	const query = `SELECT state, closed, uncounted FROM inventory.holds WHERE reference = $1 FOR NO KEY UPDATE`

	return standing(ctx, tx.tx, query, reference)
}

// CloseHold implements reserving.Tx.
func (tx *Tx) CloseHold(ctx context.Context, reference, state string) error {
	const query = `
		INSERT INTO inventory.holds AS h (reference, state, closed, hold_until) VALUES ($1, $2, true, now())
		ON CONFLICT (reference) DO UPDATE SET closed = true, updated_at = now(),
			state = CASE WHEN h.state = 'open' OR excluded.state = 'canceled' THEN excluded.state ELSE h.state END`

	_, err := tx.tx.Exec(ctx, query, reference, state)
	return wrap(err, "close hold")
}

// LockDue implements reserving.Tx.
func (tx *Tx) LockDue(ctx context.Context, limit int) ([]string, error) {
	const query = `
		SELECT reference FROM inventory.holds
		WHERE state = 'open' AND hold_until <= now()
		ORDER BY hold_until
		LIMIT $1
		FOR NO KEY UPDATE SKIP LOCKED`

	var references []string
	err := tx.tx.Select(ctx, &references, query, limit)
	return references, wrap(err, "lock ended holds")
}

// ExpireHolds implements reserving.Tx.
func (tx *Tx) ExpireHolds(ctx context.Context, references []string) error {
	const query = `
		UPDATE inventory.holds SET state = 'expired', closed = true, updated_at = now()
		WHERE reference = ANY($1)`

	_, err := tx.tx.Exec(ctx, query, references)
	return wrap(err, "expire holds")
}

// Deallocation implements reserving.Tx.
func (tx *Tx) Deallocation(ctx context.Context, id string) (units int64, found bool, err error) {
	const query = `SELECT units FROM inventory.deallocations WHERE id = $1`

	err = tx.tx.Get(ctx, &units, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, false, nil
	}
	return units, err == nil, wrap(err, "read deallocation")
}

// SaveDeallocation implements reserving.Tx.
func (tx *Tx) SaveDeallocation(ctx context.Context, id, reference string, units int64) error {
	const query = `
		INSERT INTO inventory.deallocations (id, reference, units) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO NOTHING`

	_, err := tx.tx.Exec(ctx, query, id, reference, units)
	return wrap(err, "save deallocation")
}
