package postgres

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
)

// stateColumns are what changes of an order, and what its changes depend on.
const stateColumns = `id, reference, currency, total, payment_method, authorized, captured, refunded, payment_voided,
	payment_seq, status, payment_status, fulfillment_status, cancel_reason, canceled_at, version, event_seq`

type stateRow struct {
	ID                string       `db:"id"`
	Reference         string       `db:"reference"`
	Currency          string       `db:"currency"`
	Total             int64        `db:"total"`
	PaymentMethod     string       `db:"payment_method"`
	Authorized        int64        `db:"authorized"`
	Captured          int64        `db:"captured"`
	Refunded          int64        `db:"refunded"`
	PaymentVoided     bool         `db:"payment_voided"`
	PaymentSeq        int64        `db:"payment_seq"`
	Status            string       `db:"status"`
	PaymentStatus     string       `db:"payment_status"`
	FulfillmentStatus string       `db:"fulfillment_status"`
	CancelReason      string       `db:"cancel_reason"`
	CanceledAt        sql.NullTime `db:"canceled_at"`
	Version           int          `db:"version"`
	Seq               int64        `db:"event_seq"`
}

func (r stateRow) state() order.State {
	state := order.State{ID: r.ID, Reference: r.Reference, Currency: r.Currency, Total: r.Total,
		Payment: order.Payment{Method: r.PaymentMethod, Authorized: r.Authorized, Captured: r.Captured, Refunded: r.Refunded,
			Voided: r.PaymentVoided, Seq: r.PaymentSeq},
		Status: r.Status, PaymentStatus: r.PaymentStatus, FulfillmentStatus: r.FulfillmentStatus,
		CancelReason: r.CancelReason, Version: r.Version, Seq: r.Seq}
	if r.CanceledAt.Valid {
		canceled := r.CanceledAt.Time.UTC()
		state.CanceledAt = &canceled
	}
	return state
}

// orderColumns are the whole row.
const orderColumns = stateColumns + `, number, coalesce(cart_id::text, '') AS cart_id, channel_id, channel_code, locale,
	tax_included, email, shipping_address, billing_address, shipping_option, subtotal, discount, shipping, tax, note,
	metadata, token_version, placed_at, updated_at`

type orderRow struct {
	stateRow
	Number          string    `db:"number"`
	CartID          string    `db:"cart_id"`
	ChannelID       string    `db:"channel_id"`
	ChannelCode     string    `db:"channel_code"`
	Locale          string    `db:"locale"`
	TaxIncluded     bool      `db:"tax_included"`
	Email           string    `db:"email"`
	ShippingAddress []byte    `db:"shipping_address"`
	BillingAddress  []byte    `db:"billing_address"`
	ShippingOption  []byte    `db:"shipping_option"`
	Subtotal        int64     `db:"subtotal"`
	Discount        int64     `db:"discount"`
	Shipping        int64     `db:"shipping"`
	Tax             int64     `db:"tax"`
	Note            string    `db:"note"`
	Metadata        []byte    `db:"metadata"`
	TokenVersion    int       `db:"token_version"`
	PlacedAt        time.Time `db:"placed_at"`
	UpdatedAt       time.Time `db:"updated_at"`
}

func (r orderRow) order() (order.Order, error) {
	state := r.state()
	o := order.Order{State: state, Number: r.Number, CartID: r.CartID, ChannelID: r.ChannelID, ChannelCode: r.ChannelCode,
		Locale: r.Locale, TaxIncluded: r.TaxIncluded, Email: r.Email, Note: r.Note, TokenVersion: r.TokenVersion,
		PlacedAt: r.PlacedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
		Totals: orders.Totals{Subtotal: state.Amount(r.Subtotal), Discount: state.Amount(r.Discount),
			Shipping: state.Amount(r.Shipping), Tax: state.Amount(r.Tax), Total: state.Amount(r.Total)}}
	for _, part := range []struct {
		text []byte
		into any
	}{
		{r.ShippingAddress, &o.ShippingAddress}, {r.BillingAddress, &o.BillingAddress},
		{r.ShippingOption, &o.Shipping}, {r.Metadata, &o.Metadata},
	} {
		if part.text == nil {
			continue
		}
		if err := json.Unmarshal(part.text, part.into); err != nil {
			return o, fmt.Errorf("decode order %s: %w", r.ID, err)
		}
	}
	return o, nil
}

// details are what of a line nobody asks for by column.
type details struct {
	ProductHandle string                  `json:"product_handle"`
	VariantTitle  string                  `json:"variant_title"`
	Options       []orders.SelectedOption `json:"options"`
	Thumbnail     *orders.Thumbnail       `json:"thumbnail"`
	TaxLines      []orders.TaxLine        `json:"tax_lines"`
	Metadata      map[string]string       `json:"metadata"`
}

const lineColumns = `id, order_id, variant_id, product_id, sku, title, unit_price, subtotal, discount, tax, total,
	requires_shipping, details, ordered, canceled, fulfilling, fulfilled, refunded, refunded_amount`

type lineRow struct {
	ID               string `db:"id"`
	OrderID          string `db:"order_id"`
	VariantID        string `db:"variant_id"`
	ProductID        string `db:"product_id"`
	SKU              string `db:"sku"`
	Title            string `db:"title"`
	UnitPrice        int64  `db:"unit_price"`
	Subtotal         int64  `db:"subtotal"`
	Discount         int64  `db:"discount"`
	Tax              int64  `db:"tax"`
	Total            int64  `db:"total"`
	RequiresShipping bool   `db:"requires_shipping"`
	Details          []byte `db:"details"`
	Ordered          int64  `db:"ordered"`
	Canceled         int64  `db:"canceled"`
	Fulfilling       int64  `db:"fulfilling"`
	Fulfilled        int64  `db:"fulfilled"`
	Refunded         int64  `db:"refunded"`
	RefundedAmount   int64  `db:"refunded_amount"`
}

func (r lineRow) line(currency string) (order.Line, error) {
	var d details
	if err := json.Unmarshal(r.Details, &d); err != nil {
		return order.Line{}, fmt.Errorf("decode line %s: %w", r.ID, err)
	}
	amount := func(minor int64) money.Money { return money.MustNew(minor, currency) }
	return order.Line{
		PlaceLine: orders.PlaceLine{VariantID: r.VariantID, ProductID: r.ProductID, ProductHandle: d.ProductHandle, SKU: r.SKU,
			Title: r.Title, VariantTitle: d.VariantTitle, Options: d.Options, Thumbnail: d.Thumbnail, Quantity: r.Ordered,
			UnitPrice: amount(r.UnitPrice), Subtotal: amount(r.Subtotal), Discount: amount(r.Discount), Tax: amount(r.Tax),
			Total: amount(r.Total), TaxLines: d.TaxLines, RequiresShipping: r.RequiresShipping, Metadata: d.Metadata},
		ID: r.ID, Canceled: r.Canceled, Fulfilling: r.Fulfilling, Fulfilled: r.Fulfilled, Refunded: r.Refunded,
		RefundedAmount: r.RefundedAmount,
	}, nil
}
