package concurrency

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// atVersion7 is a product that was changed six times, and its admin path.
func (h house) atVersion7(sku string) (shop.Goods, string) {
	h.t.Helper()
	goods := h.Sell(sku, 1000, 10)
	path := "/admin/v1/products/" + goods.ProductID
	tag := h.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(h.Owner)).Header.Get("ETag")
	for tag != `"7"` {
		tag = rename(h.Shop, path, "Title after "+tag, tag).Header.Get("ETag")
		require.NotEmpty(h.t, tag)
	}
	h.Settle()
	return goods, path
}

func rename(s *shop.Shop, path, title, tag string) shop.Answer {
	return s.Send(http.MethodPatch, path, shop.Object{"title": title}, shop.Key(s.Owner), shop.IfMatch(tag))
}

func twentyEditors(h house) {
	const editors = 20
	_, path := h.atVersion7("C11")
	h.each(fifty, func(round int) {
		version := int64(7 + round)
		tag := fmt.Sprintf("%q", fmt.Sprint(version))

		answers := h.together(editors, func(i int, at *shop.Shop) (shop.Answer, error) {
			return at.Try(http.MethodPatch, path, shop.Object{"title": fmt.Sprintf("Title of editor %d", i)}, shop.Key(h.Owner), shop.IfMatch(tag))
		})

		require.Equal(h.t, map[string]int{"200": 1, "412 version_mismatch": editors - 1}, tally(answers))
		winner := withStatus(answers, http.StatusOK)[0]
		require.Equal(h.t, version+1, winner.Body.Number(h.t, "version"))
		read := h.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(h.Owner))
		require.Equal(h.t, fmt.Sprintf("%q", fmt.Sprint(version+1)), read.Header.Get("ETag"))
		require.Equal(h.t, winner.Body.Text("title"), read.Body.Text("title"))
	})
}

func unconditional(h house) {
	_, path := h.atVersion7("C12")

	refused := h.Send(http.MethodPatch, path, shop.Object{"title": "Anything"}, shop.Key(h.Owner))

	require.Equal(h.t, "428 precondition_required", told(refused))
	require.EqualValues(h.t, 7, h.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(h.Owner)).Body.Number(h.t, "version"))
}

func tags(h house) {
	goods, path := h.atVersion7("C13")

	weak := rename(h.Shop, path, "Renamed by a weak tag", `W/"7"`)

	require.Equal(h.t, "412 version_mismatch", told(weak))
	resources := map[string][]shop.Header{
		path:                                    {shop.Key(h.Owner)},
		"/store/v1/products/" + goods.Handle:    nil,
		"/store/v1/products/" + goods.ProductID: nil,
	}
	known := map[string]string{}
	for resource, headers := range resources {
		known[resource] = h.requireUnchanged(resource, headers)
	}
	require.Equal(h.t, `"7"`, known[path])
	require.Equal(h.t, http.StatusOK, rename(h.Shop, path, "Another title", `"7"`).Status)
	h.Settle()
	for resource, headers := range resources {
		changed := h.Must(http.StatusOK, http.MethodGet, resource, nil, append(headers, ifNoneMatch(known[resource]))...)
		require.NotEqual(h.t, known[resource], changed.Header.Get("ETag"), resource)
		require.Equal(h.t, "Another title", changed.Body.Text("title"), resource)
	}
}

// requireUnchanged wants 304 without a body for every way to name the tag of a resource, 200 for others, and answers the tag.
func (h house) requireUnchanged(path string, headers []shop.Header) string {
	h.t.Helper()
	tag := h.Must(http.StatusOK, http.MethodGet, path, nil, headers...).Header.Get("ETag")
	require.Regexp(h.t, `^"[^"]+"$`, tag, "a strong tag")
	for _, held := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		same := h.Must(http.StatusNotModified, http.MethodGet, path, nil, append(headers, ifNoneMatch(held))...)
		require.Empty(h.t, same.Raw)
		require.Equal(h.t, tag, same.Header.Get("ETag"))
	}
	for _, lost := range []string{`"other"`, `W/"other"`} {
		h.Must(http.StatusOK, http.MethodGet, path, nil, append(headers, ifNoneMatch(lost))...)
	}
	return tag
}

func ifNoneMatch(tag string) shop.Header { return shop.Header{Name: "If-None-Match", Value: tag} }
