package catalogmod_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

const (
	products = "/admin/v1/products"
	tee      = `{"title":"Plain tee","handle":"plain-tee","status":"active","tags":["cotton"],"external_id":"erp-1",
	"options":[{"name":"Color","values":["Red","Blue"]},{"name":"Size","values":["M"]}],
	"media":[{"url":"https://example.com/2.jpg","position":2},{"url":"/media/1.svg","alt":"front","position":1}],
	"variants":[{"sku":"TEE-RED-M","option_values":{"Color":"Red","Size":"M"},"weight_grams":180},
		{"sku":"TEE-BLUE-M","option_values":{"Color":"Blue","Size":"M"},"taxable":false}]}`
)

func TestAProductIsCreatedWithItsVariants(t *testing.T) {
	s := open(t)

	created := s.create(tee)
	id := created.str("id")
	read := s.must(http.StatusOK, http.MethodGet, products+"/"+id, "")

	assert.Equal(t, products+"/"+id, created.header.Get("Location"))
	assert.Equal(t, `"1"`, created.header.Get("ETag"))
	assert.Equal(t, created.body, read.body)
	require.Len(t, read.list("variants"), 2)
	first := read.item("variants", 0)
	assert.Equal(t, "Red / M", first.body["title"])
	assert.Equal(t, map[string]any{"Color": "Red", "Size": "M"}, first.body["option_values"])
	assert.Equal(t, "/media/1.svg", read.item("media", 0).body["url"])
	assert.Equal(t, "standard", read.str("tax_class"))
	assert.Equal(t, 1, s.events(id))
}

func TestATitleIsEnoughForADraft(t *testing.T) {
	s := open(t)

	created := s.create(`{"title":"  Crème brûlée & Straße  "}`)

	assert.Equal(t, "Crème brûlée & Straße", created.str("title"))
	assert.Equal(t, "creme-brulee-strasse", created.str("handle"))
	assert.Equal(t, "draft", created.str("status"))
	assert.Empty(t, created.list("variants"))
}

func TestADerivedHandleAvoidsThoseThatAreTaken(t *testing.T) {
	s := open(t)

	var handles []string
	for range 3 {
		handles = append(handles, s.create(`{"title":"Tee"}`).str("handle"))
	}
	japanese := s.create(`{"title":"東京"}`).str("handle")

	assert.Equal(t, []string{"tee", "tee-2", "tee-3"}, handles)
	assert.Equal(t, "product", japanese)
}

func TestOneVariantWithoutOptionsIsEnough(t *testing.T) {
	s := open(t)

	created := s.create(`{"title":"Mug","variants":[{"sku":"MUG"}]}`)

	require.Len(t, created.list("variants"), 1)
	variant := created.item("variants", 0)
	assert.Equal(t, "", variant.body["title"])
	assert.Equal(t, map[string]any{}, variant.body["option_values"])
	assert.Equal(t, true, variant.body["requires_shipping"])
	assert.Equal(t, true, variant.body["taxable"])
}

func TestWhatIsTakenIsRefused(t *testing.T) {
	s := open(t)
	s.create(tee)
	for name, attempt := range map[string]struct {
		body, code, pointer string
	}{
		"handle":      {`{"title":"x","handle":"plain-tee"}`, "handle_taken", "/handle"},
		"external id": {`{"title":"x","external_id":"erp-1"}`, "external_id_taken", "/external_id"},
		"SKU": {`{"title":"x","options":[{"name":"S","values":["a","b"]}],"variants":[{"sku":"NEW","option_values":{"S":"a"}},
			{"sku":"TEE-RED-M","option_values":{"S":"b"}}]}`, "sku_taken", "/variants/1/sku"},
	} {
		got := s.send(http.MethodPost, products, attempt.body)

		assert.Equal(t, http.StatusConflict, got.status, name)
		assert.Equal(t, attempt.code, got.code(), name)
		assert.Equal(t, []string{attempt.pointer}, got.pointers(), name)
	}
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM catalog.products`), "all is created or nothing")
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM catalog.outbox_events`))
}

