package postgres

import (
	"context"
	"errors"

	"github.com/lib/pq"

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

// Confirm implements reserving.Store.
func (h *Holds) Confirm(ctx context.Context, references []string) ([]string, error) {
	return confirm(ctx, h.db, references)
}

// Confirm implements reserving.Tx.
func (tx *Tx) Confirm(ctx context.Context, references []string) ([]string, error) {
	return confirm(ctx, tx.tx, references)
}

// confirm is one statement. The state of a hold is taken from its lock; reservations and levels are changed by what is in
// the newest row, so a hold that was cut while this waited is confirmed as it is now.
func confirm(ctx context.Context, q sqldb.Queryer, references []string) (ended []string, err error) {
	const query = `
		WITH holds AS MATERIALIZED (
			SELECT reference, state FROM inventory.holds
			WHERE reference = ANY($1)
			ORDER BY reference
			FOR NO KEY UPDATE
		), moved AS (
			UPDATE inventory.reservations r SET state = 'allocated', updated_at = now()
			FROM holds h
			WHERE h.reference = r.reference AND h.state = 'open' AND r.state = 'open'
			RETURNING r.sku, r.location_id, r.quantity
		), change AS MATERIALIZED (
			SELECT sku, location_id, sum(quantity)::bigint AS quantity FROM moved GROUP BY sku, location_id
		), levels AS MATERIALIZED (
			SELECT l.sku, l.location_id, c.quantity
			FROM change c
			JOIN inventory.stock_levels l ON l.sku = c.sku AND l.location_id = c.location_id
			ORDER BY l.sku, l.location_id
			FOR NO KEY UPDATE OF l
		), owed AS (
			UPDATE inventory.stock_levels l SET reserved = l.reserved - k.quantity, allocated = l.allocated + k.quantity
			FROM levels k
			WHERE l.sku = k.sku AND l.location_id = k.location_id
		), confirmed AS (
			UPDATE inventory.holds h SET state = 'confirmed', updated_at = now()
			FROM holds k
			WHERE h.reference = k.reference AND k.state = 'open'
		)
		SELECT a.reference
		FROM unnest($1::text[]) AS a (reference)
		LEFT JOIN holds h ON h.reference = a.reference
		WHERE coalesce(h.state, 'expired') IN ('expired', 'released')
		ORDER BY a.reference`

	err = q.Select(ctx, &ended, query, references)
	return ended, wrap(err, "confirm holds")
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
