package catalogmod_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAVariantIsAddedReadChangedAndRemoved(t *testing.T) {
	s := open(t)
	created := s.create(tee)
	path := products + "/" + created.str("id")

	added := s.must(http.StatusCreated, http.MethodPost, path+"/variants", `{"sku":"TEE-RED-L","option_values":{"Color":"Red","Size":"L"},"external_id":"v7"}`)
	read := s.must(http.StatusOK, http.MethodGet, added.header.Get("Location"), "")
	changed := s.patch(added.header.Get("Location"), added.header.Get("ETag"), `{"weight_grams":190,"barcode":"123","external_id":null}`)
	product := s.must(http.StatusOK, http.MethodGet, path, "")
	s.must(http.StatusNoContent, http.MethodDelete, added.header.Get("Location"), "")

	assert.Equal(t, added.body, read.body)
	assert.Equal(t, "Red / L", added.str("title"))
	assert.InDelta(t, 2, added.body["position"], 0)
	require.Equal(t, http.StatusOK, changed.status, changed.text)
	assert.Equal(t, `"2"`, changed.header.Get("ETag"))
	assert.InDelta(t, 190, changed.body["weight_grams"], 0)
	assert.NotContains(t, changed.body, "external_id")
	assert.Equal(t, []any{"M", "L"}, product.item("options", 1).body["values"], "a new value joins its option")
	assert.Len(t, product.list("variants"), 3)
	assert.Equal(t, http.StatusNotFound, s.send(http.MethodGet, added.header.Get("Location"), "").status)
	assert.Equal(t, `"4"`, s.must(http.StatusOK, http.MethodGet, path, "").header.Get("ETag"), "each change of a variant is one of the product")
	assert.Equal(t, 4, s.events(created.str("id")))
}

func TestOtherVariantsKeepTheirVersion(t *testing.T) {
	s := open(t)
	created := s.create(tee)
	path := products + "/" + created.str("id")
	first := created.item("variants", 0).str("id")

	s.patch(path+"/variants/"+first, `"1"`, `{"sku":"TEE-1"}`)
	s.patch(path, `"2"`, `{"title":"Another tee"}`)

	read := s.must(http.StatusOK, http.MethodGet, path, "")
	assert.InDelta(t, 2, read.item("variants", 0).body["version"], 0)
	assert.InDelta(t, 1, read.item("variants", 1).body["version"], 0)
}

func TestAVariantMustBeItself(t *testing.T) {
	s := open(t)
	s.create(`{"title":"Mug","variants":[{"sku":"MUG"}]}`)
	created := s.create(tee)
	path := products + "/" + created.str("id") + "/variants"
	first := path + "/" + created.item("variants", 0).str("id")
	for _, attempt := range []struct {
		method, path, body string
		status             int
		code, pointer      string
	}{
		{http.MethodPost, path, `{"sku":"TEE-BLUE-M","option_values":{"Color":"Red","Size":"S"}}`, 409, "sku_taken", "/sku"},
		{http.MethodPost, path, `{"sku":"MUG","option_values":{"Color":"Red","Size":"S"}}`, 409, "sku_taken", "/sku"},
		{http.MethodPost, path, `{"sku":"A","option_values":{"Color":"Red","Size":"M"}}`, 409, "variant_exists", "/option_values"},
		{http.MethodPost, path, `{"sku":"A","option_values":{"Color":"Red"}}`, 422, "validation_failed", "/option_values/Size"},
		{http.MethodPost, path, `{"sku":"A","option_values":{"Color":"Red","Size":"M","Fit":"Slim"}}`, 422, "validation_failed", "/option_values/Fit"},
		{http.MethodPost, path, `{"sku":" ","option_values":{"Color":"Red","Size":"S"}}`, 422, "validation_failed", "/sku"},
		{http.MethodPatch, first, `{"sku":"MUG"}`, 409, "sku_taken", "/sku"},
		{http.MethodPatch, first, `{"option_values":{"Color":"Blue","Size":"M"}}`, 409, "variant_exists", "/option_values"},
		{http.MethodPatch, first, `{"option_values":{}}`, 422, "validation_failed", "/option_values/Color"},
	} {
		got := s.send(attempt.method, attempt.path, attempt.body, "If-Match", `"1"`)

		assert.Equal(t, attempt.status, got.status, attempt.body)
		assert.Equal(t, attempt.code, got.code(), attempt.body)
		require.NotEmpty(t, got.pointers(), got.text)
		assert.Equal(t, attempt.pointer, got.pointers()[0], attempt.body)
	}
	assert.Equal(t, created.body, s.must(http.StatusOK, http.MethodGet, products+"/"+created.str("id"), "").body)
}

