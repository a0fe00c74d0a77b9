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

// newLines are what jsonb_to_recordset makes of lineRows.
const newLines = ` AS l (id uuid, position integer, variant_id uuid, quantity bigint, metadata jsonb, metadata_hash text,
	product jsonb, unit_price bigint, subtotal bigint, discount bigint, tax bigint, total bigint)`

// insertLines takes its lines from what follows it, in which they are called l.
const insertLines = `
	INSERT INTO cart.cart_lines (id, cart_id, position, variant_id, quantity, metadata, metadata_hash, product,
	                             unit_price, subtotal, discount, tax, total)
	SELECT l.id, $1, l.position, l.variant_id, l.quantity, l.metadata, l.metadata_hash, l.product,
	       l.unit_price, l.subtotal, l.discount, l.tax, l.total`

// Insert stores a new open cart at version 1, and answers when it will expire.
func (s *Carts) Insert(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, err error) {
	const open = `
		INSERT INTO cart.carts (id, status, channel_id, currency, locale, country, email, shipping_address, billing_address,
		                        shipping_option_id, note, metadata, tax_included, subtotal, discount, shipping,
		                        shipping_tax, tax, total, expires_at)
		VALUES ($1, 'open', $16, $17, $18, $19, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
		        now() + $15 * interval '1 second')
		RETURNING expires_at`
	const openWithLines = `
		WITH opened AS (` + open + `
		), filled AS (` + insertLines + `
			FROM jsonb_to_recordset($20::jsonb)` + newLines + `
		)
		SELECT expires_at FROM opened`

	query, args := open, append(changes(c, sheet), c.ChannelID, c.Currency, c.Locale, c.Country)
	if len(c.Lines) > 0 {
		query, args = openWithLines, append(args, sqldb.JSON{V: lines(c, sheet, 0)})
	}
	err = s.db.Write(ctx, func(q sqldb.Queryer) error { return q.Get(ctx, &expiresAt, query, args...) })
	if err == nil {
		c.Status, c.ExpiresAt = cart.StatusOpen, expiresAt
		s.remember(ctx, c, sheet)
	}
	return expiresAt, wrap(err, "insert cart %s", c.ID)
}

// save takes the parameters of changes and, as $16, the version that was read.
const save = `
	UPDATE cart.carts
	SET version = version + 1, email = $2, shipping_address = $3, billing_address = $4, shipping_option_id = $5,
	    note = $6, metadata = $7, tax_included = $8, subtotal = $9, discount = $10, shipping = $11, shipping_tax = $12,
	    tax = $13, total = $14, expires_at = now() + $15 * interval '1 second', updated_at = now()
	WHERE id = $1 AND version = $16 AND status = 'open' AND expires_at > clock_timestamp()
	RETURNING expires_at`

// Save stores a changed cart one version up, if it still is open and at the version of c; saved says whether it was.
// The lifetime begins anew. Lines that are as they were are left alone, and all lines are where that is true of them all:
// most changes are of something else, or add a line. The version vouches for what was read of the lines.
func (s *Carts) Save(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, saved bool, err error) {
	query, args := save, append(changes(c, sheet), c.Version)
	switch {
	case !unchanged(c, sheet):
		query, args = saveWithLines, append(args, sqldb.JSON{V: lines(c, sheet, 0)})
	case len(c.Lines) > len(c.Stored):
		query, args = saveAndAdd, append(args, sqldb.JSON{V: lines(c, sheet, len(c.Stored))})
	}
	err = s.db.Write(ctx, func(q sqldb.Queryer) error { return q.Get(ctx, &expiresAt, query, args...) })
	if err != nil {
		s.recent.drop(c.ID)
		if errors.Is(err, sqldb.ErrNoRows) {
			return time.Time{}, false, nil
		}
		return time.Time{}, false, wrap(err, "save cart %s", c.ID)
	}
	c.Version, c.ExpiresAt = c.Version+1, expiresAt
	s.remember(ctx, c, sheet)
	return expiresAt, true, nil
}

const saveAndAdd = `
	WITH saved AS (` + save + `
	), added AS (` + insertLines + `
	    FROM saved, jsonb_to_recordset($17::jsonb)` + newLines + `
	)
	SELECT expires_at FROM saved`

// A line's variant and metadata are never rewritten, so no line that stays can collide with one that goes in the same
// statement.
const saveWithLines = `
	WITH saved AS (` + save + `
	), wanted AS (
	    SELECT l.id, l.position, l.variant_id, l.quantity, l.metadata, l.metadata_hash, l.product, l.unit_price,
	           l.subtotal, l.discount, l.tax, l.total
	    FROM saved, jsonb_to_recordset($17::jsonb)` + newLines + `
	), removed AS (
	    DELETE FROM cart.cart_lines l
	    USING saved
	    WHERE l.cart_id = $1 AND l.id NOT IN (SELECT id FROM wanted)
	), kept AS (` + insertLines + `
	    FROM wanted l
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

// changes are what a change may write of a cart: its parameters $1 to $15.
func changes(c basket.Cart, sheet totals.Sheet) []any {
	sums := sheet.Totals
	return append(make([]any, 0, 20), c.ID, c.Email, document(c.ShippingAddress), document(c.BillingAddress),
		nullable(c.ShippingOptionID), c.Note, sqldb.JSON{V: orEmpty(c.Metadata)}, sheet.TaxIncluded, sums.Subtotal.Minor(),
		sums.Discount.Minor(), sums.Shipping.Minor(), sheet.Shipping.Tax.Minor(), sums.Tax.Minor(), sums.Total.Minor(),
		basket.Lifetime.Seconds())
}
