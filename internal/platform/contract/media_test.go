package contract_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
)

func TestB04OnlyJSONInUTF8IsRead(t *testing.T) {
	s := serve(t, contract.Options{})
	for contentType, want := range map[string]int{
		"application/json":                     204,
		"Application/JSON":                     204,
		"application/json; charset=utf-8":      204,
		`application/json;charset="UTF-8"`:     204,
		"text/csv":                             204,
		"text/csv; charset=iso-8859-1":         204,
		"":                                     415,
		"text/plain":                           415,
		"text/json":                            415,
		"application/json; charset=utf-16":     415,
		"application/json; charset=iso-8859-1": 415,
		"application/json; charset=utf-8; v=1": 415,
		"application/json; v=1":                415,
		"application/json, application/json":   415,
		"application/json; charset":            415,
		"application/problem+json":             415,
		"application/x-www-form-urlencoded":    415,
		"multipart/form-data; boundary=x":      415,
		"*/*":                                  415,
	} {
		r := postRequest(strings.NewReader(`{}`))
		r.Header.Del("Content-Type")
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		got := s.do(t, r)
		assert.Equal(t, want, got.status, contentType)
		if want == 415 {
			assert.Equal(t, "unsupported_media_type", got.code, contentType)
			assert.Contains(t, got.detail, "application/json or text/csv", contentType)
		}
	}
	r := postRequest(strings.NewReader(`{}`))
	r.Header["Content-Type"] = []string{"application/json", "application/json"}
	assert.Equal(t, 415, s.do(t, r).status, "two headers")
}

func TestB03CompressedBodiesAreNotRead(t *testing.T) {
	s := serve(t, contract.Options{})
	for coding, want := range map[string]int{"gzip": 415, "br": 415, "identity, gzip": 415, "deflate": 415, "": 415, "identity": 204} {
		r := postRequest(strings.NewReader(`{}`))
		r.Header.Set("Content-Encoding", coding)
		assert.Equal(t, want, s.do(t, r).status, coding)
	}
}

// endless counts what was read of a body that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func TestB03ABodyOverTheLimitIsNotReadToItsEnd(t *testing.T) {
	s := serve(t, contract.Options{})

	body := &endless{}
	announced := postRequest(body)
	announced.ContentLength = 10 << 20
	got := s.do(t, announced)
	assert.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	assert.Equal(t, "payload_too_large", got.code)
	assert.Zero(t, body.read)

	chunked := postRequest(body)
	chunked.ContentLength = -1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got = s.do(t, chunked)
	runtime.ReadMemStats(&after)

	assert.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	assert.LessOrEqual(t, body.read, contract.DefaultMaxBody+1)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20<<20))
}

func TestTheLimitIsExact(t *testing.T) {
	s := serve(t, contract.Options{MaxBody: 20})
	for length, want := range map[int]int{20: 204, 21: 413} {
		body := `{` + strings.Repeat(" ", length-2) + `}`
		assert.Equal(t, want, s.post(t, body).status, length)
		chunked := postRequest(io.MultiReader(strings.NewReader(body)))
		assert.Equal(t, int64(-1), chunked.ContentLength)
		assert.Equal(t, want, s.do(t, chunked).status, length)
	}
}

func TestABodyOfAnotherTypePassesUnread(t *testing.T) {
	s := serve(t, contract.Options{})
	r := postRequest(bytes.NewReader([]byte("a;b\xff")))
	r.Header.Set("Content-Type", "text/csv")

	assert.Equal(t, http.StatusNoContent, s.do(t, r).status)
	assert.Equal(t, "a;b\xff", s.body)
}

func TestAnOptionalBodyMayBeLeftOut(t *testing.T) {
	s := serve(t, contract.Options{})
	patch := func(body io.Reader) *http.Request {
		r := httptest.NewRequest(http.MethodPatch, "/things/1", body)
		r.Header.Set("If-Match", `"1"`)
		r.Header.Set("X-Must", "1")
		r.Header.Set("Content-Type", "application/json")
		return r
	}

	assert.Equal(t, http.StatusNoContent, s.do(t, patch(nil)).status)
	assert.Equal(t, http.StatusNoContent, s.do(t, patch(io.MultiReader())).status)
	assert.Equal(t, http.StatusNoContent, s.do(t, patch(strings.NewReader(`{}`))).status)
	assert.Equal(t, "invalid_json", s.do(t, patch(strings.NewReader(` `))).code)
	assert.Equal(t, "invalid_type", s.do(t, patch(strings.NewReader(`null`))).code)
}

func TestARequiredBodyMayNotBeLeftOut(t *testing.T) {
	s := serve(t, contract.Options{})
	for name, body := range map[string]io.Reader{"none": nil, "no length": io.MultiReader()} {
		got := s.do(t, postRequest(body))
		assert.Equal(t, http.StatusBadRequest, got.status, name)
		assert.Equal(t, "invalid_json", got.code, name)
	}
}

func TestABodyWhereNoneBelongsIsRefused(t *testing.T) {
	s := serve(t, contract.Options{})
	remove := func(body io.Reader) answer {
		return s.do(t, httptest.NewRequest(http.MethodDelete, "/things/1?must=1", body))
	}

	assert.Equal(t, http.StatusNoContent, remove(nil).status)
	assert.Equal(t, http.StatusNoContent, remove(strings.NewReader("")).status)
	assert.Equal(t, http.StatusNoContent, remove(io.MultiReader()).status)
	assert.Equal(t, http.StatusBadRequest, remove(strings.NewReader("{}")).status)
	assert.Equal(t, http.StatusBadRequest, remove(io.MultiReader(strings.NewReader(" "))).status)
}

func TestABodyThatBreaksOffIsTheClientsAffair(t *testing.T) {
	s := serve(t, contract.Options{})
	broken := io.MultiReader(strings.NewReader(`{"name":`), errReader{fmt.Errorf("malformed chunk")})

	got := s.do(t, postRequest(broken))

	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.NotContains(t, got.body, "chunk")
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }
