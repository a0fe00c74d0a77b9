package orders

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
)

// Prefixes of public ids, and the kind of an order's token.
const (
	OrderPrefix = "ord"
	LinePrefix  = "oline"
	TokenKind   = "order"
)

// Statuses of an order.
const (
	StatusPlaced    = "placed"
	StatusCompleted = "completed"
	StatusCanceled  = "canceled"
)

// Payment statuses of an order, derived from the payment's totals.
const (
	PaymentUnpaid            = "unpaid"
	PaymentAuthorized        = "authorized"
	PaymentPartiallyPaid     = "partially_paid"
	PaymentPaid              = "paid"
	PaymentPartiallyRefunded = "partially_refunded"
	PaymentRefunded          = "refunded"
	PaymentOverpaid          = "overpaid"
	PaymentVoided            = "voided"
)

// Fulfillment statuses of an order, derived from the line counters.
const (
	Unfulfilled        = "unfulfilled"
	PartiallyFulfilled = "partially_fulfilled"
	Fulfilled          = "fulfilled"
)

// Service keeps the agreement.
type Service interface {
	// Place makes the order of a checkout. The same reference again answers the same order. The amounts must add up:
	// lines to totals, and totals to the total. The payment's standing is the one at this time: what changes it later has a
	// higher Seq and comes through ApplyPayment.
	// Errors: ErrInvalidSnapshot, ErrCartTaken, ErrReferenceClosed.
	Place(ctx context.Context, req PlaceRequest) (Placed, error)
	// Close decides that a checkout gets no order: a Place that arrives later is refused. When there is an order already, it
	// is answered and nothing is closed. Closing twice changes nothing.
	// Errors: none of its own.
	Close(ctx context.Context, req CloseRequest) (CloseAnswer, error)
	// ByReference answers the order of a checkout.
	// Errors: ErrNotFound.
	ByReference(ctx context.Context, req ByReferenceRequest) (Placed, error)
	// ApplyPayment records where the payments of references stand; what is older than what is known (by Seq), and references
	// without an order, are ignored.
	ApplyPayment(ctx context.Context, req ApplyPaymentRequest) (ApplyPaymentAnswer, error)
}

// CloseRequest names the checkout that is given up.
type CloseRequest struct {
	Reference string `json:"reference"`
}

// CloseAnswer holds the order when the reference has one already, and then nothing was closed.
type CloseAnswer struct {
	Placed *Placed `json:"placed,omitempty"`
}

// Placed is an order as the shopper sees it, with its internal id.
type Placed struct {
	OrderID string `json:"order_id"`
	Order   View   `json:"order"`
}

// View is an order as the store API shows it, ids in their public form. Its JSON is the Order schema of the API document.
type View struct {
	ID                string            `json:"id"`
	Number            string            `json:"number"`
	Status            string            `json:"status"`
	PaymentStatus     string            `json:"payment_status"`
	FulfillmentStatus string            `json:"fulfillment_status"`
	Channel           string            `json:"channel"`
	Currency          string            `json:"currency"`
	Locale            string            `json:"locale"`
	Email             string            `json:"email"`
	Lines             []ViewLine        `json:"lines"`
	Addresses         ViewAddresses     `json:"addresses"`
	Shipping          *ViewShipping     `json:"shipping,omitempty"`
	Totals            Totals            `json:"totals"`
	TaxIncluded       bool              `json:"tax_included"`
	Payment           ViewPayment       `json:"payment"`
	Note              string            `json:"note,omitempty"`
	Metadata          map[string]string `json:"metadata"`
	PlacedAt          time.Time         `json:"placed_at"`
	CanceledAt        *time.Time        `json:"canceled_at,omitempty"`
	// Token opens the order to its holder; PermalinkURL is where a front end shows it, without the token.
	Token        string `json:"token"`
	PermalinkURL string `json:"permalink_url"`
}

// ViewLine is a line of the snapshot with its counters.
type ViewLine struct {
	ID            string           `json:"id"`
	VariantID     string           `json:"variant_id"`
	ProductID     string           `json:"product_id"`
	ProductHandle string           `json:"product_handle"`
	SKU           string           `json:"sku"`
	Title         string           `json:"title"`
	VariantTitle  string           `json:"variant_title,omitempty"`
	Options       []SelectedOption `json:"options"`
	Thumbnail     *Thumbnail       `json:"thumbnail,omitempty"`
	Quantity      ViewQuantity     `json:"quantity"`
	UnitPrice     money.Money      `json:"unit_price"`
	Subtotal      money.Money      `json:"subtotal"`
	Discount      money.Money      `json:"discount"`
	Tax           money.Money      `json:"tax"`
	Total         money.Money      `json:"total"`
	// Adjustments say where the discount comes from.
	Adjustments      []Adjustment      `json:"adjustments"`
	TaxLines         []TaxLine         `json:"tax_lines"`
	RequiresShipping bool              `json:"requires_shipping"`
	Metadata         map[string]string `json:"metadata"`
}

// Adjustment is a signed amount on a line, with its source.
type Adjustment struct {
	Source string      `json:"source"`
	Label  string      `json:"label"`
	Amount money.Money `json:"amount"`
}