func TestInconsistentProductsAreRefusedWithThePlaces(t *testing.T) {
	s := open(t)
	color := `"options":[{"name":"Color","values":["Red","Blue"]}],"variants":`
	for body, pointer := range map[string]string{
		`{"title":"   "}`: "/title",
		`{"title":"x","options":[{"name":"A","values":["1"]},{"name":"A","values":["2"]}]}`:                                     "/options/1/name",
		`{"title":"x","options":[{"name":"A","values":["1","1"]}]}`:                                                             "/options/0/values/1",
		`{"title":"x",` + color + `[{"sku":"A"}]}`:                                                                              "/variants/0/option_values/Color",
		`{"title":"x",` + color + `[{"sku":"A","option_values":{"Color":"Red","Size/x":"M"}}]}`:                                 "/variants/0/option_values/Size~1x",
		`{"title":"x","variants":[{"sku":"A","option_values":{"Size":"M"}}]}`:                                                   "/variants/0/option_values/Size",
		`{"title":"x","variants":[{"sku":"A"},{"sku":"B"}]}`:                                                                    "/variants/1/option_values",
		`{"title":"x",` + color + `[{"sku":"A","option_values":{"Color":"Red"}},{"sku":"A","option_values":{"Color":"Blue"}}]}`: "/variants/1/sku",
		`{"title":"x","metadata":{"` + strings.Repeat("k", 65) + `":"v"}}`:                                                      "/metadata",
		`{"title":"x","variants":[{"sku":"   "}]}`:                                                                              "/variants/0/sku",
	} {
		got := s.send(http.MethodPost, products, body)

		assert.Equal(t, http.StatusUnprocessableEntity, got.status, body)
		assert.Equal(t, "validation_failed", got.code(), body)
		assert.Equal(t, []string{pointer}, got.pointers(), body)
	}
	assert.Zero(t, s.count(`SELECT count(*) FROM catalog.products`))
}

func TestReferencesMustExist(t *testing.T) {
	s := open(t)
	unknownCategory := ids.Encode(catalog.CategoryPrefix, ids.New())
	unknownCollection := ids.Encode(catalog.CollectionPrefix, ids.New())
	for body, pointer := range map[string]string{
		`{"title":"x","category_ids":["` + unknownCategory + `"]}`:     "/category_ids",
		`{"title":"x","category_ids":["cat_1"]}`:                       "/category_ids/0",
		`{"title":"x","collection_ids":["` + unknownCollection + `"]}`: "/collection_ids",
		`{"title":"x","collection_ids":["' OR 1=1"]}`:                  "/collection_ids/0",
	} {
		got := s.send(http.MethodPost, products, body)

		assert.Equal(t, http.StatusUnprocessableEntity, got.status, body)
		assert.Equal(t, "unknown_reference", got.code(), body)
		assert.Equal(t, []string{pointer}, got.pointers(), body)
	}
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	s := open(t)
	existing := s.create(tee).str("id")
	absent := ids.Encode(catalog.ProductPrefix, ids.New())
	variant := ids.Encode(catalog.VariantPrefix, ids.New())
	for _, path := range []string{
		products + "/" + absent, products + "/prod_1", products + "/" + strings.ToUpper(absent), products + "/plain-tee",
		products + "/" + absent + "/variants/" + variant, products + "/" + existing + "/variants/" + variant,
		products + "/" + existing + "/variants/var_x",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
			body := ""
			if method == http.MethodPatch {
				body = `{}`
			}
			got := s.send(method, path, body, "If-Match", `"1"`)

			assert.Equal(t, http.StatusNotFound, got.status, method+" "+path)
			assert.Equal(t, "not_found", got.code(), method+" "+path)
		}
	}
}

func TestB18APatchChangesWhatItNamesAndNothingElse(t *testing.T) {
	s := open(t)
	full := s.create(`{"title":"Tee","handle":"tee","description":"<p>Soft</p>","vendor":"V","product_type":"Shirts","status":"active",
		"tags":["a","b"],"attributes":{"material":"cotton"},"seo":{"title":"T","description":"D"},"metadata":{"k":"v"},
		"external_id":"7","tax_class":"reduced","media":[{"url":"/m.svg"}]}`)
	path := products + "/" + full.str("id")

	absent := s.patch(path, `"1"`, `{}`)
	cleared := s.patch(path, `"2"`, `{"description":null,"vendor":null,"product_type":null,"attributes":null,"seo":null,"metadata":null,"external_id":null}`)
	empty := s.patch(path, `"3"`, `{"tags":[],"media":[]}`)

	for _, field := range []string{
		"title", "handle", "description", "vendor", "product_type", "status", "tags", "attributes", "seo", "metadata",
		"external_id", "tax_class", "media",
	} {
		assert.Equal(t, full.body[field], absent.body[field], field)
	}
	assert.Equal(t, "", cleared.body["description"])
	for _, field := range []string{"vendor", "product_type", "external_id"} {
		assert.NotContains(t, cleared.body, field)
	}
	for _, field := range []string{"attributes", "seo", "metadata"} {
		assert.Equal(t, map[string]any{}, cleared.body[field], field)
	}
	assert.Equal(t, []any{"a", "b"}, cleared.list("tags"))
	assert.Equal(t, []any{}, empty.body["tags"])
	assert.Equal(t, []any{}, empty.body["media"])
	assert.Equal(t, "Tee", empty.str("title"))
}

func TestB18NullIsRefusedWhereSomethingIsNeeded(t *testing.T) {
	s := open(t)
	path := products + "/" + s.create(tee).str("id")
	for _, field := range []string{"title", "handle", "status", "tags", "options", "media", "tax_class", "category_ids"} {
		got := s.patch(path, `"1"`, `{"`+field+`":null}`)

		assert.Equal(t, http.StatusBadRequest, got.status, field)
		assert.Equal(t, "invalid_type", got.code(), field)
	}
}