func TestATitleOfItsOwnStaysAndADerivedOneFollowsTheValues(t *testing.T) {
	s := open(t)
	created := s.create(`{"title":"x","options":[{"name":"Size","values":["S","M","L"]}],"variants":[
		{"sku":"A","title":"Petite","option_values":{"Size":"S"}},{"sku":"B","option_values":{"Size":"M"}}]}`)
	path := products + "/" + created.str("id") + "/variants/"
	own, derived := created.item("variants", 0), created.item("variants", 1)

	moved := s.patch(path+derived.str("id"), `"1"`, `{"option_values":{"Size":"L"}}`)
	kept := s.patch(path+own.str("id"), `"1"`, `{"option_values":{"Size":"M"}}`)

	assert.Equal(t, "L", moved.str("title"))
	assert.Equal(t, "Petite", kept.str("title"))
}

func TestDifferentVariantsCanBeChangedAtTheSameTime(t *testing.T) {
	s := open(t)
	var variants []string
	for i := range 10 {
		variants = append(variants, fmt.Sprintf(`{"sku":"S%d","option_values":{"N":"%d"}}`, i, i))
	}
	created := s.create(`{"title":"x","options":[{"name":"N","values":["0"]}],"variants":[` + strings.Join(variants, ",") + `]}`)
	path := products + "/" + created.str("id")
	statuses := make([]int, 10)

	together(10, func(i int) {
		id := created.item("variants", i).str("id")
		statuses[i] = s.patch(path+"/variants/"+id, `"1"`, `{"barcode":"1"}`).status
	})

	for _, status := range statuses {
		assert.Equal(t, http.StatusOK, status)
	}
	assert.Equal(t, `"11"`, s.must(http.StatusOK, http.MethodGet, path, "").header.Get("ETag"))
	assert.Equal(t, 11, s.events(created.str("id")))
}

func TestVariantsAreListedInTheOrderTheyAreShown(t *testing.T) {
	s := open(t)
	created := s.create(`{"title":"x","options":[{"name":"N","values":["a"]}],"variants":[
		{"sku":"C","position":7,"option_values":{"N":"c"}},{"sku":"A","position":1,"option_values":{"N":"a"}},
		{"sku":"B","position":1,"option_values":{"N":"b"}},{"sku":"D","option_values":{"N":"d"}}]}`)
	path := products + "/" + created.str("id") + "/variants"

	first := s.must(http.StatusOK, http.MethodGet, path+"?limit=2&total=true", "")
	cursor := first.page().str("next_cursor")
	s.must(http.StatusCreated, http.MethodPost, path, `{"sku":"0","position":0,"option_values":{"N":"0"}}`)
	second := s.must(http.StatusOK, http.MethodGet, path+"?limit=2&cursor="+cursor, "")

	assert.Equal(t, []string{"A", "B"}, texts(first, "sku"))
	assert.Equal(t, []string{"C", "D"}, texts(second, "sku"), "an insert while paging repeats nothing")
	assert.InDelta(t, 4, first.page().body["total"], 0)
	assert.Contains(t, first.header.Get("Link"), `rel="next"`)
	assert.Equal(t, false, second.page().body["has_more"])
	assert.Empty(t, second.header.Get("Link"))
}

// texts picks a field of each item of a list.
func texts(list answer, field string) []string {
	var found []string
	for i := range list.list("data") {
		found = append(found, list.item("data", i).str(field))
	}
	return found
}
