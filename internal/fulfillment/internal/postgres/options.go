// Package postgres keeps shipping options and shipments in schema fulfillment.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/delivering"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Store implements delivering.Store.
type Store struct {
	db     *sqldb.DB
	outbox *outbox.Outbox
	newID  func() string
}

// New makes a store.
func New(db *sqldb.DB, events *outbox.Outbox, newID func() string) *Store {
	return &Store{db: db, outbox: events, newID: newID}
}

type optionRow struct {
	ID         string         `db:"id"`
	Code       string         `db:"code"`
	Name       string         `db:"name"`
	Countries  pq.StringArray `db:"countries"`
	MinDays    *int64         `db:"min_days"`
	MaxDays    *int64         `db:"max_days"`
	TaxClass   string         `db:"tax_class"`
	Position   int64          `db:"position"`
	Active     bool           `db:"active"`
	Version    int            `db:"version"`
	CreatedAt  time.Time      `db:"created_at"`
	UpdatedAt  time.Time      `db:"updated_at"`
	Currencies pq.StringArray `db:"currencies"`
	Amounts    pq.Int64Array  `db:"amounts"`
}

func (r optionRow) option() (delivering.Option, error) {
	option := delivering.Option{ID: r.ID, Code: r.Code, Name: r.Name, Countries: r.Countries, MinDays: r.MinDays, MaxDays: r.MaxDays,
		TaxClass: r.TaxClass, Position: r.Position, Active: r.Active, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	for i, currency := range r.Currencies {
		price, err := money.New(r.Amounts[i], currency)
		if err != nil {
			return delivering.Option{}, fmt.Errorf("read price of shipping option %s: %w", r.ID, err)
		}
		option.Prices = append(option.Prices, price)
	}
	return option, nil
}

// ActiveOptions implements delivering.Store.
func (s *Store) ActiveOptions(ctx context.Context) ([]delivering.Option, error) {
	const query = `SELECT o.id, o.code, o.name, o.countries, o.min_days, o.max_days, o.tax_class, o.position, o.active, o.version,
	o.created_at, o.updated_at, coalesce(p.currencies, '{}') AS currencies, coalesce(p.amounts, '{}') AS amounts
FROM fulfillment.options o
LEFT JOIN LATERAL (SELECT array_agg(currency::text ORDER BY currency) AS currencies, array_agg(amount ORDER BY currency) AS amounts
	FROM fulfillment.option_prices WHERE option_id = o.id) p ON true
WHERE o.active ORDER BY o.position, o.id`
	return s.options(ctx, query)
}

// ListOptions implements delivering.Store. Ids sort by age, so the newest come first.
func (s *Store) ListOptions(ctx context.Context, after string, limit int) ([]delivering.Option, error) {
	const query = `SELECT o.id, o.code, o.name, o.countries, o.min_days, o.max_days, o.tax_class, o.position, o.active, o.version,
	o.created_at, o.updated_at, coalesce(p.currencies, '{}') AS currencies, coalesce(p.amounts, '{}') AS amounts
FROM fulfillment.options o
LEFT JOIN LATERAL (SELECT array_agg(currency::text ORDER BY currency) AS currencies, array_agg(amount ORDER BY currency) AS amounts
	FROM fulfillment.option_prices WHERE option_id = o.id) p ON true
WHERE ($1 = '' OR o.id < nullif($1, '')::uuid) ORDER BY o.id DESC LIMIT $2`
	return s.options(ctx, query, after, limit)
}

func (s *Store) options(ctx context.Context, query string, args ...any) ([]delivering.Option, error) {
	var rows []optionRow
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("list shipping options: %w", err)
	}
	list := make([]delivering.Option, len(rows))
	for i, r := range rows {
		option, err := r.option()
		if err != nil {
			return nil, err
		}
		list[i] = option
	}
	return list, nil
}

// CountOptions implements delivering.Store.
func (s *Store) CountOptions(ctx context.Context) (int64, error) {
	const query = `SELECT count(*) FROM fulfillment.options`
	var count int64
	if err := s.db.Get(ctx, &count, query); err != nil {
		return 0, fmt.Errorf("count shipping options: %w", err)
	}
	return count, nil
}

// FindOption implements delivering.Store.
func (s *Store) FindOption(ctx context.Context, id string) (delivering.Option, error) {
	return find(ctx, s.db, id)
}

