package basket_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func TestEqualLinesMerge(t *testing.T) {
	var c basket.Cart
	ids := counter()
	engraved := map[string]string{"engraving": "A. B."}

	require.NoError(t, c.Add([]basket.Item{item("tee", 1, nil), item("tee", 2, map[string]string{})}, ids))
	require.NoError(t, c.Add([]basket.Item{item("tee", 1, engraved), item("mug", 1, nil), item("tee", 3, nil)}, ids))

	require.Len(t, c.Lines, 3)
	assert.Equal(t, int64(6), c.Lines[0].Quantity, "no metadata and empty metadata are equal")
	assert.Equal(t, engraved, c.Lines[1].Metadata)
	assert.Equal(t, "mug", c.Lines[2].VariantID)
}

func TestAddingWhatDoesNotFitLeavesTheCartAlone(t *testing.T) {
	tests := []struct {
		name    string
		items   []basket.Item
		want    error
		pointer string
	}{
		{"a quantity of 0", []basket.Item{item("mug", 1, nil), at("/lines/1", item("mug", 0, nil))}, cart.ErrQuantityOutOfRange, "/lines/1/quantity"},
		{"a negative quantity", []basket.Item{at("", item("mug", -1, nil))}, cart.ErrQuantityOutOfRange, "/quantity"},
		{"more than a line holds", []basket.Item{at("", item("mug", cart.MaxQuantity+1, nil))}, cart.ErrQuantityOutOfRange, "/quantity"},
		{"more than a line holds once merged", []basket.Item{at("/lines/0", item("tee", cart.MaxQuantity, nil))}, cart.ErrQuantityOutOfRange, "/lines/0/quantity"},
		{"more lines than a cart holds", manyItems(cart.MaxLines), cart.ErrTooManyLines, basket.LinePointer(cart.MaxLines - 1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c basket.Cart
			ids := counter()
			require.NoError(t, c.Add([]basket.Item{item("tee", 1, nil)}, ids))

			err := c.Add(tt.items, ids)

			require.ErrorIs(t, err, tt.want)
			assert.Equal(t, []string{tt.pointer}, pointers(t, err))
			require.Len(t, c.Lines, 1)
			assert.Equal(t, int64(1), c.Lines[0].Quantity)
		})
	}
}

func TestReplacedLinesThatStayKeepTheirIDs(t *testing.T) {
	var c basket.Cart
	ids := counter()
	require.NoError(t, c.Add([]basket.Item{item("tee", 1, nil), item("mug", 1, nil)}, ids))
	mug := c.Lines[1].ID

	err := c.Replace([]basket.Item{item("cap", 1, nil), item("mug", 4, nil), item("cap", 1, nil)}, ids)

	require.NoError(t, err)
	require.Len(t, c.Lines, 2)
	assert.Equal(t, "cap", c.Lines[0].VariantID)
	assert.Equal(t, int64(2), c.Lines[0].Quantity)
	assert.Equal(t, mug, c.Lines[1].ID)
	assert.Equal(t, int64(4), c.Lines[1].Quantity)
	assert.NotEqual(t, c.Lines[0].ID, c.Lines[1].ID)
}

func TestReplacingWithNothingEmptiesTheCart(t *testing.T) {
	var c basket.Cart
	require.NoError(t, c.Add([]basket.Item{item("tee", 1, nil)}, counter()))

	require.NoError(t, c.Replace(nil, counter()))

	assert.Empty(t, c.Lines)
}

func TestALinesQuantityIsSetOrTheLineRemoved(t *testing.T) {
	var c basket.Cart
	require.NoError(t, c.Add([]basket.Item{item("tee", 1, nil), item("mug", 2, nil)}, counter()))
	tee, mug := c.Lines[0].ID, c.Lines[1].ID

	require.NoError(t, c.SetQuantity(tee, 5))
	assert.Equal(t, int64(5), c.Lines[0].Quantity)

	err := c.SetQuantity(tee, cart.MaxQuantity+1)
	require.ErrorIs(t, err, cart.ErrQuantityOutOfRange)
	assert.Equal(t, []string{"/quantity"}, pointers(t, err))

	require.NoError(t, c.SetQuantity(tee, 0))
	require.Len(t, c.Lines, 1)
	assert.Equal(t, mug, c.Lines[0].ID)

	assert.ErrorIs(t, c.SetQuantity(tee, 1), cart.ErrNotFound)
}

