package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/storefront"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/browsing"
)

// unavailable is told of a variant whose stock is not known yet.
const unavailable = "out_of_stock"

type itemRow struct {
	ProductID string `db:"product_id"`
	Body      string `db:"body"`
	SortKey   string `db:"sort_key"`
}

// Find implements browsing.Store.
func (s *Store) Find(ctx context.Context, view browsing.View, id, handle string) (browsing.Item, error) {
	const byID = `SELECT product_id, body::text AS body, '' AS sort_key FROM storefront.documents
WHERE product_id = $1::uuid AND channel_id = $2 AND locale = $3`
	const byHandle = `SELECT product_id, body::text AS body, '' AS sort_key FROM storefront.documents
WHERE handle = $1 AND channel_id = $2 AND locale = $3 ORDER BY product_id LIMIT 1`
	query, key := byHandle, handle
	if id != "" {
		query, key = byID, id
	}
	var row itemRow
	err := s.reads.Get(ctx, &row, query, key, view.ChannelID, view.Locale)
	if errors.Is(err, sqldb.ErrNoRows) {
		return browsing.Item{}, storefront.ErrNotFound
	}
	if err != nil {
		return browsing.Item{}, fmt.Errorf("read product: %w", err)
	}
	items, err := s.items(ctx, view, []itemRow{row})
	if err != nil {
		return browsing.Item{}, err
	}
	return items[0], nil
}

// items adds prices and availability to documents.
func (s *Store) items(ctx context.Context, view browsing.View, rows []itemRow) ([]browsing.Item, error) {
	productIDs := make([]string, len(rows))
	for i, row := range rows {
		productIDs[i] = row.ProductID
	}
	variants, err := s.variants(ctx, view, productIDs)
	if err != nil {
		return nil, err
	}
	items := make([]browsing.Item, len(rows))
	for i, row := range rows {
		items[i].SortKey = row.SortKey
		if err := json.Unmarshal([]byte(row.Body), &items[i].Body); err != nil {
			return nil, fmt.Errorf("read document of %s: %w", row.ProductID, err)
		}
		for _, v := range items[i].Body.Variants {
			variant, known := variants[v.ID]
			if !known {
				variant.Availability = unavailable
			}
			items[i].Variants = append(items[i].Variants, variant)
		}
	}
	return items, nil
}

// variants answers what the variants of products cost in a view, the price of the country first, and their availability.
func (s *Store) variants(ctx context.Context, view browsing.View, productIDs []string) (map[string]browsing.Variant, error) {
	const query = `SELECT DISTINCT ON (v.variant_id) v.variant_id, v.availability, o.amount, o.compare_at
FROM storefront.variants v
LEFT JOIN storefront.offers o ON o.product_id = v.product_id AND o.variant_id = v.variant_id AND o.channel_id = $2
	AND o.currency = $3 AND o.country IN ('', $4)
WHERE v.product_id = ANY ($1::uuid[])
ORDER BY v.variant_id, o.country DESC`
	var rows []struct {
		VariantID    string `db:"variant_id"`
		Availability string `db:"availability"`
		Amount       *int64 `db:"amount"`
		CompareAt    *int64 `db:"compare_at"`
	}
	if err := s.reads.Select(ctx, &rows, query, productIDs, view.ChannelID, view.Currency, view.Country); err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	variants := make(map[string]browsing.Variant, len(rows))
	for _, r := range rows {
		price, err := amount(r.Amount, view.Currency)
		if err != nil {
			return nil, err
		}
		compareAt, err := amount(r.CompareAt, view.Currency)
		if err != nil {
			return nil, err
		}
		variants[r.VariantID] = browsing.Variant{Price: price, CompareAt: compareAt, Availability: r.Availability}
	}
	return variants, nil
}

func amount(minor *int64, currency string) (*money.Money, error) {
	if minor == nil {
		return nil, nil
	}
	m, err := money.New(*minor, currency)
	if err != nil {
		return nil, fmt.Errorf("read offer: %w", err)
	}
	return &m, nil
}

// listing joins each document with the range of its prices in the view; $1 to $4 are the view.
const listing = `
FROM storefront.documents d
LEFT JOIN LATERAL (
	SELECT min(p.amount) AS low, max(p.amount) AS high, bool_or(p.availability <> 'out_of_stock') AS buyable
	FROM (
		SELECT DISTINCT ON (o.variant_id) o.amount, coalesce(v.availability, 'out_of_stock') AS availability
		FROM storefront.offers o
		LEFT JOIN storefront.variants v ON v.product_id = o.product_id AND v.variant_id = o.variant_id
		WHERE o.product_id = d.product_id AND o.channel_id = d.channel_id AND o.currency = $3 AND o.country IN ('', $4)
		ORDER BY o.variant_id, o.country DESC
	) p
) r ON true
WHERE d.channel_id = $1 AND d.locale = $2`

// selection is the part of a query behind SELECT, with its arguments.
type selection struct {
	text string
	args []any
	// words is the search, as SQL; empty when nothing is searched for.
	words string
}

// and appends a condition; each ? in it is the value, as a numbered argument.
func (s *selection) and(condition string, value any) {
	s.args = append(s.args, value)
	s.text += "\n\tAND " + strings.ReplaceAll(condition, "?", fmt.Sprintf("$%d", len(s.args)))
}

