package inventorymod_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

var loadContract = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Load(api.Document(), contract.Options{CheckResponses: true})
})

// desk is the admin API of a shop, behind the contract that the server puts before it.
type desk struct {
	shop
	server http.Handler
}

func openDesk(t *testing.T) desk {
	t.Helper()
	s := open(t)
	edge, err := loadContract()
	require.NoError(t, err)
	router := chi.NewRouter()
	router.Use(pagination.Remember)
	s.Mount(router.With(edge.Middlewares(func(context.Context, *http.Request) (identity.Identity, error) {
		return identity.Identity{Kind: identity.APIKey, Scopes: []string{"inventory:read", "inventory:write"}}, nil
	})...))
	t.Cleanup(func() {
		violations, err := s.Verify(context.Background())
		assert.NoError(t, err)
		assert.Empty(t, violations)
	})
	return desk{shop: s, server: router}
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
}

// send makes a request; headers come in pairs.
func (d desk) send(method, path, body string, headers ...string) answer {
	d.t.Helper()
	request := httptest.NewRequestWithContext(d.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	d.server.ServeHTTP(recorder, request)
	got := answer{status: recorder.Code, header: recorder.Header()}
	require.NoError(d.t, json.Unmarshal(recorder.Body.Bytes(), &got.body), recorder.Body.String())
	return got
}

// must is send for requests that succeed with this status.
func (d desk) must(status int, method, path, body string, headers ...string) answer {
	d.t.Helper()
	got := d.send(method, path, body, headers...)
	require.Equal(d.t, status, got.status, "%s %s %s: %v", method, path, body, got.body)
	return got
}

// refused asserts status and code of a problem.
func (d desk) refused(status int, code, method, path, body string, headers ...string) {
	d.t.Helper()
	got := d.send(method, path, body, headers...)
	assert.Equal(d.t, []any{status, code}, []any{got.status, got.body["code"]}, "%s %s %s: %v", method, path, body, got.body)
}

// pages reads a list to its end, a field of each item, and follows the cursors.
func (d desk) pages(path, field string) (values []any) {
	d.t.Helper()
	next := path
	for {
		got := d.must(http.StatusOK, http.MethodGet, next, "")
		for _, item := range got.body["data"].([]any) {
			values = append(values, item.(map[string]any)[field])
		}
		page := got.body["page"].(map[string]any)
		if page["has_more"] == false {
			assert.Empty(d.t, got.header.Get("Link"))
			return values
		}
		assert.Contains(d.t, got.header.Get("Link"), `rel="next"`)
		next = path + "&cursor=" + page["next_cursor"].(string)
	}
}

func (d desk) mainLocation() map[string]any {
	d.t.Helper()
	list := d.must(http.StatusOK, http.MethodGet, "/admin/v1/stock-locations", "").body["data"].([]any)
	return list[len(list)-1].(map[string]any)
}

const locations = "/admin/v1/stock-locations"

func TestAnEmptyShopHasOneLocation(t *testing.T) {
	d := openDesk(t)

	list := d.must(http.StatusOK, http.MethodGet, locations+"?total=true", "").body

	assert.Equal(t, map[string]any{"has_more": false, "total": float64(1)}, list["page"])
	assert.Equal(t, []any{"main", true}, []any{d.mainLocation()["code"], d.mainLocation()["active"]})
}

func TestLocationsAreCreatedReadAndChanged(t *testing.T) {
	d := openDesk(t)

	created := d.must(http.StatusCreated, http.MethodPost, locations, `{"code":"zurich","name":"Zürich","country":"CH","position":2}`)
	path := created.header.Get("Location")
	assert.Equal(t, `"1"`, created.header.Get("ETag"))
	read := d.must(http.StatusOK, http.MethodGet, path, "")
	assert.Equal(t, created.body, read.body)
	changed := d.must(http.StatusOK, http.MethodPatch, path, `{"name":"Zurich","country":null}`, "If-Match", `"1"`)
	assert.Equal(t, []any{"Zurich", nil, float64(2), `"2"`},
		[]any{changed.body["name"], changed.body["country"], changed.body["position"], changed.header.Get("ETag")})
	same := d.must(http.StatusOK, http.MethodPatch, path, `{"name":"Zurich"}`, "If-Match", `"2"`)
	assert.Equal(t, changed.body, same.body)

	d.refused(http.StatusConflict, "code_taken", http.MethodPost, locations, `{"code":"zurich","name":"Another"}`)
	d.refused(http.StatusPreconditionFailed, "version_mismatch", http.MethodPatch, path, `{"name":"X"}`, "If-Match", `"1"`)
	d.refused(http.StatusPreconditionFailed, "version_mismatch", http.MethodPatch, path, `{"name":"X"}`, "If-Match", `W/"2"`)
	d.refused(http.StatusPreconditionRequired, "precondition_required", http.MethodPatch, path, `{"name":"X"}`)
	d.refused(http.StatusNotFound, "not_found", http.MethodPatch, locations+"/"+ids.Encode("loc", ids.New()), `{"name":"X"}`, "If-Match", `"1"`)
	d.refused(http.StatusNotFound, "not_found", http.MethodGet, locations+"/"+ids.Encode("loc", ids.New()), "")
	d.refused(http.StatusNotFound, "not_found", http.MethodGet, locations+"/main", "")
}

func TestStockOfAnInactiveLocationIsNotSold(t *testing.T) {
	d := openDesk(t)
	d.stock("TEE", 3)
	path := locations + "/" + d.mainLocation()["id"].(string)

	d.must(http.StatusOK, http.MethodPatch, path, `{"active":false}`, "If-Match", `"1"`)

	assert.ErrorIs(t, d.reserve("co_1", of("TEE", 1)), inventory.ErrInsufficientStock)
	d.refused(http.StatusUnprocessableEntity, "unknown_location", http.MethodPost, "/admin/v1/stock-levels/adjustments",
		fmt.Sprintf(`{"sku":"TEE","location_id":%q,"delta":1,"reason":"receive"}`, d.mainLocation()["id"]))
	d.must(http.StatusOK, http.MethodPatch, path, `{"active":true}`, "If-Match", `"2"`)
	assert.NoError(t, d.reserve("co_1", of("TEE", 1)))
	assert.Equal(t, []string{inventory.InStock, inventory.OutOfStock, inventory.InStock}, d.announced("TEE"))
}

func TestAnAdjustmentAnswersTheMovementAndTheLevel(t *testing.T) {
	d := openDesk(t)
	variant := ids.New()
	_, err := d.Service().Register(t.Context(), inventory.RegisterRequest{Items: []inventory.RegisterItem{{SKU: "TEE", VariantID: variant}}})
	require.NoError(t, err)
	location := d.mainLocation()["id"].(string)
	body := func(delta int) string {
		return fmt.Sprintf(`{"sku":"TEE","location_id":%q,"delta":%d,"reason":"receive","note":"pallet 7"}`, location, delta)
	}

	got := d.must(http.StatusCreated, http.MethodPost, "/admin/v1/stock-levels/adjustments", body(10)).body

	assert.Regexp(t, "^mov_", got["id"])
	assert.Equal(t, []any{"TEE", location, float64(10), "receive", "pallet 7"},
		[]any{got["sku"], got["location_id"], got["delta"], got["reason"], got["note"]})
	assert.Equal(t, map[string]any{"sku": "TEE", "variant_id": ids.Encode("var", variant), "location_id": location, "on_hand": float64(10),
		"reserved": float64(0), "allocated": float64(0), "incoming": float64(0), "available": float64(10)}, got["level"])
	d.refused(http.StatusConflict, "negative_stock", http.MethodPost, "/admin/v1/stock-levels/adjustments", body(-11))
	d.refused(http.StatusUnprocessableEntity, "validation_failed", http.MethodPost, "/admin/v1/stock-levels/adjustments", body(0))
	d.refused(http.StatusUnprocessableEntity, "unknown_location", http.MethodPost, "/admin/v1/stock-levels/adjustments",
		`{"sku":"TEE","location_id":"loc_nowhere","delta":1,"reason":"receive"}`)
}

func TestLevelsAreListedBySKUAndLocation(t *testing.T) {
	d := openDesk(t)
	second := d.location("second", 1)
	for _, sku := range []string{"C", "A", "B"} {
		d.stock(sku, 1)
	}
	one := int64(1)
	d.set(second, inventory.StockItem{SKU: "B", OnHand: &one})

	assert.Equal(t, []any{"A", "B", "B", "C"}, d.pages("/admin/v1/stock-levels?limit=2", "sku"))
	assert.Equal(t, []any{"B", "B"}, d.pages("/admin/v1/stock-levels?limit=1&sku=B", "sku"))
	assert.Equal(t, []any{"B"}, d.pages("/admin/v1/stock-levels?limit=9&location_id="+ids.Encode("loc", second), "sku"))
	assert.Empty(t, d.pages("/admin/v1/stock-levels?location_id=nowhere", "sku"))
	page := d.must(http.StatusOK, http.MethodGet, "/admin/v1/stock-levels?limit=1&total=true", "").body["page"].(map[string]any)
	assert.Equal(t, float64(4), page["total"])
	d.refused(http.StatusBadRequest, "invalid_cursor", http.MethodGet, "/admin/v1/stock-levels?sku=A&cursor="+page["next_cursor"].(string), "")
}

func TestLocationsAreListedNewestFirst(t *testing.T) {
	d := openDesk(t)
	for _, code := range []string{"a", "b", "c"} {
		d.location(code, 0)
	}

	assert.Equal(t, []any{"c", "b", "a", "main"}, d.pages(locations+"?limit=2", "code"))
}

func TestReservationsAreListedNewestFirst(t *testing.T) {
	d := openDesk(t)
	d.stock("TEE", 10)
	d.stock("MUG", 10)
	require.NoError(t, d.reserve("co_1", of("TEE", 1), of("MUG", 1)))
	require.NoError(t, d.reserve("co_2", of("TEE", 2)))
	d.confirm("co_2")

	assert.Equal(t, []any{"co_2", "co_1", "co_1"}, d.pages("/admin/v1/reservations?limit=2", "reference"))
	assert.Equal(t, []any{"open"}, d.pages("/admin/v1/reservations?limit=1&reference=co_1&sku=MUG", "state"))
	assert.Equal(t, []any{float64(2)}, d.pages("/admin/v1/reservations?limit=1&state=allocated", "quantity"))
	page := d.must(http.StatusOK, http.MethodGet, "/admin/v1/reservations?limit=1&total=true&sku=TEE", "").body["page"].(map[string]any)
	assert.Equal(t, float64(2), page["total"])
}

func TestASKUIsPutByItsVersion(t *testing.T) {
	d := openDesk(t)
	const path = "/admin/v1/stock-items/TEE%2FRED%20M"
	d.refused(http.StatusNotFound, "not_found", http.MethodGet, path, "")
	d.refused(http.StatusPreconditionFailed, "version_mismatch", http.MethodPut, path, `{"mode":"track"}`, "If-Match", `"1"`)

	created := d.must(http.StatusCreated, http.MethodPut, path, `{"mode":"track","backorder_limit":5,"low_stock_threshold":3}`)
	assert.Equal(t, []any{"TEE/RED M", "track", float64(5), float64(3), `"1"`}, []any{created.body["sku"], created.body["mode"],
		created.body["backorder_limit"], created.body["low_stock_threshold"], created.header.Get("ETag")})
	assert.Equal(t, int64(5), d.status("TEE/RED M").Available)
	d.refused(http.StatusPreconditionRequired, "precondition_required", http.MethodPut, path, `{"mode":"none"}`)
	changed := d.must(http.StatusOK, http.MethodPut, path, `{"mode":"track","backorder_limit":4}`, "If-Match", `"1"`)
	assert.Equal(t, []any{float64(4), float64(0), `"2"`}, []any{changed.body["backorder_limit"], changed.body["low_stock_threshold"], changed.header.Get("ETag")})
	d.refused(http.StatusPreconditionFailed, "version_mismatch", http.MethodPut, path, `{"mode":"none"}`, "If-Match", `"1"`)
	same := d.must(http.StatusOK, http.MethodPut, path, `{"mode":"track","backorder_limit":4}`, "If-Match", `"2"`)
	assert.Equal(t, changed.body, same.body)

	require.NoError(t, d.reserve("co_1", of("TEE/RED M", 4)))
	d.refused(http.StatusConflict, "negative_stock", http.MethodPut, path, `{"mode":"track","backorder_limit":3}`, "If-Match", `"2"`)
	assert.Equal(t, same.body, d.must(http.StatusOK, http.MethodGet, path, "").body)
}