func TestSeparateLinesStaySeparateAndInOrder(t *testing.T) {
	lines, err := basket.Separate([]basket.Item{item("tee", 1, nil), item("mug", 1, nil), item("tee", 2, nil)}, counter())

	require.NoError(t, err)
	require.Len(t, lines, 3)
	assert.Equal(t, "tee", lines[2].VariantID)
	assert.Equal(t, int64(2), lines[2].Quantity)

	_, err = basket.Separate(manyItems(cart.MaxLines+1), counter())
	assert.ErrorIs(t, err, cart.ErrTooManyLines)

	_, err = basket.Separate([]basket.Item{at("/lines/0", item("tee", 0, nil))}, counter())
	assert.ErrorIs(t, err, cart.ErrQuantityOutOfRange)
}

// However lines are added, no two lines are equal and nothing is lost.
func TestAddingKeepsEveryUnitOnOneLinePerVariantAndMetadata(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c basket.Cart
		ids := counter()
		want := map[string]int64{}
		for range rapid.IntRange(0, 30).Draw(t, "items") {
			variant := rapid.SampledFrom([]string{"tee", "mug", "cap"}).Draw(t, "variant")
			color := rapid.SampledFrom([]string{"", "red", "blue"}).Draw(t, "color")
			quantity := rapid.Int64Range(1, 100).Draw(t, "quantity")
			var metadata map[string]string
			if color != "" {
				metadata = map[string]string{"color": color}
			}
			want[variant+color] += quantity
			require.NoError(t, c.Add([]basket.Item{item(variant, quantity, metadata)}, ids))
		}

		got := map[string]int64{}
		for _, line := range c.Lines {
			got[line.VariantID+line.Metadata["color"]] += line.Quantity
		}
		assert.Equal(t, want, got)
		assert.Len(t, c.Lines, len(want))
	})
}

func TestEveryVerbIsRefusedFromTheWrongStatus(t *testing.T) {
	tests := []struct {
		name           string
		cart           basket.Cart
		standing       string
		change, freeze error
	}{
		{"open", basket.Cart{Status: cart.StatusOpen}, cart.StatusOpen, nil, nil},
		{"open and overdue", basket.Cart{Status: cart.StatusOpen, Overdue: true}, cart.StatusExpired, cart.ErrNotOpen, cart.ErrNotOpen},
		{"checking out", basket.Cart{Status: cart.StatusCheckingOut}, cart.StatusCheckingOut, cart.ErrNotOpen, cart.ErrCheckoutInProgress},
		{"checking out and overdue", basket.Cart{Status: cart.StatusCheckingOut, Overdue: true}, cart.StatusCheckingOut, cart.ErrNotOpen, cart.ErrCheckoutInProgress},
		{"checking out, lapsed", basket.Cart{Status: cart.StatusCheckingOut, Lapsed: true}, cart.StatusOpen, nil, nil},
		{"checking out, lapsed and overdue", basket.Cart{Status: cart.StatusCheckingOut, Lapsed: true, Overdue: true}, cart.StatusExpired, cart.ErrNotOpen, cart.ErrNotOpen},
		{"completed", basket.Cart{Status: cart.StatusCompleted}, cart.StatusCompleted, cart.ErrNotOpen, cart.ErrNotOpen},
		{"merged", basket.Cart{Status: cart.StatusMerged}, cart.StatusMerged, cart.ErrNotOpen, cart.ErrNotOpen},
		{"expired", basket.Cart{Status: cart.StatusExpired, Overdue: true}, cart.StatusExpired, cart.ErrNotOpen, cart.ErrNotOpen},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.standing, tt.cart.Standing())
			assert.ErrorIs(t, tt.cart.Change(), tt.change)
			assert.ErrorIs(t, tt.cart.Freeze(), tt.freeze)
		})
	}
}

func TestAVersionIsExpectedOrAny(t *testing.T) {
	c := basket.Cart{Version: 7}

	assert.NoError(t, c.Expect(0))
	assert.NoError(t, c.Expect(7))
	assert.ErrorIs(t, c.Expect(6), cart.ErrVersionMismatch)
	assert.ErrorIs(t, c.Expect(-1), cart.ErrVersionMismatch)
}

