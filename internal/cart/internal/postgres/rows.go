package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"time"

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
	c.Lines, c.Stored = make([]basket.Line, len(lines)), make([]basket.StoredLine, len(lines))
	for i, line := range lines {
		c.Lines[i] = basket.Line{ID: line.ID, VariantID: line.VariantID, Quantity: line.Quantity,
			Metadata: line.Metadata, Product: line.Product}
		c.Stored[i] = basket.StoredLine{Line: c.Lines[i], UnitPrice: line.UnitPrice, Subtotal: line.Subtotal,
			Discount: line.Discount, Tax: line.Tax, Total: line.Total}
	}
	return c, nil
}

// lines are the lines of a cart from a position on.
func lines(c basket.Cart, sheet totals.Sheet, from int) []lineRow {
	rows := make([]lineRow, 0, len(c.Lines)-from)
	for i := from; i < len(c.Lines); i++ {
		line, amounts := c.Lines[i], sheet.Lines[i]
		rows = append(rows, lineRow{ID: line.ID, Position: i, VariantID: line.VariantID, Quantity: line.Quantity,
			Metadata: orEmpty(line.Metadata), MetadataHash: metadataHash(line.Metadata), Product: line.Product,
			UnitPrice: amounts.UnitPrice.Minor(), Subtotal: amounts.Subtotal.Minor(),
			Discount: amounts.Discount.Minor(), Tax: amounts.Tax.Minor(), Total: amounts.Total.Minor()})
	}
	return rows
}

// unchanged reports whether the first lines of a cart are those that are stored, just as they are. What variant and
// metadata a line has never changes.
func unchanged(c basket.Cart, sheet totals.Sheet) bool {
	if len(c.Stored) > len(c.Lines) {
		return false
	}
	for i, was := range c.Stored {
		line, amounts := c.Lines[i], sheet.Lines[i]
		if was.ID != line.ID || was.Quantity != line.Quantity || !reflect.DeepEqual(was.Product, line.Product) ||
			was.UnitPrice != amounts.UnitPrice.Minor() || was.Subtotal != amounts.Subtotal.Minor() ||
			was.Discount != amounts.Discount.Minor() || was.Tax != amounts.Tax.Minor() || was.Total != amounts.Total.Minor() {
			return false
		}
	}
	return true
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