func selectionOf(view browsing.View, f browsing.Filter) *selection {
	s := &selection{text: listing, args: []any{view.ChannelID, view.Locale, view.Currency, view.Country}}
	if len(f.Categories) > 0 {
		s.and("d.categories && ?::text[]", f.Categories)
	}
	if len(f.Collections) > 0 {
		s.and("d.collections && ?::text[]", f.Collections)
	}
	if len(f.Vendors) > 0 {
		s.and("d.vendor = ANY (?::text[])", f.Vendors)
	}
	if len(f.Tags) > 0 {
		s.and("d.tags && ?::text[]", f.Tags)
	}
	for _, values := range f.Options {
		s.and("EXISTS (SELECT FROM unnest(d.option_values) AS v (value) WHERE lower(v.value) = ANY (?::text[]))", values)
	}
	if f.PriceMin != nil {
		s.and("r.high >= ?", *f.PriceMin)
	}
	if f.PriceMax != nil {
		s.and("r.low <= ?", *f.PriceMax)
	}
	if f.InStock {
		s.and("r.buyable = ?", true)
	}
	if f.Words != nil {
		s.words = fmt.Sprintf("to_tsquery($%d::text::regconfig, $%d)", len(s.args)+1, len(s.args)+2)
		s.args = append(s.args, textSearchConfig(view.Locale), tsquery(f.Words))
		s.text += "\n\tAND d.search @@ " + s.words
	}
	return s
}

// tsquery asks for all words; the last may be the beginning of one. Words hold letters and digits only.
func tsquery(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, " & ") + ":*"
}

// order is how a sort compares: an expression, the type of its key, and the direction.
type order struct{ expression, keyType, direction, beyond string }

func orderOf(sort, words string) order {
	const noPriceLast = "9223372036854775807"
	switch sort {
	case browsing.SortOldest:
		return order{"d.created_at", "timestamptz", "ASC", ">"}
	case browsing.SortCheapest:
		return order{"coalesce(r.low, " + noPriceLast + ")", "bigint", "ASC", ">"}
	case browsing.SortDearest:
		return order{"coalesce(r.low, -1)", "bigint", "DESC", "<"}
	case browsing.SortTitle:
		return order{"d.title", "text", "ASC", ">"}
	case browsing.SortTitleDesc:
		return order{"d.title", "text", "DESC", "<"}
	case browsing.SortRelevance:
		if words != "" {
			return order{"round(ts_rank(d.search, " + words + ")::numeric, 6)", "numeric", "DESC", "<"}
		}
	}
	return order{"d.created_at", "timestamptz", "DESC", "<"}
}

// List implements browsing.Store.
func (s *Store) List(ctx context.Context, view browsing.View, filter browsing.Filter, page browsing.Page) ([]browsing.Item, error) {
	chosen := selectionOf(view, filter)
	by := orderOf(page.Sort, chosen.words)
	if len(page.After) == 2 {
		chosen.args = append(chosen.args, page.After[0])
		key := fmt.Sprintf("$%d::text::%s", len(chosen.args), by.keyType)
		chosen.and("("+by.expression+", d.product_id) "+by.beyond+" ("+key+", ?::uuid)", page.After[1])
	}
	chosen.args = append(chosen.args, page.Limit)
	query := fmt.Sprintf("SELECT d.product_id, d.body::text AS body, (%s)::text AS sort_key %s\nORDER BY %s %s, d.product_id %s LIMIT $%d",
		by.expression, chosen.text, by.expression, by.direction, by.direction, len(chosen.args))
	var rows []itemRow
	if err := s.reads.Select(ctx, &rows, query, chosen.args...); err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	return s.items(ctx, view, rows)
}

// Count implements browsing.Store.
func (s *Store) Count(ctx context.Context, view browsing.View, filter browsing.Filter) (int64, error) {
	chosen := selectionOf(view, filter)
	var count int64
	if err := s.reads.Get(ctx, &count, "SELECT count(*)"+chosen.text, chosen.args...); err != nil {
		return 0, fmt.Errorf("count products: %w", err)
	}
	return count, nil
}

// Facets implements browsing.Store.
func (s *Store) Facets(ctx context.Context, view browsing.View, filter browsing.Filter) ([]browsing.FacetValue, error) {
	const counted = `)
SELECT field, value, count(*) AS count FROM (
	SELECT 'vendor' AS field, vendor AS value FROM hits WHERE vendor <> ''
	UNION ALL SELECT 'tag', t.value FROM hits, unnest(tags) AS t (value)
	UNION ALL SELECT 'option.' || split_part(o.value, '=', 1), substr(o.value, strpos(o.value, '=') + 1)
		FROM hits, unnest(option_values) AS o (value) WHERE split_part(o.value, '=', 1) IN ('color', 'size', 'material')
) AS each_value
GROUP BY field, value ORDER BY field, count DESC, value`
	chosen := selectionOf(view, filter)
	var found []struct {
		Field string `db:"field"`
		Value string `db:"value"`
		Count int64  `db:"count"`
	}
	if err := s.reads.Select(ctx, &found, "WITH hits AS (SELECT d.vendor, d.tags, d.option_values"+chosen.text+counted, chosen.args...); err != nil {
		return nil, fmt.Errorf("count facets: %w", err)
	}
	values := make([]browsing.FacetValue, len(found))
	for i, f := range found {
		values[i] = browsing.FacetValue(f)
	}
	return values, nil
}

// CollectionHandles implements browsing.Store.
func (s *Store) CollectionHandles(ctx context.Context, view browsing.View) ([]string, error) {
	const query = `SELECT DISTINCT c.handle FROM storefront.documents d, unnest(d.collections) AS c (handle)
WHERE d.channel_id = $1 AND d.locale = $2`
	handles := []string{}
	if err := s.reads.Select(ctx, &handles, query, view.ChannelID, view.Locale); err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	return handles, nil
}
