package catalogmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

const (
	categories  = "/admin/v1/categories"
	collections = "/admin/v1/collections"
)

func (s *shop) category(body string) string {
	s.t.Helper()
	return s.must(http.StatusCreated, http.MethodPost, categories, body).str("id")
}

func (s *shop) collection(body string) string {
	s.t.Helper()
	return s.must(http.StatusCreated, http.MethodPost, collections, body).str("id")
}

func TestACategoryIsCreatedReadAndMoved(t *testing.T) {
	s := open(t)
	root := s.category(`{"name":"Clothing","description":"All of it"}`)

	created := s.must(http.StatusCreated, http.MethodPost, categories, `{"name":"Tops & Tees","parent_id":"`+root+`","position":3}`)
	read := s.must(http.StatusOK, http.MethodGet, created.header.Get("Location"), "")
	moved := s.patch(created.header.Get("Location"), created.header.Get("ETag"), `{"parent_id":null,"name":"Tops"}`)

	assert.Equal(t, created.body, read.body)
	assert.Equal(t, "tops-tees", created.str("handle"))
	assert.Equal(t, root, created.str("parent_id"))
	require.Equal(t, http.StatusOK, moved.status, moved.text)
	assert.NotContains(t, moved.body, "parent_id")
	assert.Equal(t, "tops-tees", moved.str("handle"), "a handle in links does not follow the name")
	assert.InDelta(t, 3, moved.body["position"], 0)
	assert.Equal(t, `"2"`, moved.header.Get("ETag"))
}

