package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

var errOpenedTwice = errors.New("a cart of this id is being opened already")

// Insert stores a new open cart at version 1, and answers when it will expire.
func (s *Carts) Insert(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, err error) {
	expiresAt, err = s.opening.Do(ctx, newDocument(c, sheet))
	if err == nil && expiresAt.IsZero() {
		err = errOpenedTwice
	}
	if err == nil {
		c.Status, c.ExpiresAt = cart.StatusOpen, expiresAt
		s.remember(ctx, c, sheet)
	}
	return expiresAt, wrap(err, "insert cart %s", c.ID)
}

// Save stores a changed cart one version up, if it still is open and at the version of c; saved says whether it was.
// The lifetime begins anew. Lines that are as they were are left alone, and all lines are where that is true of them all:
// most changes are of something else, or add a line. The version vouches for what was read of the lines.
func (s *Carts) Save(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, saved bool, err error) {
	expiresAt, err = s.saving.Do(ctx, newDocument(c, sheet))
	if err != nil || expiresAt.IsZero() {
		s.recent.drop(c.ID)
		return time.Time{}, false, wrap(err, "save cart %s", c.ID)
	}
	c.Version, c.ExpiresAt = c.Version+1, expiresAt
	s.remember(ctx, c, sheet)
	return expiresAt, true, nil
}

func (s *Carts) open(ctx context.Context, wanted []document) ([]time.Time, error) {
	return s.store(ctx, openCarts, wanted)
}

func (s *Carts) save(ctx context.Context, wanted []document) ([]time.Time, error) {
	return s.store(ctx, saveCarts, wanted)
}

// store writes carts and answers when each will expire; no time says that it was not written. Of several changes of one cart
// the first is written, and the others come too late.
func (s *Carts) store(ctx context.Context, query string, wanted []document) ([]time.Time, error) {
	first := map[string]int{}
	for i, d := range wanted {
		if _, known := first[d.ID]; !known {
			first[d.ID] = i
		}
	}
	texts := make([]string, 0, len(first))
	lines := ""
	// In one order, so that two statements hardly ever wait for each other's carts. Where PostgreSQL takes them in another one, it
	// undoes one of the statements, and each of its carts is stored alone.
	for _, i := range slices.SortedFunc(maps.Values(first), func(a, b int) int { return cmp.Compare(wanted[a].ID, wanted[b].ID) }) {
		text, err := json.Marshal(wanted[i])
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
		if wanted[i].Whole || wanted[i].Lines != nil {
			lines = storeLines
		}
	}
	var rows []struct {
		ID        string    `db:"id"`
		ExpiresAt time.Time `db:"expires_at"`
	}
	err := s.db.Write(ctx, func(q sqldb.Queryer) error {
		return q.Select(ctx, &rows, query+lines+` SELECT id, expires_at FROM stored`, texts, basket.Lifetime.Seconds())
	})
	if err != nil {
		return nil, err
	}
	answers := make([]time.Time, len(wanted))
	for _, row := range rows {
		if i, known := first[row.ID]; known {
			answers[i] = row.ExpiresAt
		}
	}
	return answers, nil
}

// document is a cart as store gets it. Whole says that Lines are all its lines, and not some that are new.
type document struct {
	ID               string            `json:"id"`
	Version          int               `json:"version"`
	ChannelID        string            `json:"channel_id"`
	Currency         string            `json:"currency"`
	Locale           string            `json:"locale"`
	Country          string            `json:"country"`
	Email            string            `json:"email"`
	ShippingAddress  *cart.Address     `json:"shipping_address"`
	BillingAddress   *cart.Address     `json:"billing_address"`
	ShippingOptionID *string           `json:"shipping_option_id"`
	Note             string            `json:"note"`
	Metadata         map[string]string `json:"metadata"`
	TaxIncluded      bool              `json:"tax_included"`
	Subtotal         int64             `json:"subtotal"`
	Discount         int64             `json:"discount"`
	Shipping         int64             `json:"shipping"`
	ShippingTax      int64             `json:"shipping_tax"`
	Tax              int64             `json:"tax"`
	Total            int64             `json:"total"`
	Whole            bool              `json:"whole"`
	Lines            []lineRow         `json:"lines,omitempty"`
}

func newDocument(c basket.Cart, sheet totals.Sheet) document {
	sums := sheet.Totals
	d := document{ID: c.ID, Version: c.Version, ChannelID: c.ChannelID, Currency: c.Currency, Locale: c.Locale, Country: c.Country,
		Email: c.Email, ShippingAddress: c.ShippingAddress, BillingAddress: c.BillingAddress,
		ShippingOptionID: nullable(c.ShippingOptionID), Note: c.Note, Metadata: orEmpty(c.Metadata), TaxIncluded: sheet.TaxIncluded,
		Subtotal: sums.Subtotal.Minor(), Discount: sums.Discount.Minor(), Shipping: sums.Shipping.Minor(),
		ShippingTax: sheet.Shipping.Tax.Minor(), Tax: sums.Tax.Minor(), Total: sums.Total.Minor()}
	switch {
	case !unchanged(c, sheet):
		d.Whole, d.Lines = true, lines(c, sheet, 0)
	case len(c.Lines) > len(c.Stored):
		d.Lines = lines(c, sheet, len(c.Stored))
	}
	return d
}

