package pagination_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

type filters struct {
	Category string
	InStock  bool
}

func TestACursorReturnsWhereThePageEnded(t *testing.T) {
	codec := pagination.NewCodec([]byte("key"))
	rapid.Check(t, func(t *rapid.T) {
		after := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z0-9 <>&"\\é-]{0,40}`), 1, 4).Draw(t, "after")
		chosen := filters{Category: rapid.String().Draw(t, "category"), InStock: rapid.Bool().Draw(t, "in stock")}

		got, err := codec.Decode("products", chosen, codec.Encode("products", chosen, after))

		require.NoError(t, err)
		assert.Equal(t, after, got)
	})
}

func TestNoCursorAsksForTheFirstPage(t *testing.T) {
	after, err := pagination.NewCodec([]byte("key")).Decode("products", nil, "")

	require.NoError(t, err)
	assert.Empty(t, after)
}

func TestB14CursorsOfOthersAreRefused(t *testing.T) {
	codec := pagination.NewCodec([]byte("key"))
	mugs := filters{Category: "mugs"}
	cursor := codec.Encode("products", mugs, []string{"2026-01-02", "0190"})
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`["2026-01-02","0190"]`))
	foreign := pagination.NewCodec([]byte("other key")).Encode("products", mugs, []string{"2026-01-02", "0190"})

	for name, attempt := range map[string]struct {
		list    string
		filters any
		cursor  string
	}{
		"of another list":          {"orders", mugs, cursor},
		"of other filters":         {"products", filters{Category: "shirts"}, cursor},
		"of another shop":          {"products", mugs, foreign},
		"without a signature":      {"products", mugs, unsigned},
		"with another end":         {"products", mugs, cursor[:len(cursor)-2] + "AA"},
		"cut short":                {"products", mugs, cursor[:10]},
		"not base64":               {"products", mugs, "%%%"},
		"with padding":             {"products", mugs, cursor + "="},
		"an offset":                {"products", mugs, "1000000000000"},
		"of an absurd length":      {"products", mugs, strings.Repeat("A", 1<<20)},
		"that is another's cursor": {"products", mugs, codec.Encode("products", nil, []string{"x"})},
	} {
		_, err := codec.Decode(attempt.list, attempt.filters, attempt.cursor)
		assert.ErrorIs(t, err, pagination.ErrInvalidCursor, name)
	}
}

func TestACodecWithoutAKeyIsRefused(t *testing.T) {
	assert.Panics(t, func() { pagination.NewCodec(nil) })
}

func TestAPageHoldsTwentyItemsUnlessAskedOtherwise(t *testing.T) {
	for asked, want := range map[int]int{-1: 20, 0: 20, 1: 1, 20: 20, 100: 100, 101: 100, 1_000_000_000: 100} {
		assert.Equal(t, want, pagination.Limit(asked), asked)
	}
}

func TestOneRowTooManyTellsThatMoreFollow(t *testing.T) {
	page, more := pagination.Cut([]int{1, 2, 3}, 2)
	assert.Equal(t, []int{1, 2}, page)
	assert.True(t, more)

	page, more = pagination.Cut([]int{1, 2}, 2)
	assert.Equal(t, []int{1, 2}, page)
	assert.False(t, more)

	page, more = pagination.Cut[int](nil, 2)
	assert.Empty(t, page)
	assert.False(t, more)
}

func TestTheLinkKeepsTheFiltersAndReplacesTheCursor(t *testing.T) {
	u, err := url.Parse("/store/v1/products?option.color=red&option.color=blue&cursor=old&limit=2&q=a%26b")
	require.NoError(t, err)

	link := pagination.NextLink(*u, "new-one")

	assert.Equal(t, `</store/v1/products?cursor=new-one&limit=2&option.color=red&option.color=blue&q=a%26b>; rel="next"`, link)
	assert.Contains(t, u.RawQuery, "cursor=old", "the request's own URL is left alone")
}

func TestTheLastPageHasNoLink(t *testing.T) {
	assert.Empty(t, pagination.NextLink(url.URL{Path: "/store/v1/products"}, ""))
}

func TestALinkNeverNamesAHostOrLeavesItsBrackets(t *testing.T) {
	u, err := url.Parse("//evil.example/a%3Eb?x=%3E")
	require.NoError(t, err)

	link := pagination.NextLink(*u, "c>d")

	assert.Equal(t, `</a%3Eb?cursor=c%3Ed&x=%3E>; rel="next"`, link)
}
