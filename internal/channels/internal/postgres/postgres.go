// Package postgres keeps channels in schema channels.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

const aggregate = "channel"

// Store implements selling.Store.
type Store struct {
	db     *sqldb.DB
	outbox *outbox.Outbox
	newID  func() string
}

// New makes a store.
func New(db *sqldb.DB, events *outbox.Outbox, newID func() string) *Store {
	return &Store{db: db, outbox: events, newID: newID}
}

type row struct {
	ID                      string         `db:"id"`
	Code                    string         `db:"code"`
	Name                    string         `db:"name"`
	Currencies              pq.StringArray `db:"currencies"`
	DefaultCurrency         string         `db:"default_currency"`
	Locales                 pq.StringArray `db:"locales"`
	DefaultLocale           string         `db:"default_locale"`
	Countries               pq.StringArray `db:"countries"`
	TaxIncluded             bool           `db:"tax_included"`
	CheckoutDeadlineMinutes int            `db:"checkout_deadline_minutes"`
	PaymentCapture          string         `db:"payment_capture"`
	Origins                 pq.StringArray `db:"origins"`
	IsDefault               bool           `db:"is_default"`
	PublishableKey          string         `db:"publishable_key"`
	Version                 int            `db:"version"`
	EventSeq                int64          `db:"event_seq"`
	CreatedAt               time.Time      `db:"created_at"`
	UpdatedAt               time.Time      `db:"updated_at"`
}

func (r row) channel() channels.Channel {
	return channels.Channel{ID: r.ID, Code: r.Code, Name: r.Name, Currencies: r.Currencies, DefaultCurrency: r.DefaultCurrency,
		Locales: r.Locales, DefaultLocale: r.DefaultLocale, Countries: r.Countries, TaxIncluded: r.TaxIncluded,
		CheckoutDeadlineMinutes: r.CheckoutDeadlineMinutes, PaymentCapture: r.PaymentCapture, Origins: r.Origins,
		IsDefault: r.IsDefault, PublishableKey: r.PublishableKey, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
}

// Match implements selling.Store.
func (s *Store) Match(ctx context.Context, code, key string) (channels.Channel, error) {
	const query = `SELECT id, code, name, currencies, default_currency, locales, default_locale, countries, tax_included,
	checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, version, event_seq, created_at, updated_at
FROM channels.channels
WHERE CASE WHEN $1 <> '' THEN code = $1 WHEN $2 <> '' THEN publishable_key = $2 ELSE is_default END`
	return one(ctx, s.db, channels.ErrUnknownChannel, query, code, key)
}

// Find implements selling.Store.
func (s *Store) Find(ctx context.Context, id string) (channels.Channel, error) {
	return find(ctx, s.db, id)
}

func find(ctx context.Context, q sqldb.Queryer, id string) (channels.Channel, error) {
	const query = `SELECT id, code, name, currencies, default_currency, locales, default_locale, countries, tax_included,
	checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, version, event_seq, created_at, updated_at
FROM channels.channels WHERE id = $1`
	if !ids.Valid(id) { // PostgreSQL would refuse it as a mistake.
		return channels.Channel{}, channels.ErrNotFound
	}
	return one(ctx, q, channels.ErrNotFound, query, id)
}

func one(ctx context.Context, q sqldb.Queryer, absent error, query string, args ...any) (channels.Channel, error) {
	var r row
	err := q.Get(ctx, &r, query, args...)
	if errors.Is(err, sqldb.ErrNoRows) {
		return channels.Channel{}, absent
	}
	if err != nil {
		return channels.Channel{}, fmt.Errorf("read channel: %w", err)
	}
	return r.channel(), nil
}

// List implements selling.Store.
func (s *Store) List(ctx context.Context) ([]channels.Channel, error) {
	const query = `SELECT id, code, name, currencies, default_currency, locales, default_locale, countries, tax_included,
	checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, version, event_seq, created_at, updated_at
FROM channels.channels ORDER BY is_default DESC, code`
	var rows []row
	if err := s.db.Select(ctx, &rows, query); err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	list := make([]channels.Channel, len(rows))
	for i, r := range rows {
		list[i] = r.channel()
	}
	return list, nil
}

// Insert implements selling.Store.
func (s *Store) Insert(ctx context.Context, c channels.Channel) (channels.Channel, error) {
	const query = `INSERT INTO channels.channels (id, code, name, currencies, default_currency, locales, default_locale, countries,
	tax_included, checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, event_seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)
RETURNING id, code, name, currencies, default_currency, locales, default_locale, countries, tax_included,
	checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, version, event_seq, created_at, updated_at`
	return s.write(ctx, c, query, s.newID(), c.Code, c.Name, c.Currencies, c.DefaultCurrency, c.Locales, c.DefaultLocale,
		sqldb.NotNull(c.Countries), c.TaxIncluded, c.CheckoutDeadlineMinutes, c.PaymentCapture, sqldb.NotNull(c.Origins), c.IsDefault, c.PublishableKey)
}

// Update implements selling.Store. A default channel stays the default until another becomes it.
func (s *Store) Update(ctx context.Context, c channels.Channel) (channels.Channel, error) {
	const query = `UPDATE channels.channels SET name = $3, currencies = $4, default_currency = $5, locales = $6, default_locale = $7,
	countries = $8, tax_included = $9, checkout_deadline_minutes = $10, payment_capture = $11, origins = $12,
	is_default = is_default OR $13, version = version + 1, event_seq = event_seq + 1, updated_at = now()
WHERE id = $1 AND version = $2
RETURNING id, code, name, currencies, default_currency, locales, default_locale, countries, tax_included,
	checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, version, event_seq, created_at, updated_at`
	if !ids.Valid(c.ID) {
		return channels.Channel{}, channels.ErrNotFound
	}
	return s.write(ctx, c, query, c.ID, c.Version, c.Name, c.Currencies, c.DefaultCurrency, c.Locales, c.DefaultLocale,
		sqldb.NotNull(c.Countries), c.TaxIncluded, c.CheckoutDeadlineMinutes, c.PaymentCapture, sqldb.NotNull(c.Origins), c.IsDefault)
}

func (s *Store) write(ctx context.Context, c channels.Channel, query string, args ...any) (channels.Channel, error) {
	var written row
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if c.IsDefault {
			if err := s.endDefault(ctx, tx, c.ID); err != nil {
				return err
			}
		}
		err := tx.Get(ctx, &written, query, args...)
		if errors.Is(err, sqldb.ErrNoRows) {
			return unmet(ctx, tx, c.ID)
		}
		if err != nil {
			return err
		}
		return s.announce(ctx, tx, written)
	})
	if sqldb.Violates(err, "channels_code_key") {
		return channels.Channel{}, channels.ErrCodeTaken
	}
	if err != nil {
		return channels.Channel{}, fmt.Errorf("write channel: %w", err)
	}
	return written.channel(), nil
}

