package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// placement is an order to be written, and whether its payment is to be captured at once.
type placement struct {
	order.Order
	captureNow bool
}

// placed is what the database makes of an order.
type placed struct {
	ID       string    `db:"id"`
	Number   string    `db:"number"`
	PlacedAt time.Time `db:"placed_at"`
}

// Insert implements placing.Store. One statement decides the references of all orders of this moment, writes the orders
// with their lines and announces them. A Close or an Insert of the same reference at the same moment is waited for.
func (s Store) Insert(ctx context.Context, o order.Order, captureNow bool) (order.Order, bool, error) {
	row, err := s.placing.Do(ctx, placement{o, captureNow})
	switch {
	case sqldb.Violates(err, "orders_one_per_checkout"):
		return order.Order{}, false, nil
	case sqldb.Violates(err, "orders_one_per_cart"):
		return order.Order{}, false, orders.ErrCartTaken
	case err != nil:
		return order.Order{}, false, fmt.Errorf("insert order: %w", err)
	case row.ID == "":
		return order.Order{}, false, nil
	}
	o.Number, o.PlacedAt, o.UpdatedAt = row.Number, row.PlacedAt.UTC(), row.PlacedAt.UTC()
	return o, true, nil
}

// insert writes the orders whose reference is not decided yet. The others have no ID in the answer.
func (s Store) insert(ctx context.Context, wanted []placement) ([]placed, error) {
	documents, records := make([]document, len(wanted)), make([]outbox.Record, len(wanted))
	for i, w := range wanted {
		documents[i] = documentOf(w.Order)
		records[i] = outbox.Record{AggregateType: aggregate, AggregateID: w.ID, Seq: w.Seq, Event: w.Placed(w.captureNow)}
	}
	// In one order, so that two statements do not wait for each other's references. Should they for each other's carts, PostgreSQL
	// undoes one of them, and each of its orders is placed alone.
	slices.SortFunc(documents, func(a, b document) int { return cmp.Compare(a.Reference, b.Reference) })
	announcement, err := s.outbox.PartArg(records...)
	if err != nil {
		return nil, err
	}
	var rows []placed
	if err := s.db.Select(ctx, &rows, s.place, sqldb.JSON{V: documents}, announcement); err != nil {
		return nil, err
	}
	answers := make([]placed, len(wanted))
	for i, w := range wanted {
		if at := slices.IndexFunc(rows, func(r placed) bool { return r.ID == w.ID }); at >= 0 {
			answers[i] = rows[at]
		}
	}
	return answers, nil
}

// placeSQL is the statement of insert. The event's number is known only in it.
func placeSQL(o *outbox.Outbox) string {
	const query = `
		WITH wanted AS (
			SELECT * FROM json_to_recordset($1::json) AS o(id uuid, reference text, cart_id uuid, channel_id uuid, channel_code text,
				currency text, locale text, tax_included boolean, email text, shipping_address jsonb, billing_address jsonb,
				shipping_option jsonb, subtotal bigint, discount bigint, shipping bigint, shipping_tax bigint, tax bigint,
				total bigint, note text, metadata jsonb, payment_method text, authorized bigint, payment_seq bigint, status text,
				payment_status text, fulfillment_status text, token_version integer, version integer, event_seq bigint, lines json)
		), decided AS (
			INSERT INTO orders.decided_references (reference, order_id) SELECT reference, id FROM wanted
			ON CONFLICT DO NOTHING
			RETURNING order_id
		), placed AS (
			INSERT INTO orders.orders (id, reference, cart_id, channel_id, channel_code, currency, locale, tax_included, email,
				shipping_address, billing_address, shipping_option, subtotal, discount, shipping, shipping_tax, tax, total,
				note, metadata, payment_method, authorized, payment_seq, status, payment_status, fulfillment_status,
				token_version, version, event_seq)
			SELECT id, reference, cart_id, channel_id, channel_code, currency, locale, tax_included, email,
				shipping_address, billing_address, shipping_option, subtotal, discount, shipping, shipping_tax, tax, total,
				note, metadata, payment_method, authorized, payment_seq, status, payment_status, fulfillment_status,
				token_version, version, event_seq
			FROM decided JOIN wanted ON wanted.id = decided.order_id
			RETURNING id, number, placed_at
		), lines AS (
			INSERT INTO orders.order_lines (order_id, id, variant_id, product_id, sku, title, unit_price, subtotal, discount,
				tax, total, requires_shipping, details, ordered, position)
			SELECT wanted.id, l.id, l.variant_id, l.product_id, l.sku, l.title, l.unit_price, l.subtotal, l.discount,
				l.tax, l.total, l.requires_shipping, l.details, l.ordered, l.position
			FROM decided JOIN wanted ON wanted.id = decided.order_id,
				json_to_recordset(wanted.lines) AS l(id uuid, variant_id uuid, product_id uuid, sku text, title text,
					unit_price bigint, subtotal bigint, discount bigint, tax bigint, total bigint, requires_shipping boolean,
					details jsonb, ordered bigint, position integer)
		), numbered AS (
			SELECT id::text AS aggregate_id, jsonb_build_object('number', number) AS facts FROM placed
		), {announcement}
		SELECT id, number, placed_at FROM placed`
	return strings.Replace(query, "{announcement}", o.PartSQL("numbered", 2), 1)
}

