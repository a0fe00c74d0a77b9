package postgres

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
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
		       c.status = 'checking_out' AND NOT EXISTS (SELECT FROM cart.freezes f WHERE f.cart_id = c.id
		                   AND f.state = 'active' AND f.until > clock_timestamp()) AS lapsed,
		       (SELECT json_agg(json_build_object('id', l.id, 'variant_id', l.variant_id, 'quantity', l.quantity,
		                     'metadata', l.metadata, 'product', l.product, 'unit_price', l.unit_price,
		                     'subtotal', l.subtotal, 'discount', l.discount, 'tax', l.tax, 'total', l.total)
		                 ORDER BY l.position)
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