// wantedCarts are the documents as rows. A list of documents is expected to be so short that carts are looked up one by one; of
// one document with a list PostgreSQL would expect a hundred rows, and might rather read all carts.
const wantedCarts = `
	WITH wanted AS (
	    SELECT d.*
	    FROM unnest($1::text[]) AS w (document), json_to_record(w.document::json) AS d (id uuid, version integer, channel_id uuid,
	        currency text, locale text, country text, email text, shipping_address jsonb, billing_address jsonb,
	        shipping_option_id uuid, note text, metadata jsonb, tax_included boolean, subtotal bigint, discount bigint,
	        shipping bigint, shipping_tax bigint, tax bigint, total bigint, whole boolean, lines jsonb)
	)`

// A cart expires at a full hour, so that the next change rarely moves it in the index of those ends.
const openCarts = wantedCarts + `, stored AS (
	    INSERT INTO cart.carts (id, status, channel_id, currency, locale, country, email, shipping_address, billing_address,
	                            shipping_option_id, note, metadata, tax_included, subtotal, discount, shipping, shipping_tax,
	                            tax, total, expires_at)
	    SELECT id, 'open', channel_id, currency, locale, country, email, shipping_address, billing_address, shipping_option_id,
	           note, metadata, tax_included, subtotal, discount, shipping, shipping_tax, tax, total,
	           date_trunc('hour', now()) + interval '1 hour' + $2 * interval '1 second'
	    FROM wanted
	    RETURNING id, expires_at
	)`

const saveCarts = wantedCarts + `, stored AS (
	    UPDATE cart.carts c
	    SET version = c.version + 1, email = w.email, shipping_address = w.shipping_address, billing_address = w.billing_address,
	        shipping_option_id = w.shipping_option_id, note = w.note, metadata = w.metadata, tax_included = w.tax_included,
	        subtotal = w.subtotal, discount = w.discount, shipping = w.shipping, shipping_tax = w.shipping_tax, tax = w.tax,
	        total = w.total, expires_at = date_trunc('hour', now()) + interval '1 hour' + $2 * interval '1 second', updated_at = now()
	    FROM wanted w
	    WHERE c.id = w.id AND c.version = w.version AND c.status = 'open' AND c.expires_at > clock_timestamp()
	    RETURNING c.id, c.expires_at
	)`

// storeLines writes the lines of carts that are stored. A line's variant and metadata are never rewritten, so no line that
// stays can collide with one that goes in the same statement.
const storeLines = `, stated AS (
	    SELECT stored.id AS cart_id, l.*
	    FROM stored
	    JOIN wanted w ON w.id = stored.id, jsonb_to_recordset(w.lines)
	        AS l (id uuid, position integer, variant_id uuid, quantity bigint, metadata jsonb, metadata_hash text, product jsonb,
	              unit_price bigint, subtotal bigint, discount bigint, tax bigint, total bigint)
	), removed AS (
	    DELETE FROM cart.cart_lines l
	    USING stored
	    JOIN wanted w ON w.id = stored.id AND w.whole
	    WHERE l.cart_id = stored.id AND l.id NOT IN (SELECT id FROM stated)
	), kept AS (
	    INSERT INTO cart.cart_lines (id, cart_id, position, variant_id, quantity, metadata, metadata_hash, product,
	                                 unit_price, subtotal, discount, tax, total)
	    SELECT id, cart_id, position, variant_id, quantity, metadata, metadata_hash, product, unit_price, subtotal,
	           discount, tax, total
	    FROM stated
	    ON CONFLICT (id) DO UPDATE
	    SET position = EXCLUDED.position, quantity = EXCLUDED.quantity, product = EXCLUDED.product,
	        unit_price = EXCLUDED.unit_price, subtotal = EXCLUDED.subtotal, discount = EXCLUDED.discount,
	        tax = EXCLUDED.tax, total = EXCLUDED.total
	    WHERE (cart_lines.position, cart_lines.quantity, cart_lines.product, cart_lines.unit_price, cart_lines.subtotal,
	           cart_lines.discount, cart_lines.tax, cart_lines.total)
	        IS DISTINCT FROM (EXCLUDED.position, EXCLUDED.quantity, EXCLUDED.product, EXCLUDED.unit_price,
	           EXCLUDED.subtotal, EXCLUDED.discount, EXCLUDED.tax, EXCLUDED.total)
	)`
