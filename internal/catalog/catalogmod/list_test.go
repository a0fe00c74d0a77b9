package catalogmod_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestB14ListsAreReadInPagesFromNewToOld(t *testing.T) {
	s := open(t)
	for name, kind := range map[string]struct{ path, body, field string }{
		"products":    {products, `{"title":"item %d"}`, "title"},
		"categories":  {categories, `{"name":"item %d"}`, "name"},
		"collections": {collections, `{"title":"item %d"}`, "title"},
	} {
		for i := range 5 {
			s.must(http.StatusCreated, http.MethodPost, kind.path, fmt.Sprintf(kind.body, i))
		}

		first := s.must(http.StatusOK, http.MethodGet, kind.path+"?limit=2&total=true", "")
		s.must(http.StatusCreated, http.MethodPost, kind.path, fmt.Sprintf(kind.body, 5))
		next := strings.TrimSuffix(strings.TrimPrefix(first.header.Get("Link"), "<"), `>; rel="next"`)
		second := s.must(http.StatusOK, http.MethodGet, next, "")
		cursor := second.page().str("next_cursor")
		third := s.must(http.StatusOK, http.MethodGet, kind.path+"?limit=2&cursor="+cursor, "")

		assert.Equal(t, []string{"item 4", "item 3"}, texts(first, kind.field), name)
		assert.Equal(t, []string{"item 2", "item 1"}, texts(second, kind.field), name)
		assert.Equal(t, []string{"item 0"}, texts(third, kind.field), name)
		assert.InDelta(t, 5, first.page().body["total"], 0, name)
		assert.Equal(t, map[string]any{"has_more": false}, third.body["page"], name)
		assert.InDelta(t, 6, second.page().body["total"], 0, name)
	}
}

func TestProductsAreFoundByTheirFilters(t *testing.T) {
	s := open(t)
	s.create(tee)
	s.create(`{"title":"Mug","variants":[{"sku":"MUG"}]}`)
	for query, want := range map[string][]string{
		"":                                  {"Mug", "Plain tee"},
		"status=active":                     {"Plain tee"},
		"status=draft&sku=MUG":              {"Mug"},
		"status=active&sku=MUG":             nil,
		"handle=mug":                        {"Mug"},
		"sku=TEE-BLUE-M":                    {"Plain tee"},
		"sku=tee-blue-m":                    nil,
		"external_id=erp-1":                 {"Plain tee"},
		"external_id=erp-1&handle=mug":      nil,
		"handle=" + url.QueryEscape(`' OR`): nil,
	} {
		got := s.must(http.StatusOK, http.MethodGet, products+"?total=true&"+query, "")

		assert.Equal(t, want, texts(got, "title"), query)
		assert.InDelta(t, len(want), got.page().body["total"], 0, query)
	}
	listed := s.must(http.StatusOK, http.MethodGet, products, "").item("data", 1).body
	assert.NotContains(t, listed, "variants")
	assert.Len(t, listed["options"], 2)
	assert.Len(t, listed["media"], 2)
}

func TestB14CursorsAreForOneListAndItsFilters(t *testing.T) {
	s := open(t)
	for range 2 {
		s.create(`{"title":"x"}`)
		s.category(`{"name":"x"}`)
	}
	path := products + "/" + s.create(tee).str("id") + "/variants"
	cursorOf := func(path string) string {
		page := s.must(http.StatusOK, http.MethodGet, path, "").page()
		require.NotEmpty(t, page.str("next_cursor"))
		return page.str("next_cursor")
	}
	drafts := cursorOf(products + "?limit=1&status=draft")
	for _, attempt := range []string{
		products + "?cursor=" + drafts, products + "?status=active&cursor=" + drafts, categories + "?cursor=" + drafts,
		collections + "?cursor=" + drafts, path + "?cursor=" + drafts, products + "?cursor=" + cursorOf(categories+"?limit=1"),
		products + "?cursor=" + cursorOf(path+"?limit=1"), products + "?cursor=1000000000000",
	} {
		got := s.send(http.MethodGet, attempt, "")

		assert.Equal(t, http.StatusBadRequest, got.status, attempt)
		assert.Equal(t, "invalid_cursor", got.code(), attempt)
	}
}
