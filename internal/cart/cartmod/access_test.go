package cartmod_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestACartIsItsHoldersAlone(t *testing.T) {
	s := newShop(t)
	mine, other := s.open(oneTee), s.open(oneTee)
	absent := ids.Encode(cart.CartPrefix, ids.New())
	operations := []struct{ name, method, path, body string }{
		{"read", "GET", "", ""},
		{"change", "PATCH", "", `{"note": "mine now"}`},
		{"add", "POST", "/lines", `{"sku": "MUG", "quantity": 1}`},
		{"replace", "PUT", "/lines", `{"lines": []}`},
		{"set a quantity", "PATCH", "/lines/" + other.Lines[0].ID, `{"quantity": 9}`},
		{"remove a line", "DELETE", "/lines/" + other.Lines[0].ID, ""},
		{"shipping options", "GET", "/shipping-options", ""},
		{"payment methods", "GET", "/payment-methods", ""},
	}
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			none := s.do(op.method, "/store/v1/carts/"+other.ID+op.path, op.body)
			none.refuses(t, 401, "token_required")
			empty := s.do(op.method, "/store/v1/carts/"+other.ID+op.path, op.body, "Cart-Token", "")
			empty.refuses(t, 401, "token_required")

			foreign := s.do(op.method, "/store/v1/carts/"+other.ID+op.path, op.body, "Cart-Token", mine.token)
			gone := s.do(op.method, "/store/v1/carts/"+absent+op.path, op.body, "Cart-Token", mine.token)
			misspelled := s.do(op.method, "/store/v1/carts/order_x"+op.path, op.body, "Cart-Token", mine.token)
			foreign.refuses(t, 404, "not_found")
			assert.Equal(t, 404, gone.status)
			assert.Equal(t, withoutRequest(t, gone), withoutRequest(t, foreign))
			assert.Equal(t, withoutRequest(t, gone), withoutRequest(t, misspelled))
			assert.Equal(t, "no-store", foreign.header.Get("Cache-Control"))
		})
	}
	other.must(http.MethodGet, "", "")
	assert.Equal(t, 1, other.Version)
}

func TestALineOfAnotherCartIsNotFound(t *testing.T) {
	s := newShop(t)
	mine, other := s.open(oneTee), s.open(oneTee)

	mine.do(http.MethodPatch, "/lines/"+other.Lines[0].ID, `{"quantity": 9}`).refuses(t, 404, "not_found")
	mine.do(http.MethodDelete, "/lines/"+other.Lines[0].ID, "").refuses(t, 404, "not_found")

	assert.Equal(t, int64(1), other.must(http.MethodGet, "", "").Lines[0].Quantity)
}

func TestARaisedTokenVersionRevokesTheToken(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)
	_, err := s.db.Admin().Exec(t.Context(), `UPDATE cart.carts SET token_version = 2`)
	require.NoError(t, err)

	b.do(http.MethodGet, "", "").refuses(t, 404, "not_found")

	b.token = s.tokens.Derive(cart.TokenKind, b.uuid(), 2)
	b.must(http.MethodGet, "", "")
}

func TestIfMatchIsOptionalAndStrict(t *testing.T) {
	s := newShop(t)
	b := s.open(oneTee)

	require.Equal(t, 200, b.do(http.MethodPatch, "", `{"note": "one"}`, "If-Match", `"1"`).status)
	for _, stale := range []string{`"1"`, `W/"2"`, `2`, `"x"`, `"3"`} {
		b.do(http.MethodPatch, "", `{"note": "two"}`, "If-Match", stale).refuses(t, 412, "version_mismatch")
	}
	b.do(http.MethodPost, "/lines", `{"sku": "MUG", "quantity": 1}`, "If-Match", `"1"`).refuses(t, 412, "version_mismatch")
	b.do(http.MethodPut, "/lines", `{"lines": []}`, "If-Match", `"1"`).refuses(t, 412, "version_mismatch")
	b.do(http.MethodPatch, "/lines/"+b.Lines[0].ID, `{"quantity": 2}`, "If-Match", `"1"`).refuses(t, 412, "version_mismatch")
	b.do(http.MethodDelete, "/lines/"+b.Lines[0].ID, "", "If-Match", `"1"`).refuses(t, 412, "version_mismatch")

	assert.Equal(t, "one", b.must(http.MethodGet, "", "").Note)
	assert.Equal(t, 2, b.Version)
}

// withoutRequest is the body of a problem without what names the request.
func withoutRequest(t *testing.T, a answer) map[string]any {
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &body))
	delete(body, "instance")
	delete(body, "request_id")
	return body
}