func TestGroupsRefuseWhatCannotBe(t *testing.T) {
	s := open(t)
	parent := s.category(`{"name":"A","handle":"a"}`)
	child := s.category(`{"name":"B","parent_id":"` + parent + `"}`)
	s.collection(`{"title":"New","handle":"new"}`)
	absent := ids.Encode(catalog.CategoryPrefix, ids.New())
	product := ids.Encode(catalog.ProductPrefix, ids.New())
	for _, attempt := range []struct {
		method, path, body string
		status             int
		code, pointer      string
	}{
		{http.MethodPost, categories, `{"name":"x","handle":"a"}`, 409, "handle_taken", "/handle"},
		{http.MethodPost, categories, `{"name":"  "}`, 422, "validation_failed", "/name"},
		{http.MethodPost, categories, `{"name":"x","parent_id":"` + absent + `"}`, 422, "unknown_reference", "/parent_id"},
		{http.MethodPost, categories, `{"name":"x","parent_id":"cat_x"}`, 422, "unknown_reference", "/parent_id"},
		{http.MethodPatch, categories + "/" + parent, `{"parent_id":"` + child + `"}`, 409, "category_cycle", "/parent_id"},
		{http.MethodPatch, categories + "/" + parent, `{"parent_id":"` + parent + `"}`, 409, "category_cycle", "/parent_id"},
		{http.MethodPatch, categories + "/" + parent, `{"parent_id":"` + absent + `"}`, 422, "unknown_reference", "/parent_id"},
		{http.MethodPatch, categories + "/" + absent, `{}`, 404, "not_found", ""},
		{http.MethodPatch, collections + "/" + absent, `{}`, 404, "not_found", ""},
		{http.MethodPost, collections, `{"title":"x","handle":"new"}`, 409, "handle_taken", "/handle"},
		{http.MethodPost, collections, `{"title":"x","product_ids":["` + product + `"]}`, 422, "unknown_reference", "/product_ids"},
		{http.MethodPost, collections, `{"title":"x","product_ids":["x"]}`, 422, "unknown_reference", "/product_ids/0"},
	} {
		got := s.send(attempt.method, attempt.path, attempt.body, "If-Match", `"1"`)

		assert.Equal(t, attempt.status, got.status, attempt.path+attempt.body)
		assert.Equal(t, attempt.code, got.code(), attempt.body)
		if attempt.pointer != "" {
			assert.Equal(t, []string{attempt.pointer}, got.pointers(), attempt.body)
		}
	}
	assert.Equal(t, 2, s.count(`SELECT count(*) FROM catalog.categories`))
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM catalog.collections`))
}

func TestTwoMovesAtOnceNeverMakeACycle(t *testing.T) {
	s := open(t)
	for round := range 10 {
		a := s.category(fmt.Sprintf(`{"name":"A%d"}`, round))
		b := s.category(fmt.Sprintf(`{"name":"B%d"}`, round))
		statuses := make([]int, 2)

		together(2, func(i int) {
			from, to := a, b
			if i == 1 {
				from, to = b, a
			}
			statuses[i] = s.patch(categories+"/"+from, `"1"`, `{"parent_id":"`+to+`"}`).status
		})

		assert.ElementsMatch(t, []int{http.StatusOK, http.StatusConflict}, statuses)
	}
}

func TestARenamedCategoryAnnouncesTheProductsBelowIt(t *testing.T) {
	s := open(t)
	root := s.category(`{"name":"Clothing"}`)
	leaf := s.category(`{"name":"Tops","parent_id":"` + root + `"}`)
	inRoot := s.create(`{"title":"a","category_ids":["` + root + `"]}`).str("id")
	inBoth := s.create(`{"title":"b","category_ids":["` + root + `","` + leaf + `","` + leaf + `"]}`).str("id")
	inLeaf := s.create(`{"title":"c","category_ids":["` + leaf + `"]}`).str("id")
	outside := s.create(`{"title":"d"}`).str("id")

	require.Equal(t, http.StatusOK, s.patch(categories+"/"+root, `"1"`, `{"name":"Wear"}`).status)
	require.Equal(t, http.StatusOK, s.patch(categories+"/"+leaf, `"1"`, `{"handle":"top"}`).status)
	require.Equal(t, http.StatusOK, s.patch(categories+"/"+leaf, `"2"`, `{"description":"x","position":4}`).status)

	assert.Equal(t, []int{2, 3, 3, 1}, []int{s.events(inRoot), s.events(inBoth), s.events(inLeaf), s.events(outside)})
	assert.Equal(t, `"1"`, s.must(http.StatusOK, http.MethodGet, products+"/"+inBoth, "").header.Get("ETag"),
		"a product shows its categories by id, so it is still the same")
}

func TestACollectionHoldsItsProductsInOrder(t *testing.T) {
	s := open(t)
	a, b, c := s.create(`{"title":"a"}`).str("id"), s.create(`{"title":"b"}`).str("id"), s.create(`{"title":"c"}`).str("id")

	created := s.must(http.StatusCreated, http.MethodPost, collections, `{"title":"New","product_ids":["`+b+`","`+a+`","`+b+`"]}`)
	path := created.header.Get("Location")
	swapped := s.patch(path, `"1"`, `{"product_ids":["`+a+`","`+c+`"]}`)
	renamed := s.patch(path, `"2"`, `{"title":"Newer"}`)

	assert.Equal(t, []any{b, a}, created.list("product_ids"))
	assert.Equal(t, []any{a, c}, swapped.list("product_ids"))
	assert.Equal(t, []any{a, c}, renamed.list("product_ids"))
	assert.Equal(t, renamed.body, s.must(http.StatusOK, http.MethodGet, path, "").body)
	assert.Equal(t, []int{3, 3, 3}, []int{s.events(a), s.events(b), s.events(c)}, "who came, left or was renamed with it")
	for product, version := range map[string]string{a: `"2"`, b: `"3"`, c: `"2"`} {
		assert.Equal(t, version, s.must(http.StatusOK, http.MethodGet, products+"/"+product, "").header.Get("ETag"))
	}
	assert.Equal(t, []any{created.str("id")}, s.must(http.StatusOK, http.MethodGet, products+"/"+a, "").list("collection_ids"))
	emptied := s.patch(path, `"3"`, `{"product_ids":[]}`)
	assert.Equal(t, []any{}, emptied.body["product_ids"])
}

func TestAProductThatJoinsACollectionChangesIt(t *testing.T) {
	s := open(t)
	first := s.create(`{"title":"a"}`).str("id")
	collection := s.collection(`{"title":"New","product_ids":["` + first + `"]}`)
	second := s.create(`{"title":"b","collection_ids":["` + collection + `"]}`).str("id")

	stale := s.patch(collections+"/"+collection, `"1"`, `{"product_ids":["`+first+`"]}`)
	joined := s.must(http.StatusOK, http.MethodGet, collections+"/"+collection, "")
	left := s.patch(products+"/"+second, `"1"`, `{"collection_ids":[]}`)

	assert.Equal(t, http.StatusPreconditionFailed, stale.status, "it would have thrown the new one out unseen")
	assert.Equal(t, []any{first, second}, joined.list("product_ids"))
	assert.Equal(t, []any{}, left.body["collection_ids"])
	assert.Equal(t, `"3"`, s.must(http.StatusOK, http.MethodGet, collections+"/"+collection, "").header.Get("ETag"))
}

func TestProductsAndCollectionsCanBeChangedAtTheSameTime(t *testing.T) {
	s := open(t)
	var members, groups []string
	for i := range 4 {
		members = append(members, s.create(fmt.Sprintf(`{"title":"p%d"}`, i)).str("id"))
	}
	for i := range 2 {
		groups = append(groups, s.collection(fmt.Sprintf(`{"title":"c%d","product_ids":["%s","%s"]}`, i, members[2*i], members[2*i+1])))
	}

	together(8, func(i int) {
		for round := range 10 {
			path, body := products+"/"+members[i%4], fmt.Sprintf(`{"collection_ids":["%s","%s"]}`, groups[i%2], groups[1-i%2])
			if round%2 == 0 {
				body = `{"collection_ids":[]}`
			}
			if i >= 4 {
				path = collections + "/" + groups[i%2]
				body = fmt.Sprintf(`{"title":"r%d-%d","product_ids":["%s","%s","%s"]}`, i, round, members[(round+i)%4], members[(round+i+1)%4], members[(round+i+3)%4])
			}
			tag := s.send(http.MethodGet, path, "").header.Get("ETag")
			assert.Contains(t, []int{http.StatusOK, http.StatusPreconditionFailed}, s.patch(path, tag, body).status, "no deadlock reaches the client")
		}
	})
}
