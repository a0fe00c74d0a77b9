package postgres

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
)

// Levels answers a page of levels by SKU and location.
func (s *Stock) Levels(ctx context.Context, f counting.LevelFilter) ([]inventory.Level, error) {
	const query = `
		SELECT l.sku, coalesce(i.variant_id::text, '') AS variant_id, l.location_id, l.on_hand, l.reserved, l.allocated, l.incoming,
			l.on_hand + l.backorder_limit - l.reserved - l.allocated AS available
		FROM inventory.stock_levels l
		JOIN inventory.stock_items i ON i.sku = l.sku
		WHERE ($1 = '' OR l.sku = $1) AND ($2 = '' OR l.location_id = nullif($2, '')::uuid)
			AND ($4 = '' OR (l.sku, l.location_id) > ($3, nullif($4, '')::uuid))
		ORDER BY l.sku, l.location_id
		LIMIT $5`

	var rows []levelRow
	if err := s.db.Select(ctx, &rows, query, f.SKU, f.LocationID, f.AfterSKU, f.AfterLocationID, f.Limit); err != nil {
		return nil, wrap(err, "list levels")
	}
	found := make([]inventory.Level, len(rows))
	for i, row := range rows {
		found[i] = inventory.Level(row)
	}
	return found, nil
}

// CountLevels counts the pages' items.
func (s *Stock) CountLevels(ctx context.Context, f counting.LevelFilter) (count int64, err error) {
	const query = `
		SELECT count(*) FROM inventory.stock_levels
		WHERE ($1 = '' OR sku = $1) AND ($2 = '' OR location_id = nullif($2, '')::uuid)`

	err = s.db.Get(ctx, &count, query, f.SKU, f.LocationID)
	return count, wrap(err, "count levels")
}

// Reservations answers a page of reservations, newest first.
func (s *Stock) Reservations(ctx context.Context, f counting.ReservationFilter) ([]counting.Reservation, error) {
	const query = `
		SELECT r.id, r.reference, r.sku, r.location_id, r.quantity, r.state, h.hold_until, r.created_at, r.updated_at
		FROM inventory.reservations r
		JOIN inventory.holds h ON h.reference = r.reference
		WHERE ($1 = '' OR r.reference = $1) AND ($2 = '' OR r.sku = $2) AND ($3 = '' OR r.state = $3)
			AND ($4 = '' OR r.id < nullif($4, '')::uuid)
		ORDER BY r.id DESC
		LIMIT $5`

	var rows []struct {
		reservationRow
		CreatedAt time.Time `db:"created_at"`
		UpdatedAt time.Time `db:"updated_at"`
	}
	if err := s.db.Select(ctx, &rows, query, f.Reference, f.SKU, f.State, f.BeforeID, f.Limit); err != nil {
		return nil, wrap(err, "list reservations")
	}
	found := make([]counting.Reservation, len(rows))
	for i, row := range rows {
		found[i] = counting.Reservation{Reservation: row.reservation(), CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	}
	return found, nil
}

// CountReservations counts the pages' items.
func (s *Stock) CountReservations(ctx context.Context, f counting.ReservationFilter) (count int64, err error) {
	const query = `
		SELECT count(*) FROM inventory.reservations
		WHERE ($1 = '' OR reference = $1) AND ($2 = '' OR sku = $2) AND ($3 = '' OR state = $3)`

	err = s.db.Get(ctx, &count, query, f.Reference, f.SKU, f.State)
	return count, wrap(err, "count reservations")
}
