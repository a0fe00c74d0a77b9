package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type locationRow struct {
	ID        string    `db:"id"`
	Code      string    `db:"code"`
	Name      string    `db:"name"`
	Country   string    `db:"country"`
	Position  int       `db:"position"`
	Active    bool      `db:"active"`
	Version   int       `db:"version"`
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

func (r locationRow) location() counting.Location {
	return counting.Location{
		Location: inventory.Location{ID: r.ID, Code: r.Code, Name: r.Name, Country: r.Country, Position: r.Position,
			Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt},
		Active: r.Active,
	}
}

func oneLocation(ctx context.Context, q sqldb.Queryer, query string, args ...any) (counting.Location, error) {
	var row locationRow
	err := q.Get(ctx, &row, query, args...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return counting.Location{}, inventory.ErrNotFound
	}
	return row.location(), wrap(err, "read location")
}

// Location answers one location. Errors: inventory.ErrNotFound.
func (s *Stock) Location(ctx context.Context, id string) (counting.Location, error) {
	const query = `
		SELECT id, code, name, country, position, active, version, created_at, updated_at
		FROM inventory.locations
		WHERE id = $1`

	return oneLocation(ctx, s.db, query, id)
}

// Locations answers a page, newest first; a zero after starts at the newest.
func (s *Stock) Locations(ctx context.Context, after counting.NewestFirst, limit int) ([]counting.Location, error) {
	const query = `
		SELECT id, code, name, country, position, active, version, created_at, updated_at
		FROM inventory.locations
		WHERE $1 = '' OR (created_at, id) < ($2, nullif($1, '')::uuid)
		ORDER BY created_at DESC, id DESC
		LIMIT $3`

	var rows []locationRow
	if err := s.db.Select(ctx, &rows, query, after.ID, after.CreatedAt, limit); err != nil {
		return nil, wrap(err, "list locations")
	}
	found := make([]counting.Location, len(rows))
	for i, row := range rows {
		found[i] = row.location()
	}
	return found, nil
}

// CountLocations counts the pages' items.
func (s *Stock) CountLocations(ctx context.Context) (count int64, err error) {
	const query = `SELECT count(*) FROM inventory.locations`

	err = s.db.Get(ctx, &count, query)
	return count, wrap(err, "count locations")
}

// SaveLocation implements counting.Store.
func (s *Stock) SaveLocation(ctx context.Context, id string, req inventory.SaveLocationRequest) (inventory.Location, error) {
	const query = `
		INSERT INTO inventory.locations AS p (id, code, name, country, position) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, country = excluded.country, position = excluded.position,
			version = p.version + ((p.name, p.country, p.position) <> (excluded.name, excluded.country, excluded.position))::integer,
			updated_at = CASE WHEN (p.name, p.country, p.position) = (excluded.name, excluded.country, excluded.position)
				THEN p.updated_at ELSE now() END
		RETURNING id, code, name, country, position, active, version, created_at, updated_at`

	saved, err := oneLocation(ctx, s.db, query, id, req.Code, req.Name, req.Country, req.Position)
	return saved.Location, err
}

// InsertLocation implements counting.Store.
func (s *Stock) InsertLocation(ctx context.Context, l counting.Location) (counting.Location, error) {
	const query = `
		INSERT INTO inventory.locations (id, code, name, country, position, active) VALUES ($1, $2, $3, $4, $5, $6)
		RETURNING id, code, name, country, position, active, version, created_at, updated_at`

	var saved counting.Location
	err := s.db.Write(ctx, func(q sqldb.Queryer) (err error) {
		saved, err = oneLocation(ctx, q, query, l.ID, l.Code, l.Name, l.Country, l.Position, l.Active)
		return err
	})
	if sqldb.Violates(err, "locations_code_unique") {
		return counting.Location{}, inventory.ErrCodeTaken.Wrap(err)
	}
	return saved, err
}

// LockLocation implements counting.Tx.
func (tx *Tx) LockLocation(ctx context.Context, id string) (counting.Location, error) {
	const query = `
		SELECT id, code, name, country, position, active, version, created_at, updated_at
		FROM inventory.locations
		WHERE id = $1
		FOR NO KEY UPDATE`

	return oneLocation(ctx, tx.tx, query, id)
}

// UpdateLocation implements counting.Tx.
func (tx *Tx) UpdateLocation(ctx context.Context, l counting.Location) (counting.Location, error) {
	const query = `
		UPDATE inventory.locations SET name = $2, country = $3, position = $4, active = $5, version = version + 1, updated_at = now()
		WHERE id = $1
		RETURNING id, code, name, country, position, active, version, created_at, updated_at`

	return oneLocation(ctx, tx.tx, query, l.ID, l.Name, l.Country, l.Position, l.Active)
}

// ShareLocation implements counting.Tx. The lock is shared, so that adjustments at one location do not wait for each other.
func (tx *Tx) ShareLocation(ctx context.Context, id string) (locationID string, err error) {
	const query = `
		SELECT id FROM inventory.locations
		WHERE active AND ($1 = '' OR id = nullif($1, '')::uuid)
		ORDER BY position, created_at, id
		LIMIT 1
		FOR SHARE`

	if id != "" && !ids.Valid(id) {
		return "", inventory.ErrUnknownLocation
	}
	err = tx.tx.Get(ctx, &locationID, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return "", inventory.ErrUnknownLocation
	}
	return locationID, wrap(err, "lock location")
}
