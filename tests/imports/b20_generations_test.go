package imports

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestB20EqualGoodsOfEveryGenerationAreImportedEqually(t *testing.T) {
	var first []string
	for _, tt := range []struct{ file, generation, unknown, ignored string }{
		{"2018.csv", "product-2018", "[]", "Cost per item"},
		{"2024.csv", "product-export-2024", "[Included / Atlantis Price / Atlantis Compare At Price / Atlantis]", "Unit Price Total Measure"},
		{"2025.csv", "product-template-2025", "[]", "Weight unit for display"},
	} {
		t.Run(tt.generation, func(t *testing.T) {
			s := shop.Start(t)

			found := bring(t, s, fixture(t, tt.file))

			assert.Equal(t, tt.generation, found.Text("generation"))
			assert.Equal(t, tt.unknown, texts(found.List("unknown_columns")))
			assert.Contains(t, texts(found.List("ignored_columns")), tt.ignored)
			assert.Equal(t, []int64{6, 3, 3, 5, 5, 2, 3, 0},
				counts(t, found, "rows", "products", "created", "variants", "prices", "tracked", "pictures", "failed"))
			all := goods(t, s)
			if first == nil {
				first = all
			}
			assert.Equal(t, first, all)

			again := bring(t, s, fixture(t, tt.file))
			assert.Equal(t, []int64{0, 0, 3}, counts(t, again, "created", "updated", "unchanged"))
			assert.Equal(t, first, goods(t, s), "importing a file again changes nothing")
		})
	}
	require.NotEmpty(t, first)
}

func texts(list []any) string {
	words := make([]string, len(list))
	for i, item := range list {
		words[i], _ = item.(string)
	}
	return "[" + strings.Join(words, " ") + "]"
}

// TestB20OneGenerationAfterTheOther updates what another generation created: none of them loses what it does not mention.
func TestB20OneGenerationAfterTheOther(t *testing.T) {
	s := shop.Start(t)
	bring(t, s, fixture(t, "2018.csv"))
	before := goods(t, s)

	for _, file := range []string{"2024.csv", "2025.csv", "2018.csv"} {
		found := bring(t, s, fixture(t, file))

		assert.Equal(t, []int64{0, 0, 3}, counts(t, found, "created", "updated", "unchanged"), file)
	}
	assert.Equal(t, before, goods(t, s))
	t.Run("B20 files in other spellings are the same file", func(t *testing.T) { filesInOtherSpellingsAreTheSameFile(t, s.In(t)) })
}

func filesInOtherSpellingsAreTheSameFile(t *testing.T, s *shop.Shop) {
	t.Helper()
	file := fixture(t, "2018.csv")
	before := goods(t, s)
	wide := func(order func(uint16) []byte) string {
		var out strings.Builder
		for _, unit := range utf16.Encode([]rune("\ufeff" + file)) {
			out.Write(order(unit))
		}
		return out.String()
	}
	for name, spelled := range map[string]string{
		"with a byte order mark":   "\ufeff" + file,
		"UTF-16, little-endian":    wide(func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }),
		"UTF-16, big-endian":       wide(func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} }),
		"without a line end":       strings.TrimRight(file, "\n"),
		"with lines of commas":     file + strings.Repeat(",", strings.Count(strings.SplitN(file, "\n", 2)[0], ",")) + "\n\n\n",
		"with the header in lower": strings.ToLower(strings.SplitN(file, "\n", 2)[0]) + "\n" + strings.SplitN(file, "\n", 2)[1],
	} {
		found := bring(t, s, spelled)

		assert.Equal(t, []int64{6, 0, 0, 3, 0}, counts(t, found, "rows", "created", "updated", "unchanged", "failed"), name)
	}
	assert.Equal(t, before, goods(t, s))

	windows := strings.ReplaceAll(file, "\n", "\r\n")
	assert.Equal(t, []int64{6, 0}, counts(t, bring(t, s, windows), "rows", "failed"))
}

func TestB20PricesOfAMarketAreThoseOfTheChannelOfThatName(t *testing.T) {
	s := shop.Start(t)
	s.Must(http.StatusCreated, http.MethodPost, "/admin/v1/channels", shop.Object{"code": "sunken", "name": "Atlantis", "currencies": []string{"CHF"},
		"default_currency": "CHF", "locales": []string{"en"}, "default_locale": "en"}, shop.Key(s.Owner))

	found := bring(t, s, fixture(t, "2024.csv"))

	assert.Equal(t, "[]", texts(found.List("unknown_columns")))
	assert.Equal(t, []int64{5, 10}, counts(t, found, "variants", "prices"))
	assert.Equal(t, int64(5), s.Int(`SELECT count(*) FROM pricing.prices p JOIN channels.channels c ON c.id::text = p.channel_id
		WHERE c.code = 'sunken' AND p.currency = 'CHF' AND p.amount = 9900`))
}