// unmet tells why an update met no channel: it is another version, or it is not there.
func unmet(ctx context.Context, tx *sqldb.Tx, id string) error {
	if _, err := find(ctx, tx, id); err != nil {
		return err
	}
	return channels.ErrVersionMismatch
}

// endDefault makes room for a new default channel: an index allows only one. All channels are locked first, in one
// order, so that of two successors the second sees the first.
func (s *Store) endDefault(ctx context.Context, tx *sqldb.Tx, successor string) error {
	const lock = `SELECT id FROM channels.channels ORDER BY id FOR NO KEY UPDATE`
	if _, err := tx.Exec(ctx, lock); err != nil {
		return err
	}
	const query = `UPDATE channels.channels SET is_default = false, version = version + 1, event_seq = event_seq + 1, updated_at = now()
WHERE is_default AND id <> coalesce(nullif($1, '')::uuid, '00000000-0000-0000-0000-000000000000')
RETURNING id, code, name, currencies, default_currency, locales, default_locale, countries, tax_included,
	checkout_deadline_minutes, payment_capture, origins, is_default, publishable_key, version, event_seq, created_at, updated_at`
	var ended []row
	if err := tx.Select(ctx, &ended, query, successor); err != nil {
		return err
	}
	for _, r := range ended {
		if err := s.announce(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) announce(ctx context.Context, tx *sqldb.Tx, r row) error {
	return s.outbox.Append(ctx, tx, outbox.Record{AggregateType: aggregate, AggregateID: r.ID, Seq: r.EventSeq,
		Event: channels.ChannelChanged{ChannelID: r.ID, Code: r.Code}})
}
