// Package postgres keeps the projection in schema storefront: documents, offers and availability.
package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/projecting"
)

// Store implements the stores of projecting, which writes, and browsing, which reads through a pool of its own.
type Store struct {
	db    *sqldb.DB
	reads *sqldb.DB
}

// New makes a store.
func New(db, reads *sqldb.DB) *Store { return &Store{db: db, reads: reads} }

// Claim implements projecting.Store.
func (s *Store) Claim(ctx context.Context, part projecting.Part, productIDs []string) (projecting.Claim, error) {
	const query = `INSERT INTO storefront.claims (product_id, part)
SELECT id, $2 FROM unnest($1::uuid[]) AS p (id) ORDER BY id
ON CONFLICT (product_id, part) DO UPDATE SET seq = claims.seq + 1
RETURNING product_id, seq`
	var rows []struct {
		ProductID string `db:"product_id"`
		Seq       int64  `db:"seq"`
	}
	if err := s.db.Select(ctx, &rows, query, productIDs, string(part)); err != nil {
		return projecting.Claim{}, fmt.Errorf("claim %s: %w", part, err)
	}
	claim := projecting.Claim{Part: part, Seqs: make(map[string]int64, len(rows))}
	for _, r := range rows {
		claim.Seqs[r.ProductID] = r.Seq
	}
	return claim, nil
}

// held locks the claims that are still the newest and answers their products.
func held(ctx context.Context, tx *sqldb.Tx, claim projecting.Claim) ([]string, error) {
	const query = `SELECT c.product_id FROM storefront.claims c
JOIN unnest($1::uuid[], $2::bigint[]) AS mine (product_id, seq) ON mine.product_id = c.product_id AND mine.seq = c.seq
WHERE c.part = $3 ORDER BY c.product_id FOR UPDATE OF c`
	productIDs, seqs := make([]string, 0, len(claim.Seqs)), make([]int64, 0, len(claim.Seqs))
	for id, seq := range claim.Seqs {
		productIDs, seqs = append(productIDs, id), append(seqs, seq)
	}
	mine := []string{}
	if err := tx.Select(ctx, &mine, query, productIDs, seqs, string(claim.Part)); err != nil {
		return nil, fmt.Errorf("hold claim on %s: %w", claim.Part, err)
	}
	return mine, nil
}

// WriteDocuments implements projecting.Store.
func (s *Store) WriteDocuments(ctx context.Context, claim projecting.Claim, documents []projecting.Document) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		mine, err := held(ctx, tx, claim)
		if err != nil {
			return err
		}
		const clear = `DELETE FROM storefront.documents WHERE product_id = ANY ($1::uuid[])`
		if _, err := tx.Exec(ctx, clear, mine); err != nil {
			return fmt.Errorf("clear documents: %w", err)
		}
		own := setOf(mine)
		for _, document := range documents {
			if !own[document.ProductID] {
				continue
			}
			if err := insertDocument(ctx, tx, document); err != nil {
				return err
			}
		}
		return nil
	})
}

// insertDocument weighs words for search: title, then vendor, tags and variants, then the description.
func insertDocument(ctx context.Context, tx *sqldb.Tx, d projecting.Document) error {
	const query = `INSERT INTO storefront.documents (product_id, channel_id, locale, handle, title, vendor, tags, categories, collections,
	option_values, body, search, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, setweight(to_tsvector($12::text::regconfig, $5 || ' ' || $13), 'A')
	|| setweight(to_tsvector($12::text::regconfig, $14), 'B') || setweight(to_tsvector($12::text::regconfig, $15), 'D'), $16, $17)`
	b := d.Body
	_, err := tx.Exec(ctx, query, d.ProductID, d.ChannelID, d.Locale, b.Handle, b.Title, b.Vendor, sqldb.NotNull(b.Tags), d.Categories, d.Collections,
		d.OptionValues, sqldb.JSON{V: b}, textSearchConfig(d.Locale), strings.ReplaceAll(b.Handle, "-", " "), keywords(b), b.DescriptionText, d.CreatedAt, d.UpdatedAt)
	if err != nil {
		return fmt.Errorf("write document of %s: %w", b.Handle, err)
	}
	return nil
}