// ViewQuantity counts units: ordered at first, current after cancellations, and fulfilled.
type ViewQuantity struct {
	Ordered   int64 `json:"ordered"`
	Current   int64 `json:"current"`
	Fulfilled int64 `json:"fulfilled"`
}

// ViewAddresses are where the order goes and who pays.
type ViewAddresses struct {
	Shipping *Address `json:"shipping,omitempty"`
	Billing  *Address `json:"billing,omitempty"`
}

// ViewShipping is the chosen delivery.
type ViewShipping struct {
	OptionID string      `json:"option_id"`
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Price    money.Money `json:"price"`
	Tax      money.Money `json:"tax"`
	TaxLines []TaxLine   `json:"tax_lines"`
}

// ViewPayment is where the money stands.
type ViewPayment struct {
	Method     string      `json:"method"`
	Authorized money.Money `json:"authorized"`
	Captured   money.Money `json:"captured"`
	Refunded   money.Money `json:"refunded"`
}

// Totals add up: Total = Subtotal - Discount + Shipping, plus Tax when it is not included in the prices.
type Totals struct {
	Subtotal money.Money `json:"subtotal"`
	Discount money.Money `json:"discount"`
	Shipping money.Money `json:"shipping"`
	Tax      money.Money `json:"tax"`
	Total    money.Money `json:"total"`
}

// Address is a place and a person; Country is ISO 3166-1 alpha-2.
type Address struct {
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	Company    string `json:"company,omitempty"`
	Line1      string `json:"line1,omitempty"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"`
	Phone      string `json:"phone,omitempty"`
}

// SelectedOption is one value on one axis.
type SelectedOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Thumbnail is a picture by link; width and height are pixels, 0 and left out when unknown.
type Thumbnail struct {
	URL    string `json:"url"`
	Alt    string `json:"alt"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// TaxLine is the tax of one rate on one line. Rate is a percentage such as "8.1".
type TaxLine struct {
	Name   string      `json:"name"`
	Rate   string      `json:"rate"`
	Amount money.Money `json:"amount"`
}

// PlaceRequest is the snapshot to agree on and the payment that stands behind it. CartID is empty when there was no cart.
type PlaceRequest struct {
	Reference       string            `json:"reference"`
	CartID          string            `json:"cart_id"`
	ChannelID       string            `json:"channel_id"`
	ChannelCode     string            `json:"channel_code"`
	Currency        string            `json:"currency"`
	Locale          string            `json:"locale"`
	TaxIncluded     bool              `json:"tax_included"`
	Email           string            `json:"email"`
	ShippingAddress *Address          `json:"shipping_address"`
	BillingAddress  *Address          `json:"billing_address"`
	Lines           []PlaceLine       `json:"lines"`
	Shipping        *PlaceShipping    `json:"shipping"`
	Totals          Totals            `json:"totals"`
	Payment         PlacePayment      `json:"payment"`
	Note            string            `json:"note"`
	Metadata        map[string]string `json:"metadata"`
}

// PlaceLine is one line of the snapshot. Its variant and product ids are internal ones.
type PlaceLine struct {
	VariantID        string            `json:"variant_id"`
	ProductID        string            `json:"product_id"`
	ProductHandle    string            `json:"product_handle"`
	SKU              string            `json:"sku"`
	Title            string            `json:"title"`
	VariantTitle     string            `json:"variant_title"`
	Options          []SelectedOption  `json:"options"`
	Thumbnail        *Thumbnail        `json:"thumbnail"`
	Quantity         int64             `json:"quantity"`
	UnitPrice        money.Money       `json:"unit_price"`
	Subtotal         money.Money       `json:"subtotal"`
	Discount         money.Money       `json:"discount"`
	Tax              money.Money       `json:"tax"`
	Total            money.Money       `json:"total"`
	TaxLines         []TaxLine         `json:"tax_lines"`
	RequiresShipping bool              `json:"requires_shipping"`
	Metadata         map[string]string `json:"metadata"`
}

// PlaceShipping is the chosen delivery with its price and tax.
type PlaceShipping struct {
	OptionID string      `json:"option_id"`
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Price    money.Money `json:"price"`
	Tax      money.Money `json:"tax"`
	TaxLines []TaxLine   `json:"tax_lines"`
}

// PlacePayment is where the payment stands when the order is placed. CaptureNow says that the channel's policy and the
// method let it be captured at once.
type PlacePayment struct {
	Method     string      `json:"method"`
	Authorized money.Money `json:"authorized"`
	Seq        int64       `json:"seq"`
	CaptureNow bool        `json:"capture_now"`
}

// ByReferenceRequest names a checkout.
type ByReferenceRequest struct {
	Reference string `json:"reference"`
}

// ApplyPaymentRequest carries where payments stand.
type ApplyPaymentRequest struct {
	Payments []PaymentStanding `json:"payments"`
}

// PaymentStanding is where the payment of one reference stands: totals so far, numbered by Seq.
type PaymentStanding struct {
	Reference  string      `json:"reference"`
	Status     string      `json:"status"`
	Authorized money.Money `json:"authorized"`
	Captured   money.Money `json:"captured"`
	Refunded   money.Money `json:"refunded"`
	Seq        int64       `json:"seq"`
}

// ApplyPaymentAnswer is empty.
type ApplyPaymentAnswer struct{}
