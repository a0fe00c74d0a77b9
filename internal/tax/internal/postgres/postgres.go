// Package postgres keeps tax rates in schema tax.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/internal/rates"
)

// Store implements rates.Store.
type Store struct {
	db    *sqldb.DB
	newID func() string
}

// New makes a store.
func New(db *sqldb.DB, newID func() string) *Store { return &Store{db: db, newID: newID} }

type row struct {
	ID                string    `db:"id"`
	Name              string    `db:"name"`
	Country           string    `db:"country"`
	Region            string    `db:"region"`
	TaxClass          string    `db:"tax_class"`
	Rate              string    `db:"rate"`
	AppliesToShipping bool      `db:"applies_to_shipping"`
	CreatedAt         time.Time `db:"created_at"`
}

func (r row) rate() (rates.Rate, error) {
	percent, err := money.ParsePercent(r.Rate)
	if err != nil {
		return rates.Rate{}, fmt.Errorf("read tax rate %s: %w", r.ID, err)
	}
	return rates.Rate{ID: r.ID, Name: r.Name, Country: r.Country, Region: r.Region, TaxClass: r.TaxClass,
		Percent: percent, AppliesToShipping: r.AppliesToShipping, CreatedAt: r.CreatedAt}, nil
}

// In implements rates.Store.
func (s *Store) In(ctx context.Context, country string) ([]rates.Rate, error) {
	const query = `SELECT id, name, country, region, tax_class, rate, applies_to_shipping, created_at
FROM tax.rates WHERE country = $1`
	return s.list(ctx, query, country)
}

// List implements rates.Store. Ids sort by age, so the newest come first.
func (s *Store) List(ctx context.Context, filter rates.Filter) ([]rates.Rate, error) {
	const query = `SELECT id, name, country, region, tax_class, rate, applies_to_shipping, created_at
FROM tax.rates
WHERE ($1 = '' OR country = $1) AND ($2 = '' OR id < nullif($2, '')::uuid)
ORDER BY id DESC LIMIT $3`
	return s.list(ctx, query, filter.Country, filter.After, filter.Limit)
}

func (s *Store) list(ctx context.Context, query string, args ...any) ([]rates.Rate, error) {
	var rows []row
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("list tax rates: %w", err)
	}
	list := make([]rates.Rate, len(rows))
	for i, r := range rows {
		rate, err := r.rate()
		if err != nil {
			return nil, err
		}
		list[i] = rate
	}
	return list, nil
}

// Count implements rates.Store.
func (s *Store) Count(ctx context.Context, filter rates.Filter) (int64, error) {
	const query = `SELECT count(*) FROM tax.rates WHERE ($1 = '' OR country = $1)`
	var count int64
	if err := s.db.Get(ctx, &count, query, filter.Country); err != nil {
		return 0, fmt.Errorf("count tax rates: %w", err)
	}
	return count, nil
}

// Find implements rates.Store.
func (s *Store) Find(ctx context.Context, id string) (rates.Rate, error) {
	const query = `SELECT id, name, country, region, tax_class, rate, applies_to_shipping, created_at
FROM tax.rates WHERE id = $1`
	return one(ctx, s.db, "read tax rate", query, id)
}

// Insert implements rates.Store.
func (s *Store) Insert(ctx context.Context, rate rates.Rate) (rates.Rate, error) {
	const query = `INSERT INTO tax.rates (id, name, country, region, tax_class, rate, applies_to_shipping)
VALUES ($1, $2, $3, $4, $5, $6::numeric, $7)
RETURNING id, name, country, region, tax_class, rate, applies_to_shipping, created_at`
	return s.write(ctx, query, rate)
}

// Upsert implements rates.Store.
func (s *Store) Upsert(ctx context.Context, rate rates.Rate) (rates.Rate, error) {
	const query = `INSERT INTO tax.rates (id, name, country, region, tax_class, rate, applies_to_shipping)
VALUES ($1, $2, $3, $4, $5, $6::numeric, $7)
ON CONFLICT ON CONSTRAINT rates_one_per_place_and_class DO UPDATE
SET name = excluded.name, rate = excluded.rate, applies_to_shipping = excluded.applies_to_shipping
RETURNING id, name, country, region, tax_class, rate, applies_to_shipping, created_at`
	return s.write(ctx, query, rate)
}

func (s *Store) write(ctx context.Context, query string, rate rates.Rate) (rates.Rate, error) {
	var saved rates.Rate
	err := s.db.Write(ctx, func(q sqldb.Queryer) (err error) {
		saved, err = one(ctx, q, "write tax rate", query, s.newID(), rate.Name, rate.Country, rate.Region, rate.TaxClass,
			rate.Percent.String(), rate.AppliesToShipping)
		return err
	})
	if sqldb.Violates(err, "rates_one_per_place_and_class") {
		return rates.Rate{}, tax.ErrRateTaken
	}
	return saved, err
}

func one(ctx context.Context, q sqldb.Queryer, doing, query string, args ...any) (rates.Rate, error) {
	var r row
	err := q.Get(ctx, &r, query, args...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return rates.Rate{}, tax.ErrNotFound
	}
	if err != nil {
		return rates.Rate{}, fmt.Errorf("%s: %w", doing, err)
	}
	return r.rate()
}

// Delete implements rates.Store.
func (s *Store) Delete(ctx context.Context, id string) error {
	const query = `DELETE FROM tax.rates WHERE id = $1`
	deleted, err := s.db.Exec(ctx, query, id)
	if err != nil {
		return fmt.Errorf("delete tax rate: %w", err)
	}
	if deleted == 0 {
		return tax.ErrNotFound
	}
	return nil
}