func TestAMapIsReplacedAsAWhole(t *testing.T) {
	s := open(t)
	path := products + "/" + s.create(`{"title":"x","attributes":{"a":"1","b":"2"}}`).str("id")

	got := s.patch(path, `"1"`, `{"attributes":{"b":"3"}}`)

	assert.Equal(t, map[string]any{"b": "3"}, got.body["attributes"])
}

func TestS30DescriptionsAreCleanedWhenTheyAreWritten(t *testing.T) {
	s := open(t)
	dirty := `<p onclick=\"x()\">Soft</p><script>alert(1)</script><style>p{}</style><a href=\"javascript:x()\">y</a>`

	created := s.create(`{"title":"x","description":"` + dirty + `"}`)
	changed := s.patch(products+"/"+created.str("id"), `"1"`, `{"description":"<b>`+dirty+`</b>"}`)

	assert.Equal(t, "<p>Soft</p>y", created.str("description"))
	assert.Equal(t, "<b><p>Soft</p>y</b>", changed.str("description"))
	assert.Zero(t, s.count(`SELECT count(*) FROM catalog.products WHERE description ~ 'script|onclick|style'`))
}

func TestOptionsThatVariantsUseStay(t *testing.T) {
	s := open(t)
	path := products + "/" + s.create(tee).str("id")
	for _, options := range []string{
		`[]`,
		`[{"name":"Color","values":["Red","Blue"]}]`,
		`[{"name":"Color","values":["Red"]},{"name":"Size","values":["M"]}]`,
		`[{"name":"Shade","values":["Red","Blue"]},{"name":"Size","values":["M"]}]`,
	} {
		got := s.patch(path, `"1"`, `{"options":`+options+`}`)

		assert.Equal(t, http.StatusConflict, got.status, options)
		assert.Equal(t, "options_in_use", got.code(), options)
	}
}

func TestOptionsCanBeReorderedExtendedAndAdded(t *testing.T) {
	s := open(t)
	created := s.create(tee)

	got := s.patch(products+"/"+created.str("id"), `"1"`, `{"options":[{"name":"Size","values":["S","M"]},
		{"name":"Color","values":["Blue","Red","Green"]},{"name":"Fit","values":["Regular","Slim"]}]}`)

	require.Equal(t, http.StatusOK, got.status, got.text)
	first := got.item("variants", 0)
	assert.Equal(t, map[string]any{"Color": "Red", "Size": "M", "Fit": "Regular"}, first.body["option_values"])
	assert.Equal(t, "M / Red / Regular", first.body["title"], "a derived title follows")
	assert.Equal(t, created.item("options", 1).body["id"], got.item("options", 0).body["id"],
		"an option keeps its id")
}

func TestRemovingAProductArchivesItOnce(t *testing.T) {
	s := open(t)
	id := s.create(tee).str("id")

	for range 2 {
		s.must(http.StatusNoContent, http.MethodDelete, products+"/"+id, "")
	}
	read := s.must(http.StatusOK, http.MethodGet, products+"/"+id, "")
	again := s.send(http.MethodPost, products, `{"title":"x","handle":"plain-tee"}`)

	assert.Equal(t, "archived", read.str("status"))
	assert.Equal(t, `"2"`, read.header.Get("ETag"))
	assert.Equal(t, 2, s.events(id))
	assert.Equal(t, "handle_taken", again.code())
}

func TestHandlesAndTextsOfTheLargestKindAreStored(t *testing.T) {
	s := open(t)
	values := make([]string, 5)
	options := make([]string, 5)
	for i := range values {
		name := strings.Repeat(string(rune('a'+i)), 100)
		options[i] = `{"name":"` + name + `","values":["` + strings.Repeat("é", 200) + `"]}`
		values[i] = `"` + name + `":"` + strings.Repeat("é", 200) + `"`
	}
	got := s.send(http.MethodPost, products, `{"title":"`+strings.Repeat("t", 255)+`","handle":"`+strings.Repeat("h", 255)+`",
		"options":[`+strings.Join(options, ",")+`],"variants":[{"sku":"`+strings.Repeat("s", 255)+`","option_values":{`+strings.Join(values, ",")+`}}]}`)

	assert.Equal(t, http.StatusUnprocessableEntity, got.status, got.text)
	assert.Equal(t, []string{"/variants/0/option_values"}, got.pointers(), "too long for the index that keeps them apart")
	s.create(`{"title":"` + strings.Repeat("t", 255) + `"}`)
	assert.Equal(t, strings.Repeat("t", 200)+"-2", s.create(`{"title":"`+strings.Repeat("t", 255)+`"}`).str("handle"))
}