// Close implements placing.Store. An order without a decided reference was placed by a program that knew of none.
func (s Store) Close(ctx context.Context, reference string) error {
	const query = `
		INSERT INTO orders.decided_references (reference)
		SELECT $1 WHERE NOT EXISTS (SELECT FROM orders.orders WHERE reference = $1)
		ON CONFLICT DO NOTHING`
	if _, err := s.q.Exec(ctx, query, reference); err != nil {
		return fmt.Errorf("close reference: %w", err)
	}
	return nil
}

// document is an order as insert gets it: its columns and its lines.
type document struct {
	ID                string                `json:"id"`
	Reference         string                `json:"reference"`
	CartID            *string               `json:"cart_id"`
	ChannelID         string                `json:"channel_id"`
	ChannelCode       string                `json:"channel_code"`
	Currency          string                `json:"currency"`
	Locale            string                `json:"locale"`
	TaxIncluded       bool                  `json:"tax_included"`
	Email             string                `json:"email"`
	ShippingAddress   *orders.Address       `json:"shipping_address"`
	BillingAddress    *orders.Address       `json:"billing_address"`
	ShippingOption    *orders.PlaceShipping `json:"shipping_option"`
	Subtotal          int64                 `json:"subtotal"`
	Discount          int64                 `json:"discount"`
	Shipping          int64                 `json:"shipping"`
	ShippingTax       int64                 `json:"shipping_tax"`
	Tax               int64                 `json:"tax"`
	Total             int64                 `json:"total"`
	Note              string                `json:"note"`
	Metadata          map[string]string     `json:"metadata"`
	PaymentMethod     string                `json:"payment_method"`
	Authorized        int64                 `json:"authorized"`
	PaymentSeq        int64                 `json:"payment_seq"`
	Status            string                `json:"status"`
	PaymentStatus     string                `json:"payment_status"`
	FulfillmentStatus string                `json:"fulfillment_status"`
	TokenVersion      int                   `json:"token_version"`
	Version           int                   `json:"version"`
	Seq               int64                 `json:"event_seq"`
	Lines             []lineDocument        `json:"lines"`
}

type lineDocument struct {
	ID               string  `json:"id"`
	VariantID        string  `json:"variant_id"`
	ProductID        string  `json:"product_id"`
	SKU              string  `json:"sku"`
	Title            string  `json:"title"`
	UnitPrice        int64   `json:"unit_price"`
	Subtotal         int64   `json:"subtotal"`
	Discount         int64   `json:"discount"`
	Tax              int64   `json:"tax"`
	Total            int64   `json:"total"`
	RequiresShipping bool    `json:"requires_shipping"`
	Details          details `json:"details"`
	Ordered          int64   `json:"ordered"`
	Position         int     `json:"position"`
}

func documentOf(o order.Order) document {
	d := document{ID: o.ID, Reference: o.Reference, ChannelID: o.ChannelID, ChannelCode: o.ChannelCode, Currency: o.Currency,
		Locale: o.Locale, TaxIncluded: o.TaxIncluded, Email: o.Email, ShippingAddress: o.ShippingAddress,
		BillingAddress: o.BillingAddress, ShippingOption: o.Shipping, Subtotal: o.Totals.Subtotal.Minor(),
		Discount: o.Totals.Discount.Minor(), Shipping: o.Totals.Shipping.Minor(), Tax: o.Totals.Tax.Minor(), Total: o.Total,
		Note: o.Note, Metadata: notNil(o.Metadata), PaymentMethod: o.Payment.Method, Authorized: o.Payment.Authorized,
		PaymentSeq: o.Payment.Seq, Status: o.Status, PaymentStatus: o.PaymentStatus, FulfillmentStatus: o.FulfillmentStatus,
		TokenVersion: o.TokenVersion, Version: o.Version, Seq: o.Seq, Lines: make([]lineDocument, len(o.Lines))}
	if o.CartID != "" {
		d.CartID = &o.CartID
	}
	if o.Shipping != nil {
		d.ShippingTax = o.Shipping.Tax.Minor()
	}
	for i, l := range o.Lines {
		d.Lines[i] = lineDocument{ID: l.ID, VariantID: l.VariantID, ProductID: l.ProductID, SKU: l.SKU, Title: l.Title,
			UnitPrice: l.UnitPrice.Minor(), Subtotal: l.Subtotal.Minor(), Discount: l.Discount.Minor(), Tax: l.Tax.Minor(),
			Total: l.Total.Minor(), RequiresShipping: l.RequiresShipping, Ordered: l.Quantity, Position: i + 1,
			Details: details{ProductHandle: l.ProductHandle, VariantTitle: l.VariantTitle, Options: l.Options,
				Thumbnail: l.Thumbnail, TaxLines: l.TaxLines, Metadata: notNil(l.Metadata)}}
	}
	return d
}

func notNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
