package concurrency

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// atVersion7 is a product that was changed six times, and its admin path.
func atVersion7(t *testing.T, s *shop.Shop, sku string) (shop.Goods, string) {
	t.Helper()
	goods := s.Sell(sku, 1000, 10)
	path := "/admin/v1/products/" + goods.ProductID
	tag := s.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(s.Owner)).Header.Get("ETag")
	for tag != `"7"` {
		tag = rename(s, path, "Title after "+tag, tag).Header.Get("ETag")
		require.NotEmpty(t, tag)
	}
	s.Settle()
	return goods, path
}

func rename(s *shop.Shop, path, title, tag string) shop.Answer {
	return s.Send(http.MethodPatch, path, shop.Object{"title": title}, shop.Key(s.Owner), shop.IfMatch(tag))
}

func twentyEditors(t *testing.T, s *shop.Shop) {
	const editors, rounds = 20, 5
	_, path := atVersion7(t, s, "C11")
	for version := int64(7); version < 7+rounds; version++ {
		tag := fmt.Sprintf("%q", fmt.Sprint(version))

		answers := together(t, editors, func(i int) (shop.Answer, error) {
			return s.Try(http.MethodPatch, path, shop.Object{"title": fmt.Sprintf("Title of editor %d", i)}, shop.Key(s.Owner), shop.IfMatch(tag))
		})

		require.Equal(t, map[string]int{"200": 1, "412 version_mismatch": editors - 1}, tally(answers))
		winner := withStatus(answers, http.StatusOK)[0]
		require.Equal(t, version+1, winner.Body.Number(t, "version"))
		read := s.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(s.Owner))
		require.Equal(t, fmt.Sprintf("%q", fmt.Sprint(version+1)), read.Header.Get("ETag"))
		require.Equal(t, winner.Body.Text("title"), read.Body.Text("title"))
	}
	s.Settle()
	s.Verify()
}

func unconditional(t *testing.T, s *shop.Shop) {
	_, path := atVersion7(t, s, "C12")

	refused := s.Send(http.MethodPatch, path, shop.Object{"title": "Anything"}, shop.Key(s.Owner))

	require.Equal(t, "428 precondition_required", told(refused))
	require.EqualValues(t, 7, s.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(s.Owner)).Body.Number(t, "version"))
}

func tags(t *testing.T, s *shop.Shop) {
	goods, path := atVersion7(t, s, "C13")

	weak := rename(s, path, "Renamed by a weak tag", `W/"7"`)

	require.Equal(t, "412 version_mismatch", told(weak))
	resources := map[string][]shop.Header{
		path:                                    {shop.Key(s.Owner)},
		"/store/v1/products/" + goods.Handle:    nil,
		"/store/v1/products/" + goods.ProductID: nil,
	}
	known := map[string]string{}
	for resource, headers := range resources {
		known[resource] = requireUnchanged(t, s, resource, headers)
	}
	require.Equal(t, `"7"`, known[path])
	require.Equal(t, http.StatusOK, rename(s, path, "Another title", `"7"`).Status)
	s.Settle()
	for resource, headers := range resources {
		changed := s.Must(http.StatusOK, http.MethodGet, resource, nil, append(headers, ifNoneMatch(known[resource]))...)
		require.NotEqual(t, known[resource], changed.Header.Get("ETag"), resource)
		require.Equal(t, "Another title", changed.Body.Text("title"), resource)
	}
}

// requireUnchanged wants 304 without a body for every way to name the tag of a resource, 200 for others, and answers the tag.
func requireUnchanged(t *testing.T, s *shop.Shop, path string, headers []shop.Header) string {
	t.Helper()
	tag := s.Must(http.StatusOK, http.MethodGet, path, nil, headers...).Header.Get("ETag")
	require.Regexp(t, `^"[^"]+"$`, tag, "a strong tag")
	for _, held := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		same := s.Must(http.StatusNotModified, http.MethodGet, path, nil, append(headers, ifNoneMatch(held))...)
		require.Empty(t, same.Raw)
		require.Equal(t, tag, same.Header.Get("ETag"))
	}
	for _, lost := range []string{`"other"`, `W/"other"`} {
		s.Must(http.StatusOK, http.MethodGet, path, nil, append(headers, ifNoneMatch(lost))...)
	}
	return tag
}

func ifNoneMatch(tag string) shop.Header { return shop.Header{Name: "If-None-Match", Value: tag} }
