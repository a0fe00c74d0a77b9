package shopify_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sized is a file of one product with an option and blank SKUs.
func sized(t *testing.T, handle string, values ...string) string {
	var rows []cells
	for _, value := range values {
		rows = append(rows, cells{"Handle": handle, "Option1 Value": value, "Variant Price": "1"})
	}
	rows[0]["Title"], rows[0]["Option1 Name"] = "Thing", "Size"
	return sheet(t, rows...)
}

func TestABlankSKUIsMadeOfHandleAndValues(t *testing.T) {
	tests := []struct {
		handle, value, want string
	}{
		{"clay-pot", "Large", "CLAY-POT_LARGE"},
		{"clay-pot", " extra  large ", "CLAY-POT_EXTRA-LARGE"},
		{"clay-pot", "Größe 10.5", "CLAY-POT_GRO-E-10-5"},
		{"clay-pot", "Café", "CLAY-POT_CAFE"},
	}
	for _, tt := range tests {
		assert.Equal(t, []string{tt.want}, skus(readOne(t, sized(t, tt.handle, tt.value)).Product))
	}
	assert.Equal(t, []string{"CLAY-POT"}, skus(readOne(t, sheet(t, plain("clay-pot", nil))).Product))
}

func TestAMadeSKUDependsOnNeitherPlaceNorNeighbors(t *testing.T) {
	alone := skus(readOne(t, sized(t, "pot", "L")).Product)
	among := skus(readOne(t, sized(t, "pot", "S", "M", "L")).Product)

	assert.Equal(t, alone[0], among[2])
}

func TestValuesSpelledAlikeHaveDifferentSKUsInAnyOrder(t *testing.T) {
	one := skus(readOne(t, sized(t, "pot", "A/B", "A B", "a b", "C")).Product)
	other := skus(readOne(t, sized(t, "pot", "C", "a b", "A B", "A/B")).Product)

	assert.ElementsMatch(t, one, other)
	require.Len(t, one, 4)
	distinct := map[string]bool{}
	for _, sku := range one {
		distinct[sku] = true
	}
	assert.Len(t, distinct, 4)
	assert.Equal(t, "POT_C", one[3])
}

func TestValuesThatCannotBeSpelledAreMarked(t *testing.T) {
	made := skus(readOne(t, sized(t, "pot", "紅", "青", "*")).Product)

	for _, sku := range made {
		assert.Regexp(t, regexp.MustCompile(`^POT_[0-9A-F]{8}$`), sku)
	}
	assert.NotEqual(t, made[0], made[1])
}

func TestMadeSKUsOfTwoProductsNeverMeet(t *testing.T) {
	long := skus(readOne(t, sized(t, "red-tee", "L")).Product)
	short := skus(readOne(t, sized(t, "red", "Tee L")).Product)
	shortest := skus(readOne(t, sheet(t, plain("red-tee-l", nil))).Product)

	assert.NotEqual(t, long, short)
	assert.NotEqual(t, long, shortest)
	assert.NotEqual(t, short, shortest)
}

func TestAMadeSKUGivesWayToOneThatIsWritten(t *testing.T) {
	rows := []cells{
		{"Handle": "pot", "Title": "Pot", "Option1 Name": "Size", "Option1 Value": "S", "Variant Price": "1"},
		{"Handle": "pot", "Option1 Value": "M", "Variant Price": "1", "Variant SKU": "POT_S"},
	}

	made := skus(readOne(t, sheet(t, rows...)).Product)

	assert.Equal(t, "POT_S", made[1])
	assert.Regexp(t, "^POT_S_[0-9A-F]{8}$", made[0])
}

func TestALongSKUIsCutAndStaysItsOwn(t *testing.T) {
	long := strings.Repeat("very long ", 30)

	made := skus(readOne(t, sized(t, "pot", long+"one", long+"two")).Product)

	assert.Less(t, len(made[0]), 220)
	assert.NotEqual(t, made[0], made[1])
}

func TestASKUThatComesTwiceIsSkipped(t *testing.T) {
	rows := []cells{
		{"Handle": "pot", "Title": "Pot", "Option1 Name": "Size", "Option1 Value": "S", "Variant Price": "1", "Variant SKU": "P"},
		{"Handle": "pot", "Option1 Value": "M", "Variant Price": "1", "Variant SKU": "P"},
	}

	group := readOne(t, sheet(t, rows...))

	assert.Equal(t, []string{"!2 ", "!3 Variant SKU"}, found(group.Problems))
	assert.Empty(t, group.Product.Variants)
}