func TestChangesLeaveClearOrReplaceAField(t *testing.T) {
	c := basket.Cart{Email: "ada@example.com", Note: "ring twice", ShippingOptionID: "o1",
		ShippingAddress: &cart.Address{City: "Jena"}, Metadata: map[string]string{"a": "b"}}
	nothing, email := "", "grace@example.com"

	c.Apply(basket.Changes{})
	assert.Equal(t, "ring twice", c.Note)
	assert.Equal(t, "Jena", c.ShippingAddress.City)

	c.Apply(basket.Changes{Email: &email, Note: &nothing, ShippingAddress: &cart.Address{},
		BillingAddress: &cart.Address{Country: "DE"}, Metadata: &map[string]string{}})
	assert.Equal(t, email, c.Email)
	assert.Empty(t, c.Note)
	assert.Nil(t, c.ShippingAddress)
	assert.Equal(t, &cart.Address{Country: "DE"}, c.BillingAddress)
	assert.Empty(t, c.Metadata)
	assert.Equal(t, "o1", c.ShippingOptionID)
}

func TestAnAddressDecidesThePlace(t *testing.T) {
	germany := &cart.Address{Country: "DE", Region: "TH"}
	tests := []struct {
		name      string
		cart      basket.Cart
		shippable bool
		want      basket.Place
		decided   bool
	}{
		{"nothing known", basket.Cart{}, true, basket.Place{}, false},
		{"only the shopper's country", basket.Cart{Country: "FR"}, true, basket.Place{Country: "FR"}, false},
		{"a shipping address", basket.Cart{Country: "FR", ShippingAddress: germany}, true, basket.Place{Country: "DE", Region: "TH"}, true},
		{"an address without a country", basket.Cart{Country: "FR", ShippingAddress: &cart.Address{City: "Jena"}}, true, basket.Place{Country: "FR"}, false},
		{"a billing address decides nothing that is shipped", basket.Cart{Country: "FR", BillingAddress: germany}, true, basket.Place{Country: "FR"}, false},
		{"a billing address decides what is not shipped", basket.Cart{Country: "FR", BillingAddress: germany}, false, basket.Place{Country: "DE", Region: "TH"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			place, decided := tt.cart.Place(tt.shippable)

			assert.Equal(t, tt.want, place)
			assert.Equal(t, tt.decided, decided)
		})
	}
}

func TestAnIncompleteAddressNamesWhatIsMissing(t *testing.T) {
	complete := cart.Address{FirstName: "Ada", LastName: "Byron", Line1: "Lindenweg 4", City: "Jena", PostalCode: "07743", Country: "DE"}
	assert.NoError(t, basket.CompleteAddress(&complete, basket.ShippingPointer))

	partial := complete
	partial.City, partial.PostalCode = "", "  "
	err := basket.CompleteAddress(&partial, basket.ShippingPointer)
	require.ErrorIs(t, err, cart.ErrAddressIncomplete)
	assert.Equal(t, []string{"/shipping_address/city", "/shipping_address/postal_code"}, pointers(t, err))

	assert.Len(t, pointers(t, basket.CompleteAddress(nil, basket.BillingPointer)), 6)
}

func TestNoCountriesMeansEveryCountry(t *testing.T) {
	assert.True(t, basket.SellsTo(nil, "DE"))
	for _, unknown := range []string{"ZZ", "UK", "XX", "EN", "de", ""} {
		assert.False(t, basket.SellsTo(nil, unknown), unknown)
	}
	assert.True(t, basket.SellsTo([]string{"FR", "DE"}, "DE"))
	assert.False(t, basket.SellsTo([]string{"FR"}, "DE"))
}

func item(variant string, quantity int64, metadata map[string]string) basket.Item {
	return basket.Item{VariantID: variant, Quantity: quantity, Metadata: metadata}
}

func at(pointer string, item basket.Item) basket.Item {
	item.Pointer = pointer
	return item
}

func manyItems(n int) []basket.Item {
	items := make([]basket.Item, n)
	for i := range items {
		items[i] = at(basket.LinePointer(i), item(fmt.Sprintf("v%d", i), 1, nil))
	}
	return items
}

func counter() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("l%d", n) }
}

func pointers(t require.TestingT, err error) []string {
	var f *fault.Error
	require.True(t, errors.As(err, &f))
	found := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		found[i] = field.Pointer
	}
	return found
}
