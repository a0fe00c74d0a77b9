package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
)

// cartRow is a cart as it is read. Several callers may have the same one: each decodes its own cart.
type cartRow struct {
	ID               string    `db:"id"`
	Status           string    `db:"status"`
	Version          int       `db:"version"`
	TokenVersion     int       `db:"token_version"`
	ChannelID        string    `db:"channel_id"`
	Currency         string    `db:"currency"`
	Locale           string    `db:"locale"`
	Country          string    `db:"country"`
	Email            string    `db:"email"`
	ShippingAddress  []byte    `db:"shipping_address"`
	BillingAddress   []byte    `db:"billing_address"`
	ShippingOptionID string    `db:"shipping_option_id"`
	Note             string    `db:"note"`
	Metadata         []byte    `db:"metadata"`
	Lines            []byte    `db:"lines"`
	OrderID          string    `db:"order_id"`
	Lapsed           bool      `db:"lapsed"`
	Overdue          bool      `db:"overdue"`
	ExpiresAt        time.Time `db:"expires_at"`
}

// lineRow is a line as it travels to and from the database, inside a JSON array.
type lineRow struct {
	ID           string            `json:"id"`
	Position     int               `json:"position"`
	VariantID    string            `json:"variant_id"`
	Quantity     int64             `json:"quantity"`
	Metadata     map[string]string `json:"metadata"`
	MetadataHash string            `json:"metadata_hash"`
	Product      basket.Product    `json:"product"`
	UnitPrice    int64             `json:"unit_price"`
	Subtotal     int64             `json:"subtotal"`
	Discount     int64             `json:"discount"`
	Tax          int64             `json:"tax"`
	Total        int64             `json:"total"`
}

// changesRow is what a change may write of a cart, as one JSON object.
type changesRow struct {
	ID               string            `json:"id"`
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
}

func (row cartRow) cart() (basket.Cart, error) {
	var lines []lineRow
	c := basket.Cart{
		ID: row.ID, Status: row.Status, Version: row.Version, TokenVersion: row.TokenVersion, OrderID: row.OrderID,
		ChannelID: row.ChannelID, Currency: row.Currency, Locale: row.Locale, Country: row.Country, Email: row.Email,
		ShippingOptionID: row.ShippingOptionID, Note: row.Note,
		Lapsed: row.Lapsed, Overdue: row.Overdue, ExpiresAt: row.ExpiresAt,
	}
	for _, part := range []struct {
		text []byte
		into any
	}{{row.ShippingAddress, &c.ShippingAddress}, {row.BillingAddress, &c.BillingAddress}, {row.Metadata, &c.Metadata}, {row.Lines, &lines}} {
		if part.text == nil {
			continue
		}
		if err := json.Unmarshal(part.text, part.into); err != nil {
			return basket.Cart{}, err
		}
	}
	c.Lines = make([]basket.Line, len(lines))
	for i, line := range lines {
		c.Lines[i] = basket.Line{ID: line.ID, VariantID: line.VariantID, Quantity: line.Quantity,
			Metadata: line.Metadata, Product: line.Product}
	}
	return c, nil
}

func changes(c basket.Cart, sheet totals.Sheet) changesRow {
	sums := sheet.Totals
	return changesRow{
		ID: c.ID, ChannelID: c.ChannelID, Currency: c.Currency, Locale: c.Locale, Country: c.Country, Email: c.Email,
		ShippingAddress: c.ShippingAddress, BillingAddress: c.BillingAddress,
		ShippingOptionID: nullable(c.ShippingOptionID), Note: c.Note, Metadata: orEmpty(c.Metadata),
		TaxIncluded: sheet.TaxIncluded,
		Subtotal:    sums.Subtotal.Minor(), Discount: sums.Discount.Minor(),
		Shipping: sums.Shipping.Minor(), ShippingTax: sheet.Shipping.Tax.Minor(),
		Tax: sums.Tax.Minor(), Total: sums.Total.Minor(),
	}
}

func lines(c basket.Cart, sheet totals.Sheet) []lineRow {
	rows := make([]lineRow, len(c.Lines))
	for i, line := range c.Lines {
		amounts := sheet.Lines[i]
		rows[i] = lineRow{ID: line.ID, Position: i, VariantID: line.VariantID, Quantity: line.Quantity,
			Metadata: orEmpty(line.Metadata), MetadataHash: metadataHash(line.Metadata), Product: line.Product,
			UnitPrice: amounts.UnitPrice.Minor(), Subtotal: amounts.Subtotal.Minor(),
			Discount: amounts.Discount.Minor(), Tax: amounts.Tax.Minor(), Total: amounts.Total.Minor()}
	}
	return rows
}

// metadataHash stands for the metadata in the constraint that keeps equal lines one line. JSON sorts the keys of a map,
// so equal metadata have equal text; a map of strings always marshals.
func metadataHash(metadata map[string]string) string {
	text, _ := json.Marshal(orEmpty(metadata))
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func orEmpty(metadata map[string]string) map[string]string {
	if metadata == nil {
		return map[string]string{}
	}
	return metadata
}
