package catalogmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestC11OfTwentyPatchesOfOneVersionOneSucceeds(t *testing.T) {
	s := open(t)
	id := s.create(tee).str("id")
	path := products + "/" + id
	for version := 1; version < 7; version++ {
		require.Equal(t, http.StatusOK, s.patch(path, fmt.Sprintf(`"%d"`, version), `{"vendor":"V"}`).status)
	}
	answers := make([]answer, 20)

	together(20, func(i int) { answers[i] = s.patch(path, `"7"`, fmt.Sprintf(`{"title":"Tee %d"}`, i)) })

	var winners []answer
	for _, got := range answers {
		if got.status == http.StatusOK {
			winners = append(winners, got)
			continue
		}
		assert.Equal(t, http.StatusPreconditionFailed, got.status)
		assert.Equal(t, "version_mismatch", got.code())
	}
	require.Len(t, winners, 1)
	assert.Equal(t, `"8"`, winners[0].header.Get("ETag"))
	read := s.must(http.StatusOK, http.MethodGet, path, "")
	assert.Equal(t, winners[0].body, read.body)
	assert.InDelta(t, 8, read.body["version"], 0)
	assert.Equal(t, 8, s.events(id))
}

func TestC11HoldsForVariantsCategoriesAndCollections(t *testing.T) {
	s := open(t)
	created := s.create(tee)
	variant := created.item("variants", 0).str("id")
	category := s.must(http.StatusCreated, http.MethodPost, "/admin/v1/categories", `{"name":"Tops"}`).str("id")
	collection := s.must(http.StatusCreated, http.MethodPost, "/admin/v1/collections", `{"title":"New"}`).str("id")
	for path, body := range map[string]string{
		products + "/" + created.str("id") + "/variants/" + variant: `{"barcode":"%d"}`,
		"/admin/v1/categories/" + category:                          `{"name":"Tops %d"}`,
		"/admin/v1/collections/" + collection:                       `{"title":"New %d"}`,
	} {
		statuses := make([]int, 20)

		together(20, func(i int) { statuses[i] = s.patch(path, `"1"`, fmt.Sprintf(body, i)).status })

		count := map[int]int{}
		for _, status := range statuses {
			count[status]++
		}
		assert.Equal(t, map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 19}, count, path)
	}
}

func TestAPatchThatChangesNothingIsAVersionToo(t *testing.T) {
	s := open(t)
	path := products + "/" + s.create(tee).str("id")

	first := s.patch(path, `"1"`, `{"title":"Plain tee"}`)
	second := s.patch(path, `"1"`, `{"title":"Plain tee"}`)

	assert.Equal(t, `"2"`, first.header.Get("ETag"))
	assert.Equal(t, http.StatusPreconditionFailed, second.status)
}

func TestC12AChangeWithoutIfMatchIsRefused(t *testing.T) {
	s := open(t)
	created := s.create(tee)
	path := products + "/" + created.str("id")
	variant := created.item("variants", 0).str("id")
	for _, target := range []string{path, path + "/variants/" + variant} {
		got := s.send(http.MethodPatch, target, `{}`)

		assert.Equal(t, http.StatusPreconditionRequired, got.status)
		assert.Equal(t, "precondition_required", got.code())
	}
	assert.Equal(t, created.body, s.must(http.StatusOK, http.MethodGet, path, "").body)
}

func TestC13EntityTags(t *testing.T) {
	s := open(t)
	created := s.create(tee)
	path := products + "/" + created.str("id")
	variant := path + "/variants/" + created.item("variants", 0).str("id")
	for _, target := range []string{path, variant} {
		for tag, want := range map[string]int{
			`"1"`: http.StatusNotModified, `W/"1"`: http.StatusNotModified, `"0", W/"1"`: http.StatusNotModified, `*`: http.StatusNotModified,
			`"2"`: http.StatusOK, `W/"2"`: http.StatusOK, `1`: http.StatusOK,
		} {
			got := s.send(http.MethodGet, target, "", "If-None-Match", tag)

			assert.Equal(t, want, got.status, tag)
			assert.Equal(t, `"1"`, got.header.Get("ETag"), tag)
			assert.Equal(t, "private, no-cache", got.header.Get("Cache-Control"), tag)
			assert.Equal(t, want == http.StatusNotModified, got.text == "", tag)
		}
		for _, tag := range []string{`W/"1"`, `"2"`, `1`, `*`, `"01"`} {
			got := s.patch(target, tag, `{}`)

			assert.Equal(t, http.StatusPreconditionFailed, got.status, tag)
			assert.Equal(t, "version_mismatch", got.code(), tag)
		}
		assert.Equal(t, http.StatusOK, s.patch(target, `"1"`, `{}`).status)
		assert.Equal(t, http.StatusOK, s.send(http.MethodGet, target, "", "If-None-Match", `"1"`).status, "changed meanwhile")
	}
}
