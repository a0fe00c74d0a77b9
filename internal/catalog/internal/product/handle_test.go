package product_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
)

func TestHandlesAreMadeOfTitles(t *testing.T) {
	for title, want := range map[string]string{
		"Plain tee":                  "plain-tee",
		"  Plain   TEE!  ":           "plain-tee",
		"Crème brûlée":               "creme-brulee",
		"Straße & Œuvre":             "strasse-oeuvre",
		"Łódź smørrebrød":            "lodz-smorrebrod",
		"Men's wear":                 "mens-wear",
		"Men’s wear":                 "mens-wear",
		"İstanbul ısı":               "istanbul-isi",
		"ﬁne ２０２６":                   "fine-2026",
		"100% cotton / 2.5 kg":       "100-cotton-2-5-kg",
		"東京":                         "fallback",
		"東京 tower":                   "tower",
		"--- ---":                    "fallback",
		"":                           "fallback",
		"😀":                          "fallback",
		strings.Repeat("word ", 100): strings.TrimRight(strings.Repeat("word-", 40), "-"),
	} {
		assert.Equal(t, want, product.HandleFrom(title, "fallback"), title)
	}
}

func TestADerivedHandleIsAlwaysValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		handle := product.HandleFrom(rapid.String().Draw(t, "title"), "fallback")

		assert.True(t, product.ValidHandle(handle), handle)
		assert.True(t, product.ValidHandle(handle+"-1000000"), handle)
	})
}

func TestAFreeHandleHasTheLowestNumberThatIsNotTaken(t *testing.T) {
	for want, taken := range map[string][]string{
		"tee":   {"tee-2", "tees"},
		"tee-2": {"tee", "tee-3"},
		"tee-4": {"tee", "tee-2", "tee-3", "tee-black"},
	} {
		assert.Equal(t, want, product.FreeHandle("tee", taken))
	}
}

func TestHandlesOfAnotherFormAreNotValid(t *testing.T) {
	for _, handle := range []string{
		"", "-", "a-", "-a", "a--b", "A", "a_b", "a b", "a/b", "é", "a\n", "prod_1", strings.Repeat("a", 256),
	} {
		assert.False(t, product.ValidHandle(handle), handle)
	}
	assert.True(t, product.ValidHandle(strings.Repeat("a", 255)))
}
