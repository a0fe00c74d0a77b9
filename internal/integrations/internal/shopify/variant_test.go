package shopify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
)

func TestPricesAreReadOrRefused(t *testing.T) {
	tests := []struct {
		written string
		want    int64
	}{
		{"9.99", 999}, {"10", 1000}, {"0", 0}, {"0.5", 50}, {"1,299.00", 129900}, {"1,234,567.89", 123456789}, {" 7.00 ", 700},
		{"1,299", -1}, {"1.299,00", -1}, {"9,99", -1}, {"1,29.00", -1}, {"9.999", -1}, {"-5", -1}, {"€5", -1}, {"1e3", -1},
		{"99999999999999999999", -1}, {"free", -1}, {".", -1},
	}
	for _, tt := range tests {
		group := readOne(t, sheet(t, plain("pot", cells{"Variant Price": tt.written})))

		if tt.want < 0 {
			assert.Equal(t, []string{"!2 Variant Price"}, found(group.Problems), "price %q", tt.written)
			continue
		}
		require.Len(t, group.Product.Variants, 1, "price %q", tt.written)
		assert.Equal(t, money.MustNew(tt.want, "EUR"), group.Product.Variants[0].Price, "price %q", tt.written)
	}
}

func TestACompareAtPriceThatIsNotAboveThePriceIsLeftOut(t *testing.T) {
	tests := []struct {
		written  string
		want     int64
		reported bool
	}{{"", 0, false}, {"10.01", 1001, false}, {"10", 0, true}, {"9", 0, true}, {"0", 0, true}, {"much", 0, true}}
	for _, tt := range tests {
		group := readOne(t, sheet(t, plain("pot", cells{"Variant Compare At Price": tt.written})))

		require.Len(t, group.Product.Variants, 1)
		compareAt := group.Product.Variants[0].CompareAt
		if tt.want == 0 {
			assert.Nil(t, compareAt, "compare-at %q", tt.written)
		} else {
			assert.Equal(t, money.MustNew(tt.want, "EUR"), *compareAt)
		}
		assert.Equal(t, tt.reported, len(group.Problems) == 1, "compare-at %q", tt.written)
		assert.NotEmpty(t, group.Product.Variants)
	}
}

func TestTheTrackerDecidesWhetherStockIsCounted(t *testing.T) {
	tests := []struct {
		name                      string
		tracker, quantity, policy string
		tracked                   bool
		onHand                    int64
		backorder                 bool
		problems                  []string
	}{
		{"blank is not counted", "", "5", "continue", false, -1, false, nil},
		{"shopify is counted", "shopify", "5", "deny", true, 5, false, nil},
		{"in any case", "Shopify", "5", "", true, 5, false, nil},
		{"nothing left", "shopify", "0", "deny", true, 0, false, nil},
		{"below zero", "shopify", "-3", "deny", true, 0, false, []string{"2 Variant Inventory Qty"}},
		{"not said how many", "shopify", "", "deny", true, -1, false, nil},
		{"sold on", "shopify", "0", "Continue", true, 0, true, nil},
		{"a policy nobody knows", "shopify", "1", "ask", true, 1, false, []string{"2 Variant Inventory Policy"}},
		{"counted elsewhere", "warehouse-app", "5", "deny", false, -1, false, []string{"2 Variant Inventory Tracker"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			group := readOne(t, sheet(t, plain("pot", cells{"Variant Inventory Tracker": tt.tracker,
				"Variant Inventory Qty": tt.quantity, "Variant Inventory Policy": tt.policy})))

			require.Len(t, group.Product.Variants, 1)
			v := group.Product.Variants[0]
			assert.Equal(t, tt.tracked, v.Tracked)
			assert.Equal(t, tt.backorder, v.Backorder)
			if tt.onHand < 0 {
				assert.Nil(t, v.OnHand)
			} else {
				require.NotNil(t, v.OnHand)
				assert.Equal(t, tt.onHand, *v.OnHand)
			}
			assert.Equal(t, tt.problems, found(group.Problems))
		})
	}
}

func TestACountThatCannotBeReadSkipsAVariantThatIsCounted(t *testing.T) {
	for _, written := range []string{"many", "1.5", "99999999999"} {
		counted := plain("pot", cells{"Variant Inventory Tracker": "shopify", "Variant Inventory Qty": written})
		uncounted := plain("pot", cells{"Variant Inventory Qty": written})

		assert.Equal(t, []string{"!2 Variant Inventory Qty"}, found(readOne(t, sheet(t, counted)).Problems))
		assert.Empty(t, readOne(t, sheet(t, uncounted)).Problems)
	}
}

func TestBlankTermsMeanNoAndMissingColumnsMeanYes(t *testing.T) {
	blank := readOne(t, sheet(t, plain("pot", nil))).Product.Variants[0]
	missing := readOne(t, "Handle,Title,Variant Price\npot,Pot,3\n").Product.Variants[0]
	said := readOne(t, sheet(t, plain("pot", cells{"Variant Requires Shipping": "TRUE", "Variant Taxable": "true"}))).Product.Variants[0]
	unsaid := readOne(t, sheet(t, plain("pot", cells{"Variant Taxable": "sometimes"})))

	assert.Equal(t, []bool{false, false}, []bool{blank.RequiresShipping, blank.Taxable})
	assert.Equal(t, []bool{true, true}, []bool{missing.RequiresShipping, missing.Taxable})
	assert.Equal(t, []bool{true, true}, []bool{said.RequiresShipping, said.Taxable})
	assert.Equal(t, []string{"!2 Variant Taxable"}, found(unsaid.Problems))
}

func TestWeightsAreWholeGrams(t *testing.T) {
	tests := []struct {
		written string
		want    int64
		known   bool
	}{{"", 0, true}, {"0", 0, true}, {"250", 250, true}, {"453.59237", 454, true}, {"-1", 0, false}, {"heavy", 0, false}, {"NaN", 0, false}}
	for _, tt := range tests {
		group := readOne(t, sheet(t, plain("pot", cells{"Variant Grams": tt.written})))

		require.Len(t, group.Product.Variants, 1)
		assert.Equal(t, tt.want, group.Product.Variants[0].Grams)
		assert.Equal(t, tt.known, len(group.Problems) == 0, "weight %q", tt.written)
	}
}

func TestABarcodeLosesTheApostropheOfSpreadsheets(t *testing.T) {
	group := readOne(t, sheet(t, plain("pot", cells{"Variant Barcode": "'4006381333931"})))

	assert.Equal(t, "4006381333931", group.Product.Variants[0].Barcode)
}
