// Package postgres keeps prices in schema pricing. Rows are only ever added or ended.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/cache"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/together"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/internal/quoting"
)

// behindAllIDs stands for the end of the page before the first one, in lists that go backwards.
const behindAllIDs = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// Store implements quoting.Store.
type Store struct {
	db     *sqldb.DB
	outbox *outbox.Outbox
	newID  func() string
	// current reads what every cart asks for all the time.
	current *together.Reader[asked, []pricing.Price]
	kept    *cache.Cache[asked, []pricing.Price]
	watch   *cache.Watch
}

// New makes a store. What is sold is kept in memory, as fresh as watch can tell.
func New(db *sqldb.DB, events *outbox.Outbox, newID func() string, watch *cache.Watch) *Store {
	s := &Store{db: db, outbox: events, newID: newID, kept: cache.New[asked, []pricing.Price](watch), watch: watch}
	s.current = together.NewReader(db, s.readCurrent)
	return s
}

type row struct {
	ID        string    `db:"id"`
	VariantID string    `db:"variant_id"`
	Currency  string    `db:"currency"`
	Amount    int64     `db:"amount"`
	CompareAt *int64    `db:"compare_at"`
	ChannelID string    `db:"channel_id"`
	Country   string    `db:"country"`
	CreatedAt time.Time `db:"created_at"`
}

func (r row) price() (pricing.Price, error) {
	amount, err := money.New(r.Amount, r.Currency)
	if err != nil {
		return pricing.Price{}, fmt.Errorf("read price %s: %w", r.ID, err)
	}
	p := pricing.Price{ID: r.ID, VariantID: r.VariantID, Amount: amount, ChannelID: r.ChannelID, Country: r.Country, CreatedAt: r.CreatedAt}
	if r.CompareAt == nil {
		return p, nil
	}
	compareAt, err := money.New(*r.CompareAt, r.Currency)
	if err != nil {
		return pricing.Price{}, fmt.Errorf("read price %s: %w", r.ID, err)
	}
	p.CompareAt = &compareAt
	return p, nil
}

func prices(rows []row) ([]pricing.Price, error) {
	list := make([]pricing.Price, len(rows))
	for i, r := range rows {
		p, err := r.price()
		if err != nil {
			return nil, err
		}
		list[i] = p
	}
	return list, nil
}

// asked is what a variant's prices are read for; no currency is every one.
type asked struct{ variantID, currency, channelID string }

// Current implements quoting.Store.
func (s *Store) Current(ctx context.Context, wanted quoting.Wanted) ([]pricing.Price, error) {
	var keys []asked
	for _, id := range namable(wanted.VariantIDs) {
		keys = append(keys, asked{id, wanted.Currency, wanted.ChannelID})
	}
	var kept *cache.Cache[asked, []pricing.Price]
	if wanted.MayRemember {
		kept = s.kept
	}
	found, err := kept.GetAll(ctx, keys, s.current.Get)
	return slices.Concat(found...), err
}

// readCurrent reads for many carts at once. An array behind a SELECT keeps PostgreSQL from planning anew for every array,
// and OFFSET 0 has it look up one variant after the other.
func (s *Store) readCurrent(ctx context.Context, keys []asked) (map[asked][]pricing.Price, error) {
	const query = `SELECT p.id, p.variant_id, p.currency, p.amount, p.compare_at, p.channel_id, p.country, p.created_at,
	wanted.currency AS asked_currency, wanted.channel_id AS asked_channel_id
FROM unnest((SELECT $1::uuid[]), (SELECT $2::text[]), (SELECT $3::text[])) AS wanted (variant_id, currency, channel_id)
CROSS JOIN LATERAL (SELECT id, variant_id, currency, amount, compare_at, channel_id, country, created_at
	FROM pricing.prices WHERE variant_id = wanted.variant_id AND channel_id IN ('', wanted.channel_id) AND superseded_at IS NULL
		AND (wanted.currency = '' OR currency = wanted.currency) OFFSET 0) p`
	var variantIDs, currencies, channelIDs []string
	for _, key := range keys {
		variantIDs, currencies, channelIDs = append(variantIDs, key.variantID), append(currencies, key.currency), append(channelIDs, key.channelID)
	}
	var rows []struct {
		row
		AskedCurrency  string `db:"asked_currency"`
		AskedChannelID string `db:"asked_channel_id"`
	}
	if err := s.db.Select(ctx, &rows, query, variantIDs, currencies, channelIDs); err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	found := make(map[asked][]pricing.Price, len(keys))
	for _, r := range rows {
		price, err := r.price()
		if err != nil {
			return nil, err
		}
		key := asked{r.VariantID, r.AskedCurrency, r.AskedChannelID}
		found[key] = append(found[key], price)
	}
	return found, nil
}

// namable answers each id once, and none that can name nothing, which PostgreSQL would refuse as a whole.
func namable(variantIDs []string) []string {
	valid := slices.DeleteFunc(slices.Clone(variantIDs), func(id string) bool { return !ids.Valid(id) })
	slices.Sort(valid)
	return slices.Compact(valid)
}

// Find implements quoting.Store.
func (s *Store) Find(ctx context.Context, id string) (pricing.Price, error) {
	const query = `SELECT id, variant_id, currency, amount, compare_at, channel_id, country, created_at
FROM pricing.prices WHERE id = $1 AND superseded_at IS NULL`
	var r row
	err := s.db.Get(ctx, &r, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return pricing.Price{}, pricing.ErrNotFound
	}
	if err != nil {
		return pricing.Price{}, fmt.Errorf("read price: %w", err)
	}
	return r.price()
}

// List implements quoting.Store. Ids sort by age, so the newest come first.
func (s *Store) List(ctx context.Context, f quoting.Filter) ([]pricing.Price, error) {
	const query = `SELECT id, variant_id, currency, amount, compare_at, channel_id, country, created_at
FROM pricing.prices WHERE superseded_at IS NULL AND id < $1`
	const page = ` ORDER BY id DESC LIMIT $2`
	after := cmp.Or(f.After, behindAllIDs)
	narrowed, args := narrow(f, query, after, f.Limit)
	var rows []row
	if err := s.db.Select(ctx, &rows, narrowed+page, args...); err != nil {
		return nil, fmt.Errorf("list prices: %w", err)
	}
	return prices(rows)
}

// Count implements quoting.Store.
func (s *Store) Count(ctx context.Context, f quoting.Filter) (int64, error) {
	const query = `SELECT count(*) FROM pricing.prices WHERE superseded_at IS NULL AND id < $1`
	narrowed, args := narrow(f, query, behindAllIDs)
	var count int64
	if err := s.db.Get(ctx, &count, narrowed, args...); err != nil {
		return 0, fmt.Errorf("count prices: %w", err)
	}
	return count, nil
}

// narrow appends a condition for each filter that is set.
func narrow(f quoting.Filter, query string, args ...any) (string, []any) {
	if f.VariantID != "" {
		args = append(args, f.VariantID)
		query += ` AND variant_id = $` + strconv.Itoa(len(args))
	}
	if f.Currency != "" {
		args = append(args, f.Currency)
		query += ` AND currency = $` + strconv.Itoa(len(args))
	}
	return query, args
}
