package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Insert implements placing.Store. One statement decides the reference, writes order and lines and announces them. A Close
// or an Insert of the same reference at the same moment is waited for.
func (s Store) Insert(ctx context.Context, o order.Order, captureNow bool) (placed order.Order, inserted bool, err error) {
	args, err := s.placeArguments(o, captureNow)
	if err != nil {
		return order.Order{}, false, err
	}
	var row struct {
		Number   string    `db:"number"`
		PlacedAt time.Time `db:"placed_at"`
	}
	err = s.q.Get(ctx, &row, s.place, args...)
	switch {
	case errors.Is(err, sqldb.ErrNoRows), sqldb.Violates(err, "orders_one_per_checkout"):
		return order.Order{}, false, nil
	case sqldb.Violates(err, "orders_one_per_cart"):
		return order.Order{}, false, orders.ErrCartTaken
	case err != nil:
		return order.Order{}, false, fmt.Errorf("insert order: %w", err)
	}
	o.Number, o.PlacedAt, o.UpdatedAt = row.Number, row.PlacedAt.UTC(), row.PlacedAt.UTC()
	return o, true, nil
}

// placeSQL is the statement of Insert. The event's number is known only in it.
func placeSQL(o *outbox.Outbox) string {
	const query = `
		WITH decided AS (
			INSERT INTO orders.decided_references (reference, order_id) VALUES ($2, $1)
			ON CONFLICT DO NOTHING
			RETURNING reference
		), placed AS (
			INSERT INTO orders.orders (id, reference, cart_id, channel_id, channel_code, currency, locale, tax_included, email,
				shipping_address, billing_address, shipping_option, subtotal, discount, shipping, shipping_tax, tax, total,
				note, metadata, payment_method, authorized, payment_seq, status, payment_status, fulfillment_status,
				token_version, version, event_seq)
			SELECT $1, reference, nullif($3, '')::uuid, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
				$20, $21, $22, $23, $24, $25, $26, $27, $28, $29
			FROM decided
			RETURNING id, number, placed_at
		), lines AS (
			INSERT INTO orders.order_lines (order_id, id, variant_id, product_id, sku, title, unit_price, subtotal, discount,
				tax, total, requires_shipping, details, ordered, position)
			SELECT placed.id, l.id, l.variant_id, l.product_id, l.sku, l.title, l.unit_price, l.subtotal, l.discount,
				l.tax, l.total, l.requires_shipping, l.details::jsonb, l.ordered, l.position
			FROM placed, unnest($30::uuid[], $31::uuid[], $32::uuid[], $33::text[], $34::text[], $35::bigint[], $36::bigint[],
				$37::bigint[], $38::bigint[], $39::bigint[], $40::boolean[], $41::text[], $42::bigint[]) WITH ORDINALITY
				AS l(id, variant_id, product_id, sku, title, unit_price, subtotal, discount, tax, total, requires_shipping,
					details, ordered, position)
		), numbered AS (
			SELECT jsonb_build_object('number', number) AS facts FROM placed
		), {announcement}
		SELECT number, placed_at FROM placed`
	return strings.Replace(query, "{announcement}", o.PartSQL("numbered", placeParameters+1), 1)
}

// placeParameters is how many parameters the order and its lines have; those of the announcement follow.
const placeParameters = 42

func (s Store) placeArguments(o order.Order, captureNow bool) ([]any, error) {
	lines, err := columnsOf(o.Lines)
	if err != nil {
		return nil, err
	}
	announcement, err := s.outbox.PartArgs(outbox.Record{
		AggregateType: aggregate, AggregateID: o.ID, Seq: o.Seq, Event: o.Placed(captureNow)})
	if err != nil {
		return nil, err
	}
	return slices.Concat(orderArguments(o), lines.arguments(), announcement), nil
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

func orderArguments(o order.Order) []any {
	var shippingTax int64
	if o.Shipping != nil {
		shippingTax = o.Shipping.Tax.Minor()
	}
	return []any{o.ID, o.Reference, o.CartID, o.ChannelID, o.ChannelCode, o.Currency, o.Locale, o.TaxIncluded, o.Email,
		jsonOrNull(o.ShippingAddress), jsonOrNull(o.BillingAddress), jsonOrNull(o.Shipping),
		o.Totals.Subtotal.Minor(), o.Totals.Discount.Minor(), o.Totals.Shipping.Minor(), shippingTax, o.Totals.Tax.Minor(), o.Total,
		o.Note, sqldb.JSON{V: notNil(o.Metadata)}, o.Payment.Method, o.Payment.Authorized, o.Payment.Seq,
		o.Status, o.PaymentStatus, o.FulfillmentStatus, o.TokenVersion, o.Version, o.Seq}
}

// lineArrays are the lines by column, so that any number of them is one statement.
type lineArrays struct {
	id, variantID, productID, sku, title, details           []string
	unitPrice, subtotal, discount, tax, total, orderedUnits []int64
	requiresShipping                                        []bool
}

func columnsOf(lines []order.Line) (lineArrays, error) {
	var c lineArrays
	for _, l := range lines {
		text, err := json.Marshal(details{ProductHandle: l.ProductHandle, VariantTitle: l.VariantTitle, Options: l.Options,
			Thumbnail: l.Thumbnail, TaxLines: l.TaxLines, Metadata: notNil(l.Metadata)})
		if err != nil {
			return c, fmt.Errorf("encode line of %s: %w", l.SKU, err)
		}
		c.id, c.variantID, c.productID = append(c.id, l.ID), append(c.variantID, l.VariantID), append(c.productID, l.ProductID)
		c.sku, c.title, c.details = append(c.sku, l.SKU), append(c.title, l.Title), append(c.details, string(text))
		c.unitPrice, c.subtotal = append(c.unitPrice, l.UnitPrice.Minor()), append(c.subtotal, l.Subtotal.Minor())
		c.discount, c.tax = append(c.discount, l.Discount.Minor()), append(c.tax, l.Tax.Minor())
		c.total, c.orderedUnits = append(c.total, l.Total.Minor()), append(c.orderedUnits, l.Quantity)
		c.requiresShipping = append(c.requiresShipping, l.RequiresShipping)
	}
	return c, nil
}

func (c lineArrays) arguments() []any {
	return []any{c.id, c.variantID, c.productID, c.sku, c.title, c.unitPrice, c.subtotal, c.discount, c.tax, c.total,
		c.requiresShipping, c.details, c.orderedUnits}
}

// jsonOrNull is SQL NULL for a nil pointer, where JSON would say null.
func jsonOrNull[T any](value *T) sqldb.JSON {
	if value == nil {
		return sqldb.JSON{}
	}
	return sqldb.JSON{V: value}
}

func notNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
