package basket

import (
	"maps"
	"slices"

	"github.com/rialto-commerce/rialto/internal/cart"
)

// Item is a quantity of a variant to put into a cart. Pointer is its place in the request, for errors.
type Item struct {
	VariantID string
	Quantity  int64
	Metadata  map[string]string
	Pointer   string
}

// Add puts items into the cart. What equals a line (same variant, same metadata) is added to it.
// Errors: cart.ErrQuantityOutOfRange, cart.ErrTooManyLines.
func (c *Cart) Add(items []Item, newID func() string) error {
	lines := slices.Clone(c.Lines)
	for _, item := range items {
		var err error
		if lines, err = merge(lines, item, newID); err != nil {
			return err
		}
	}
	c.Lines = lines
	return nil
}

// Replace makes the items all that the cart holds. A line that stays keeps its id.
// Errors: cart.ErrQuantityOutOfRange, cart.ErrTooManyLines.
func (c *Cart) Replace(items []Item, newID func() string) error {
	var lines []Line
	for _, item := range items {
		keepID := func() string {
			if i := find(c.Lines, item); i >= 0 {
				return c.Lines[i].ID
			}
			return newID()
		}
		var err error
		if lines, err = merge(lines, item, keepID); err != nil {
			return err
		}
	}
	c.Lines = lines
	return nil
}

// SetQuantity changes how many a line holds; 0 removes it. Errors: cart.ErrNotFound (no such line),
// cart.ErrQuantityOutOfRange.
func (c *Cart) SetQuantity(lineID string, quantity int64) error {
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.ID == lineID })
	if i < 0 {
		return cart.ErrNotFound.Detailf("there is no such line in the cart")
	}
	if quantity == 0 {
		c.Lines = slices.Delete(slices.Clone(c.Lines), i, i+1)
		return nil
	}
	if err := checkQuantity(quantity, ""); err != nil {
		return err
	}
	c.Lines = slices.Clone(c.Lines)
	c.Lines[i].Quantity = quantity
	return nil
}

// Separate makes each item a line of its own, equal or not, in their order: for a cart that is never stored.
// Errors: cart.ErrQuantityOutOfRange, cart.ErrTooManyLines.
func Separate(items []Item, newID func() string) ([]Line, error) {
	lines := make([]Line, 0, len(items))
	for _, item := range items {
		if err := checkQuantity(item.Quantity, item.Pointer); err != nil {
			return nil, err
		}
		lines = append(lines, newLine(item, newID()))
	}
	return lines, checkCount(lines, LinePointer(cart.MaxLines))
}

func merge(lines []Line, item Item, newID func() string) ([]Line, error) {
	if err := checkQuantity(item.Quantity, item.Pointer); err != nil {
		return nil, err
	}
	if i := find(lines, item); i >= 0 {
		lines[i].Quantity += item.Quantity
		return lines, checkQuantity(lines[i].Quantity, item.Pointer)
	}
	lines = append(lines, newLine(item, newID()))
	return lines, checkCount(lines, item.Pointer)
}

func find(lines []Line, item Item) int {
	return slices.IndexFunc(lines, func(l Line) bool {
		return l.VariantID == item.VariantID && maps.Equal(l.Metadata, item.Metadata)
	})
}

func newLine(item Item, id string) Line {
	metadata := item.Metadata
	if metadata == nil {
		metadata = map[string]string{}
	}
	return Line{ID: id, VariantID: item.VariantID, Quantity: item.Quantity, Metadata: metadata}
}

func checkQuantity(quantity int64, pointer string) error {
	if quantity < 1 || quantity > cart.MaxQuantity {
		return field(pointer+"/quantity", cart.ErrQuantityOutOfRange)
	}
	return nil
}

func checkCount(lines []Line, pointer string) error {
	if len(lines) > cart.MaxLines {
		return field(pointer, cart.ErrTooManyLines)
	}
	return nil
}
