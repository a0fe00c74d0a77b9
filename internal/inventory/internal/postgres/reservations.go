package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type reservationRow struct {
	ID         string    `db:"id"`
	Reference  string    `db:"reference"`
	SKU        string    `db:"sku"`
	LocationID string    `db:"location_id"`
	Quantity   int64     `db:"quantity"`
	State      string    `db:"state"`
	HoldUntil  time.Time `db:"hold_until"`
}

func (r reservationRow) reservation() inventory.Reservation {
	return inventory.Reservation{ID: r.ID, Reference: r.Reference, SKU: r.SKU, LocationID: r.LocationID,
		Quantity: r.Quantity, State: r.State, HoldUntil: r.HoldUntil.UTC()}
}

func selectReservations(ctx context.Context, q sqldb.Queryer, query string, arg any) ([]inventory.Reservation, error) {
	var rows []reservationRow
	if err := q.Select(ctx, &rows, query, arg); err != nil {
		return nil, wrap(err, "read reservations")
	}
	var found []inventory.Reservation
	for _, row := range rows {
		found = append(found, row.reservation())
	}
	return found, nil
}

func (h *Holds) reservations(ctx context.Context, reference string) ([]inventory.Reservation, error) {
	const query = `
		SELECT r.id, r.reference, r.sku, r.location_id, r.quantity, r.state, h.hold_until
		FROM inventory.reservations r
		JOIN inventory.holds h ON h.reference = r.reference
		WHERE r.reference = $1
		ORDER BY r.sku, r.location_id, r.id`

	return selectReservations(ctx, h.db, query, reference)
}

// Promised implements reserving.Tx.
func (tx *Tx) Promised(ctx context.Context, references []string) ([]inventory.Reservation, error) {
	const query = `
		SELECT r.id, r.reference, r.sku, r.location_id, r.quantity, r.state, h.hold_until
		FROM inventory.reservations r
		JOIN inventory.holds h ON h.reference = r.reference
		JOIN inventory.locations p ON p.id = r.location_id
		WHERE r.reference = ANY($1) AND r.state IN ('open', 'allocated')
		ORDER BY p.position, p.created_at, p.id, r.id`

	return selectReservations(ctx, tx.tx, query, references)
}

// GiveBack implements reserving.Tx.
func (tx *Tx) GiveBack(ctx context.Context, parts []stock.Part, state string) error {
	if len(parts) == 0 {
		return nil
	}
	skus := stock.SKUs(parts)
	if err := tx.LockItems(ctx, skus); err != nil {
		return err
	}
	if err := tx.settle(ctx, parts, state); err != nil {
		return err
	}
	if err := tx.changeLevels(ctx, stock.GiveBack(parts)); err != nil {
		return err
	}
	return tx.Announce(ctx, skus)
}

// Send implements reserving.Tx. What can be sold stays the same, so only the levels are locked.
func (tx *Tx) Send(ctx context.Context, shipmentID string, parts []stock.Part) error {
	if len(parts) == 0 {
		return nil
	}
	if err := tx.lockLevels(ctx, stock.SKUs(parts)); err != nil {
		return err
	}
	if err := tx.settle(ctx, parts, inventory.ReservationShipped); err != nil {
		return err
	}
	changes := stock.Send(parts)
	if err := tx.changeLevels(ctx, changes); err != nil {
		return err
	}
	return tx.recordShipment(ctx, shipmentID, changes)
}

// settle puts the parts into a state. A reservation of which only a part is meant becomes two.
func (tx *Tx) settle(ctx context.Context, parts []stock.Part, state string) error {
	const query = `
		WITH part AS (
			SELECT id, quantity FROM unnest($1::uuid[], $2::bigint[]) AS p (id, quantity)
		), whole AS (
			UPDATE inventory.reservations r SET state = $3, updated_at = now()
			FROM part p
			WHERE r.id = p.id AND r.quantity = p.quantity
		), cut AS (
			UPDATE inventory.reservations r SET quantity = r.quantity - p.quantity, updated_at = now()
			FROM part p
			WHERE r.id = p.id AND r.quantity > p.quantity
			RETURNING r.id, r.reference, r.sku, r.location_id, p.quantity
		)
		INSERT INTO inventory.reservations (id, reference, sku, location_id, quantity, state)
		SELECT inventory.numbered($4::uuid, row_number() OVER (ORDER BY id)), reference, sku, location_id, quantity, $3
		FROM cut`

	reservationIDs, quantities := make([]string, len(parts)), make([]int64, len(parts))
	for i, part := range parts {
		reservationIDs[i], quantities[i] = part.Reservation.ID, part.Quantity
	}
	_, err := tx.tx.Exec(ctx, query, reservationIDs, quantities, state, tx.newID())
	return wrap(err, "settle reservations")
}

// ShippedFrom implements reserving.Tx.
func (tx *Tx) ShippedFrom(ctx context.Context, shipmentID string) (locationID string, err error) {
	const query = `
		SELECT location_id FROM inventory.stock_movements
		WHERE reason = 'ship' AND source_id = $1
		GROUP BY location_id
		ORDER BY sum(delta), location_id
		LIMIT 1`

	err = tx.tx.Get(ctx, &locationID, query, shipmentID)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", nil
	}
	return locationID, wrap(err, "read shipment")
}

func (tx *Tx) recordShipment(ctx context.Context, shipmentID string, changes []stock.Change) error {
	const query = `
		INSERT INTO inventory.stock_movements (id, sku, location_id, reason, delta, source_id)
		SELECT inventory.numbered($1::uuid, n), sku, location_id, 'ship', delta, $2
		FROM unnest($3::text[], $4::uuid[], $5::bigint[]) WITH ORDINALITY AS m (sku, location_id, delta, n)`

	c := columns(changes)
	_, err := tx.tx.Exec(ctx, query, tx.newID(), shipmentID, c.skus, c.locationIDs, c.onHand)
	return wrap(err, "record shipment")
}
