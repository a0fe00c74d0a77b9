package cart

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
)

// Prefixes of public ids, and the kind of a cart's token.
const (
	CartPrefix = "cart"
	LinePrefix = "line"
	TokenKind  = "cart"
)

// Statuses of a cart.
const (
	StatusOpen        = "open"
	StatusCheckingOut = "checking_out"
	StatusCompleted   = "completed"
	StatusMerged      = "merged"
	StatusExpired     = "expired"
)

// Limits of a cart.
const (
	MaxLines    = 100
	MaxQuantity = 1_000_000
)

// Service hands a cart over to a checkout.
type Service interface {
	// Check answers a cart's state if the token is its own; nothing is written.
	// Errors: ErrNotFound (no such cart, or another's token).
	Check(ctx context.Context, req CheckRequest) (State, error)
	// Quote prices lines that are in no cart, as Freeze would; nothing is written. Without a shipping option the cheapest
	// that serves the address is taken.
	// Errors: ErrEmpty, ErrUnknownVariant, ErrVariantUnavailable, ErrAddressIncomplete, ErrEmailRequired,
	// ErrShippingOptionRequired, ErrTooManyLines, ErrQuantityOutOfRange, money.ErrOverflow, and those of
	// channels.Service.Resolve.
	Quote(ctx context.Context, req QuoteRequest) (Snapshot, error)
	// Freeze reprices the cart, stops changes to it until Until by the database clock, and answers the snapshot. The same
	// reference again answers the same snapshot; a later Until prolongs the freeze, an earlier one does not shorten it.
	// Errors: ErrNotFound, ErrNotOpen, ErrCheckoutInProgress, ErrVersionMismatch, ErrReferenceClosed, and those of Quote.
	Freeze(ctx context.Context, req FreezeRequest) (Snapshot, error)
	// Thaw opens the cart again and closes the reference: a Freeze that arrives later is refused. An unknown reference is
	// closed too; thawing twice, or after Close, changes nothing.
	Thaw(ctx context.Context, req ThawRequest) (ThawAnswer, error)
	// Close marks the carts of references completed by their orders. Repeating it changes nothing.
	Close(ctx context.Context, req CloseRequest) (CloseAnswer, error)
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

// State is where a cart stands. Version counts the changes of what is to be bought; freezing and thawing are none. Demand
// what its lines want, and DeadlineMinutes how long its channel lets a checkout take; both only of a cart that can still
// be checked out. Remembered says that the cart may have changed since: what speaks against it then may be over.
type State struct {
	CartID          string        `json:"cart_id"`
	Status          string        `json:"status"`
	Version         int           `json:"version"`
	OrderID         string        `json:"order_id"`
	Demand          []StateDemand `json:"demand"`
	DeadlineMinutes int           `json:"deadline_minutes"`
	Remembered      bool          `json:"remembered"`
}

// StateDemand is a line's quantity of a SKU, in the order of the lines. SKU is empty when the variant is gone.
type StateDemand struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Snapshot is a cart as it is agreed to: every amount an order needs. TaxIncluded says that prices contain their tax.
type Snapshot struct {
	CartID      string          `json:"cart_id"`
	CartVersion int             `json:"cart_version"`
	Channel     SnapshotChannel `json:"channel"`
	Currency    string          `json:"currency"`
	Locale      string          `json:"locale"`
	TaxIncluded bool            `json:"tax_included"`
	Email       string          `json:"email"`
	// ShippingAddress is nil when nothing has to be sent.
	ShippingAddress *Address          `json:"shipping_address"`
	BillingAddress  *Address          `json:"billing_address"`
	Lines           []SnapshotLine    `json:"lines"`
	Shipping        *SnapshotShipping `json:"shipping"`
	Totals          Totals            `json:"totals"`
	Note            string            `json:"note"`
	Metadata        map[string]string `json:"metadata"`
}

// SnapshotChannel is what a checkout needs to know of the channel.
type SnapshotChannel struct {
	ID              string   `json:"id"`
	Code            string   `json:"code"`
	DeadlineMinutes int      `json:"deadline_minutes"`
	PaymentCapture  string   `json:"payment_capture"`
	Origins         []string `json:"origins"`
}

// SnapshotLine is one line with its amounts. Total = Subtotal - Discount, plus Tax when it is not included.
type SnapshotLine struct {
	ID               string            `json:"id"`
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
	CompareAt        *money.Money      `json:"compare_at"`
	Subtotal         money.Money       `json:"subtotal"`
	Discount         money.Money       `json:"discount"`
	Tax              money.Money       `json:"tax"`
	Total            money.Money       `json:"total"`
	TaxLines         []TaxLine         `json:"tax_lines"`
	TaxClass         string            `json:"tax_class"`
	RequiresShipping bool              `json:"requires_shipping"`
	Metadata         map[string]string `json:"metadata"`
}

// SelectedOption is one value on one axis.
type SelectedOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Thumbnail is a picture by link; width and height are pixels, 0 when unknown.
type Thumbnail struct {
	URL    string `json:"url"`
	Alt    string `json:"alt"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// TaxLine is the tax of one rate on one line. Rate is a percentage such as "8.1".
type TaxLine struct {
	Name   string      `json:"name"`
	Rate   string      `json:"rate"`
	Amount money.Money `json:"amount"`
}

// SnapshotShipping is the chosen delivery with its price and tax.
type SnapshotShipping struct {
	OptionID string      `json:"option_id"`
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Price    money.Money `json:"price"`
	Tax      money.Money `json:"tax"`
	TaxLines []TaxLine   `json:"tax_lines"`
}

// Totals add up: Total = Subtotal - Discount + Shipping, plus Tax when it is not included in the prices.
type Totals struct {
	Subtotal money.Money `json:"subtotal"`
	Discount money.Money `json:"discount"`
	Shipping money.Money `json:"shipping"`
	Tax      money.Money `json:"tax"`
	Total    money.Money `json:"total"`
}

// CheckRequest names a cart and shows its token.
type CheckRequest struct {
	CartID string `json:"cart_id"`
	Token  string `json:"token"`
	// MayRemember allows the cart as this process last stored it, which others may have changed since.
	MayRemember bool `json:"may_remember"`
}

// QuoteRequest is everything an order needs, without a cart.
type QuoteRequest struct {
	Channel          ChannelChoice     `json:"channel"`
	Lines            []QuoteLine       `json:"lines"`
	Email            string            `json:"email"`
	ShippingAddress  *Address          `json:"shipping_address"`
	BillingAddress   *Address          `json:"billing_address"`
	ShippingOptionID string            `json:"shipping_option_id"`
	Note             string            `json:"note"`
	Metadata         map[string]string `json:"metadata"`
}

// ChannelChoice is what a request said about its channel; every field may be empty.
type ChannelChoice struct {
	Code           string `json:"code"`
	PublishableKey string `json:"publishable_key"`
	Currency       string `json:"currency"`
	Locale         string `json:"locale"`
	AcceptLanguage string `json:"accept_language"`
}

// QuoteLine names a variant by id or SKU.
type QuoteLine struct {
	VariantID string            `json:"variant_id"`
	SKU       string            `json:"sku"`
	Quantity  int64             `json:"quantity"`
	Metadata  map[string]string `json:"metadata"`
}

// FreezeRequest asks to stop changes to a cart. Version 0 means any.
type FreezeRequest struct {
	Reference string    `json:"reference"`
	CartID    string    `json:"cart_id"`
	Version   int       `json:"version"`
	Until     time.Time `json:"until"`
}

// ThawRequest names the reference that gives the cart up.
type ThawRequest struct {
	Reference string `json:"reference"`
	CartID    string `json:"cart_id"`
}

// ThawAnswer is empty.
type ThawAnswer struct{}

// CloseRequest names the carts that became orders.
type CloseRequest struct {
	Carts []ClosedCart `json:"carts"`
}

// ClosedCart is one cart, the reference that froze it and the order it became.
type ClosedCart struct {
	Reference string `json:"reference"`
	CartID    string `json:"cart_id"`
	OrderID   string `json:"order_id"`
}

// CloseAnswer is empty.
type CloseAnswer struct{}
