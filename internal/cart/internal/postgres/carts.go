package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Cart reads a cart with its lines, as of one moment. Errors: cart.ErrNotFound.
func (s *Carts) Cart(ctx context.Context, id string) (basket.Cart, error) {
	rows, err := s.reader.Get(ctx, []string{id})
	if err != nil {
		return basket.Cart{}, wrap(err, "read cart %s", id)
	}
	row, known := rows[id]
	if !known {
		return basket.Cart{}, cart.ErrNotFound
	}
	c, err := row.cart()
	return c, wrap(err, "decode cart %s", id)
}

func (s *Carts) read(ctx context.Context, ids []string) (map[string]cartRow, error) {
	const query = `
		SELECT c.id, c.status, c.version, c.token_version, c.channel_id, c.currency, c.locale, c.country, c.email,
		       c.shipping_address, c.billing_address, coalesce(c.shipping_option_id::text, '') AS shipping_option_id,
		       c.note, c.metadata, coalesce(c.order_id::text, '') AS order_id, c.expires_at,
		       c.expires_at <= clock_timestamp() AS overdue,
		       NOT EXISTS (SELECT FROM cart.freezes f WHERE f.cart_id = c.id AND f.state = 'active'
		                   AND f.until > clock_timestamp()) AS lapsed,
		       (SELECT json_agg(json_build_object('id', l.id, 'variant_id', l.variant_id,
		                     'quantity', l.quantity, 'metadata', l.metadata, 'product', l.product) ORDER BY l.position)
		                 FROM cart.cart_lines l WHERE l.cart_id = c.id) AS lines
		FROM unnest((SELECT $1::uuid[])) AS wanted (id)
		CROSS JOIN LATERAL (SELECT * FROM cart.carts WHERE id = wanted.id OFFSET 0) c`

	var rows []cartRow
	if err := s.db.Select(ctx, &rows, query, ids); err != nil {
		return nil, err
	}
	found := make(map[string]cartRow, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// Insert stores a new open cart at version 1, and answers when it will expire.
func (s *Carts) Insert(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, err error) {
	const query = `
		WITH opened AS (
		    INSERT INTO cart.carts (id, status, channel_id, currency, locale, country, email, shipping_address,
		                            billing_address, shipping_option_id, note, metadata, tax_included, subtotal,
		                            discount, shipping, shipping_tax, tax, total, expires_at)
		    SELECT id, 'open', channel_id, currency, locale, country, email, shipping_address,
		           billing_address, shipping_option_id, note, metadata, tax_included, subtotal,
		           discount, shipping, shipping_tax, tax, total, now() + $3 * interval '1 second'
		    FROM jsonb_to_record($1::jsonb) AS n (id uuid, channel_id uuid, currency text, locale text, country text,
		         email text, shipping_address jsonb, billing_address jsonb, shipping_option_id uuid, note text,
		         metadata jsonb, tax_included boolean, subtotal bigint, discount bigint, shipping bigint,
		         shipping_tax bigint, tax bigint, total bigint)
		    RETURNING id, expires_at
		), filled AS (
		    INSERT INTO cart.cart_lines (id, cart_id, position, variant_id, quantity, metadata, metadata_hash, product,
		                                 unit_price, subtotal, discount, tax, total)
		    SELECT l.id, opened.id, l.position, l.variant_id, l.quantity, l.metadata, l.metadata_hash, l.product,
		           l.unit_price, l.subtotal, l.discount, l.tax, l.total
		    FROM opened, jsonb_to_recordset($2::jsonb) AS l (id uuid, position integer, variant_id uuid,
		         quantity bigint, metadata jsonb, metadata_hash text, product jsonb, unit_price bigint,
		         subtotal bigint, discount bigint, tax bigint, total bigint)
		)
		SELECT expires_at FROM opened`

	err = s.db.Write(ctx, func(q sqldb.Queryer) error {
		return q.Get(ctx, &expiresAt, query, sqldb.JSON{V: changes(c, sheet)}, sqldb.JSON{V: lines(c, sheet)}, basket.Lifetime.Seconds())
	})
	return expiresAt, wrap(err, "insert cart %s", c.ID)
}

// Save stores a changed cart one version up, if it still is open and at the version of c; saved says whether it was.
// The lifetime begins anew. Lines that are as they were are not written again. A line's variant and metadata are never rewritten, so no line that stays can collide with
// one that goes in the same statement.
func (s *Carts) Save(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, saved bool, err error) {
	const query = `
		WITH saved AS (
		    UPDATE cart.carts c
		    SET version = c.version + 1, email = n.email, shipping_address = n.shipping_address,
		        billing_address = n.billing_address, shipping_option_id = n.shipping_option_id,
		        note = n.note, metadata = n.metadata, tax_included = n.tax_included, subtotal = n.subtotal,
		        discount = n.discount, shipping = n.shipping, shipping_tax = n.shipping_tax, tax = n.tax,
		        total = n.total, expires_at = now() + $4 * interval '1 second', updated_at = now()
		    FROM jsonb_to_record($1::jsonb) AS n (id uuid, email text, shipping_address jsonb, billing_address jsonb,
		         shipping_option_id uuid, note text, metadata jsonb, tax_included boolean, subtotal bigint,
		         discount bigint, shipping bigint, shipping_tax bigint, tax bigint, total bigint)
		    WHERE c.id = n.id AND c.version = $3 AND c.status = 'open' AND c.expires_at > clock_timestamp()
		    RETURNING c.id, c.expires_at
		), wanted AS (
		    SELECT l.id, saved.id AS cart_id, l.position, l.variant_id, l.quantity, l.metadata, l.metadata_hash,
		           l.product, l.unit_price, l.subtotal, l.discount, l.tax, l.total
		    FROM saved, jsonb_to_recordset($2::jsonb) AS l (id uuid, position integer, variant_id uuid,
		         quantity bigint, metadata jsonb, metadata_hash text, product jsonb, unit_price bigint,
		         subtotal bigint, discount bigint, tax bigint, total bigint)
		), removed AS (
		    DELETE FROM cart.cart_lines l
		    USING saved
		    WHERE l.cart_id = saved.id AND l.id NOT IN (SELECT id FROM wanted)
		), kept AS (
		    INSERT INTO cart.cart_lines (id, cart_id, position, variant_id, quantity, metadata, metadata_hash, product,
		                                 unit_price, subtotal, discount, tax, total)
		    SELECT id, cart_id, position, variant_id, quantity, metadata, metadata_hash, product, unit_price, subtotal,
		           discount, tax, total
		    FROM wanted
		    ON CONFLICT (id) DO UPDATE
		    SET position = EXCLUDED.position, quantity = EXCLUDED.quantity, product = EXCLUDED.product,
		        unit_price = EXCLUDED.unit_price, subtotal = EXCLUDED.subtotal, discount = EXCLUDED.discount,
		        tax = EXCLUDED.tax, total = EXCLUDED.total
		    WHERE (cart_lines.position, cart_lines.quantity, cart_lines.product, cart_lines.unit_price, cart_lines.subtotal,
		           cart_lines.discount, cart_lines.tax, cart_lines.total)
		        IS DISTINCT FROM (EXCLUDED.position, EXCLUDED.quantity, EXCLUDED.product, EXCLUDED.unit_price,
		           EXCLUDED.subtotal, EXCLUDED.discount, EXCLUDED.tax, EXCLUDED.total)
		)
		SELECT expires_at FROM saved`

	err = s.db.Write(ctx, func(q sqldb.Queryer) error {
		return q.Get(ctx, &expiresAt, query,
			sqldb.JSON{V: changes(c, sheet)}, sqldb.JSON{V: lines(c, sheet)}, c.Version, basket.Lifetime.Seconds())
	})
	if errors.Is(err, sqldb.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return expiresAt, err == nil, wrap(err, "save cart %s", c.ID)
}