func keywords(b projecting.Body) string {
	words := append([]string{b.Vendor}, b.Tags...)
	for _, v := range b.Variants {
		words = append(words, v.SKU)
		for _, option := range v.Options {
			words = append(words, option.Value)
		}
	}
	return strings.Join(words, " ")
}

// WriteOffers implements projecting.Store.
func (s *Store) WriteOffers(ctx context.Context, claim projecting.Claim, offers []projecting.Offer) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		mine, err := held(ctx, tx, claim)
		if err != nil {
			return err
		}
		const clear = `DELETE FROM storefront.offers WHERE product_id = ANY ($1::uuid[])`
		if _, err := tx.Exec(ctx, clear, mine); err != nil {
			return fmt.Errorf("clear offers: %w", err)
		}
		return insertOffers(ctx, tx, offers, setOf(mine))
	})
}

func insertOffers(ctx context.Context, tx *sqldb.Tx, offers []projecting.Offer, own map[string]bool) error {
	const query = `INSERT INTO storefront.offers (product_id, variant_id, channel_id, currency, country, amount, compare_at)
SELECT o.product_id, o.variant_id, o.channel_id, o.currency, o.country, o.amount, nullif(o.compare_at, -1)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
	AS o (product_id, variant_id, channel_id, currency, country, amount, compare_at)`
	var products, variants, channels, currencies, countries []string
	var amounts, compareAts []int64
	for _, o := range offers {
		if !own[o.ProductID] {
			continue
		}
		compareAt := int64(-1)
		if o.Price.CompareAt != nil {
			compareAt = o.Price.CompareAt.Minor()
		}
		products, variants, channels = append(products, o.ProductID), append(variants, o.Price.VariantID), append(channels, o.ChannelID)
		currencies, countries = append(currencies, o.Price.Amount.Currency()), append(countries, o.Price.Country)
		amounts, compareAts = append(amounts, o.Price.Amount.Minor()), append(compareAts, compareAt)
	}
	if _, err := tx.Exec(ctx, query, products, variants, channels, currencies, countries, amounts, compareAts); err != nil {
		return fmt.Errorf("write offers: %w", err)
	}
	return nil
}

// WriteStock implements projecting.Store. Rows that stay are updated in place.
func (s *Store) WriteStock(ctx context.Context, claim projecting.Claim, variants []projecting.VariantStock) error {
	const clear = `DELETE FROM storefront.variants WHERE product_id = ANY ($1::uuid[]) AND NOT variant_id = ANY ($2::uuid[])`
	const write = `INSERT INTO storefront.variants (product_id, variant_id, availability)
SELECT v.product_id, v.variant_id, v.availability FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS v (product_id, variant_id, availability)
ON CONFLICT (product_id, variant_id) DO UPDATE SET availability = excluded.availability
WHERE variants.availability <> excluded.availability`
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		mine, err := held(ctx, tx, claim)
		if err != nil {
			return err
		}
		own := setOf(mine)
		var products, ids, availabilities []string
		for _, v := range variants {
			if own[v.ProductID] {
				products, ids, availabilities = append(products, v.ProductID), append(ids, v.VariantID), append(availabilities, v.Availability)
			}
		}
		if _, err := tx.Exec(ctx, clear, mine, sqldb.NotNull(ids)); err != nil {
			return fmt.Errorf("clear availability: %w", err)
		}
		if _, err := tx.Exec(ctx, write, products, ids, availabilities); err != nil {
			return fmt.Errorf("write availability: %w", err)
		}
		return nil
	})
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// textSearchConfig is the PostgreSQL configuration that knows the stems of a locale's language.
func textSearchConfig(locale string) string {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	configs := map[string]string{"da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
		"hu": "hungarian", "it": "italian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
		"ru": "russian", "sv": "swedish", "tr": "turkish"}
	if config, known := configs[language]; known {
		return config
	}
	return "simple"
}
