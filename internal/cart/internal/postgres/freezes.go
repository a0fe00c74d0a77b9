package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Freeze reads what is known of a reference; its State is empty when nothing is.
func (s *Carts) Freeze(ctx context.Context, reference string) (basket.Freeze, error) {
	const query = `SELECT state, snapshot, until FROM cart.freezes WHERE reference = $1`

	return s.freeze(ctx, query, reference)
}

// Agreed reads the freeze that holds a cart or completed it.
func (s *Carts) Agreed(ctx context.Context, cartID string) (basket.Freeze, error) {
	const query = `
		SELECT state, snapshot, until FROM cart.freezes
		WHERE cart_id = $1 AND state IN ('active', 'closed')
		ORDER BY created_at DESC, reference
		LIMIT 1`

	return s.freeze(ctx, query, cartID)
}

func (s *Carts) freeze(ctx context.Context, query, key string) (basket.Freeze, error) {
	var snapshot cart.Snapshot
	row := struct {
		State    string     `db:"state"`
		Snapshot sqldb.JSON `db:"snapshot"`
		Until    *time.Time `db:"until"`
	}{Snapshot: sqldb.JSON{V: &snapshot}}
	err := s.db.Get(ctx, &row, query, key)
	if errors.Is(err, sqldb.ErrNoRows) {
		return basket.Freeze{}, nil
	}
	freeze := basket.Freeze{State: row.State, Snapshot: snapshot}
	if row.Until != nil {
		freeze.Until = *row.Until
	}
	return freeze, wrap(err, "read freeze %s", key)
}

// Hold freezes an open cart at the version that was agreed; held says whether it did. It did not when the cart or the
// reference changed meanwhile. The version stays as it is: it counts changes of what is to be bought, so that a shopper
// whose payment was declined can try again with the version that was seen.
func (s *Carts) Hold(ctx context.Context, h basket.Hold) (held bool, err error) {
	const query = `
		WITH held AS (
		    UPDATE cart.carts
		    SET status = 'checking_out', updated_at = now()
		    WHERE id = $2 AND version = $3 AND status = 'open' AND expires_at > clock_timestamp()
		    RETURNING id
		)
		INSERT INTO cart.freezes (reference, cart_id, state, snapshot, until)
		SELECT $1, id, 'active', $4::jsonb, $5
		FROM held
		WHERE set_config('synchronous_commit',
			CASE WHEN $6 THEN 'off' ELSE current_setting('synchronous_commit') END, true) IS NOT NULL`

	n, err := s.db.Exec(ctx, query, h.Reference, h.CartID, h.Version, sqldb.JSON{V: h.Snapshot}, h.Until, s.lazyCommit)
	if sqldb.Violates(err, "freezes_pkey") {
		return false, nil
	}
	return n == 1, wrap(err, "freeze cart %s for %s", h.CartID, h.Reference)
}

// Prolong lets an active freeze hold its cart until a later time; one that was given up meanwhile is left alone. A freeze
// that has passed its end but that nobody has cleared away holds its cart again: nothing has changed in the cart since.
func (s *Carts) Prolong(ctx context.Context, reference string, until time.Time) error {
	const query = `
		UPDATE cart.freezes
		SET until = greatest(until, $2), updated_at = now()
		WHERE reference = $1 AND state = 'active'`

	_, err := s.db.Exec(ctx, query, reference, until)
	return wrap(err, "prolong the freeze of %s", reference)
}

// Thaw gives the reference up: its cart opens again, and an unknown reference is recorded as given up.
func (s *Carts) Thaw(ctx context.Context, reference, cartID string) error {
	const giveUp = `
		UPDATE cart.freezes
		SET state = 'thawed', snapshot = NULL, updated_at = now()
		WHERE reference = $1 AND state = 'active'
		RETURNING cart_id`
	const record = `
		INSERT INTO cart.freezes (reference, cart_id, state)
		VALUES ($1, (SELECT id FROM cart.carts WHERE id = $2), 'thawed')
		ON CONFLICT (reference) DO NOTHING`

	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := lock(ctx, tx, cartID); err != nil {
			return err
		}
		var frozen string
		err := tx.Get(ctx, &frozen, giveUp, reference)
		if errors.Is(err, sqldb.ErrNoRows) {
			_, err := tx.Exec(ctx, record, reference, cartID)
			return err
		}
		if err != nil {
			return err
		}
		return reopen(ctx, tx, frozen)
	})
	return wrap(err, "thaw %s", reference)
}

// Lapse opens a cart again whose freeze has passed its end. It changes nothing while the freeze holds.
func (s *Carts) Lapse(ctx context.Context, cartID string) error {
	const query = `
		UPDATE cart.freezes
		SET state = 'thawed', snapshot = NULL, updated_at = now()
		WHERE cart_id = $1 AND state = 'active' AND until <= clock_timestamp()`

	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := lock(ctx, tx, cartID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, query, cartID)
		if err != nil || n == 0 {
			return err
		}
		return reopen(ctx, tx, cartID)
	})
	return wrap(err, "lapse the freeze of cart %s", cartID)
}

// Close marks carts completed by their orders. An order is a fact: it completes its cart whatever became of the freeze,
// and ends a freeze that another checkout has meanwhile put on it. A cart that is completed keeps its first order.
func (s *Carts) Close(ctx context.Context, closed []cart.ClosedCart) error {
	const complete = `
		UPDATE cart.carts c
		SET status = 'completed', order_id = n.order_id, updated_at = now()
		FROM unnest($1::uuid[], $2::uuid[]) AS n (cart_id, order_id)
		WHERE c.id = n.cart_id AND c.status <> 'completed'`
	const finish = `
		UPDATE cart.freezes f
		SET state = 'closed', updated_at = now()
		FROM unnest($1::uuid[], $2::text[]) AS n (cart_id, reference)
		WHERE f.reference = n.reference AND f.cart_id = n.cart_id AND f.state = 'active'`
	const giveUpOthers = `
		UPDATE cart.freezes
		SET state = 'thawed', snapshot = NULL, updated_at = now()
		WHERE cart_id = ANY($1::uuid[]) AND state = 'active'`

	carts, orders, references := columns(closed)
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := lock(ctx, tx, carts...); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, complete, carts, orders); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, finish, carts, references); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, giveUpOthers, carts)
		return err
	})
	return wrap(err, "close %d carts", len(closed))
}

// lock takes the carts in the order of their ids, so that two batches cannot wait for each other in a circle.
func lock(ctx context.Context, tx *sqldb.Tx, cartIDs ...string) error {
	const query = `SELECT id FROM cart.carts WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`

	var locked []string
	return wrap(tx.Select(ctx, &locked, query, cartIDs), "lock carts")
}

func reopen(ctx context.Context, tx *sqldb.Tx, cartID string) error {
	const query = `UPDATE cart.carts SET status = 'open', updated_at = now() WHERE id = $1 AND status = 'checking_out'`

	_, err := tx.Exec(ctx, query, cartID)
	return wrap(err, "reopen cart %s", cartID)
}

func columns(closed []cart.ClosedCart) (carts, orders, references []string) {
	for _, c := range closed {
		carts = append(carts, c.CartID)
		orders = append(orders, c.OrderID)
		references = append(references, c.Reference)
	}
	return carts, orders, references
}