func find(ctx context.Context, q sqldb.Queryer, id string) (delivering.Option, error) {
	const query = `SELECT o.id, o.code, o.name, o.countries, o.min_days, o.max_days, o.tax_class, o.position, o.active, o.version,
	o.created_at, o.updated_at, coalesce(p.currencies, '{}') AS currencies, coalesce(p.amounts, '{}') AS amounts
FROM fulfillment.options o
LEFT JOIN LATERAL (SELECT array_agg(currency::text ORDER BY currency) AS currencies, array_agg(amount ORDER BY currency) AS amounts
	FROM fulfillment.option_prices WHERE option_id = o.id) p ON true
WHERE o.id = $1`
	var r optionRow
	err := q.Get(ctx, &r, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return delivering.Option{}, fulfillment.ErrNotFound
	}
	if err != nil {
		return delivering.Option{}, fmt.Errorf("read shipping option: %w", err)
	}
	return r.option()
}

// InsertOption implements delivering.Store.
func (s *Store) InsertOption(ctx context.Context, o delivering.Option) (delivering.Option, error) {
	const query = `INSERT INTO fulfillment.options (id, code, name, countries, min_days, max_days, tax_class, position, active)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`
	return s.write(ctx, o, query, s.newID(), o.Code, o.Name, sqldb.NotNull(o.Countries), o.MinDays, o.MaxDays, o.TaxClass, o.Position, o.Active)
}

// UpsertOption implements delivering.Store.
func (s *Store) UpsertOption(ctx context.Context, o delivering.Option) (delivering.Option, error) {
	const query = `INSERT INTO fulfillment.options (id, code, name, countries, min_days, max_days, tax_class, position, active)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT ON CONSTRAINT options_code_key DO UPDATE SET name = excluded.name, countries = excluded.countries,
	min_days = excluded.min_days, max_days = excluded.max_days, tax_class = excluded.tax_class, position = excluded.position,
	active = excluded.active, version = options.version + 1, updated_at = now()
RETURNING id`
	return s.write(ctx, o, query, s.newID(), o.Code, o.Name, sqldb.NotNull(o.Countries), o.MinDays, o.MaxDays, o.TaxClass, o.Position, o.Active)
}

// UpdateOption implements delivering.Store.
func (s *Store) UpdateOption(ctx context.Context, o delivering.Option) (delivering.Option, error) {
	const query = `UPDATE fulfillment.options SET name = $3, countries = $4, min_days = $5, max_days = $6, tax_class = $7, position = $8,
	active = $9, version = version + 1, updated_at = now()
WHERE id = $1 AND version = $2 RETURNING id`
	return s.write(ctx, o, query, o.ID, o.Version, o.Name, sqldb.NotNull(o.Countries), o.MinDays, o.MaxDays, o.TaxClass, o.Position, o.Active)
}

// write runs a statement that answers the option's id, and makes its prices the option's.
func (s *Store) write(ctx context.Context, o delivering.Option, query string, args ...any) (delivering.Option, error) {
	var written delivering.Option
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var id string
		err := tx.Get(ctx, &id, query, args...)
		if errors.Is(err, sqldb.ErrNoRows) {
			return unmet(ctx, tx, o.ID)
		}
		if err != nil {
			return err
		}
		if err := replacePrices(ctx, tx, id, o.Prices); err != nil {
			return err
		}
		written, err = find(ctx, tx, id)
		return err
	})
	if sqldb.Violates(err, "options_code_key") {
		return delivering.Option{}, fulfillment.ErrCodeTaken
	}
	if err != nil {
		return delivering.Option{}, fmt.Errorf("write shipping option: %w", err)
	}
	return written, nil
}

// unmet tells why an update met no option: it is another version, or it is not there.
func unmet(ctx context.Context, tx *sqldb.Tx, id string) error {
	if _, err := find(ctx, tx, id); err != nil {
		return err
	}
	return fulfillment.ErrVersionMismatch
}

func replacePrices(ctx context.Context, tx *sqldb.Tx, id string, prices []money.Money) error {
	const remove = `DELETE FROM fulfillment.option_prices WHERE option_id = $1`
	if _, err := tx.Exec(ctx, remove, id); err != nil {
		return err
	}
	currencies, amounts := make([]string, len(prices)), make([]int64, len(prices))
	for i, price := range prices {
		currencies[i], amounts[i] = price.Currency(), price.Minor()
	}
	const insert = `INSERT INTO fulfillment.option_prices (option_id, currency, amount)
SELECT $1, p.currency, p.amount FROM unnest($2::text[], $3::bigint[]) AS p (currency, amount)`
	_, err := tx.Exec(ctx, insert, id, currencies, amounts)
	return err
}

// DeleteOption implements delivering.Store.
func (s *Store) DeleteOption(ctx context.Context, id string) error {
	const query = `DELETE FROM fulfillment.options WHERE id = $1`
	deleted, err := s.db.Exec(ctx, query, id)
	if err != nil {
		return fmt.Errorf("delete shipping option: %w", err)
	}
	if deleted == 0 {
		return fulfillment.ErrNotFound
	}
	return nil
}
