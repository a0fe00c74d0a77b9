package abuse

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// strictBodies sends bodies of which none is one JSON value with known names, to every operation that takes a body.
func strictBodies(w *world) {
	for _, op := range w.document.withBody() {
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			for body, code := range misspelled(op) {
				answer := w.raw(c.method, c.path, strings.NewReader(body), append(w.credentials(op), append(c.headers, typed(jsonType))...)...)
				require.Equal(w.t, "400 "+code, told(answer), "%s with %s: %s", op.ID, brief(body), answer.Raw)
			}
		})
	}
}

// misspelled are bodies and the codes that answer them.
func misspelled(op operation) map[string]string {
	name := slices.Sorted(maps.Keys(op.schema().Properties))[0]
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	bodies := map[string]string{
		`{"` + name + `":"a","` + name + `":"a"}`:            "duplicate_field",
		`{"x":{"y":1,"z":2,"y":1}}`:                          "duplicate_field",
		`{"x":1,"\u0078":2}`:                                 "duplicate_field",
		`{"` + strings.ToUpper(name[:1]) + name[1:] + `":1}`: "unknown_field",
		`{"` + strings.ToUpper(name) + `":1}`:                "unknown_field",
		`{"` + name + ` ":1}`:                                "unknown_field",
		`{"":1}`:                                             "unknown_field",
		`{} {}`:                                              "trailing_data",
		`{}{}`:                                               "trailing_data",
		`{}]`:                                                "trailing_data",
		"{}\x00":                                             "trailing_data",
		`{} // more`:                                         "trailing_data",
		`[]`:                                                 "invalid_type",
		`null`:                                               "invalid_type",
		`true`:                                               "invalid_type",
		`"{}"`:                                               "invalid_type",
		`1`:                                                  "invalid_type",
	}
	for _, body := range []string{``, ` `, `{`, `}`, `{"x"`, `{"x":`, `{"x":1`, `{"x":1,}`, `{,}`, `{x:1}`, `{'x':1}`, `{"x":'y'}`, `{"x":NaN}`,
		`{"x":Infinity}`, `{"x":-Infinity}`, `{"x":undefined}`, `{"x":01}`, `{"x":+1}`, `{"x":.5}`, `{"x":1.}`, `{"x":0x1}`, `{"x":1e}`,
		`{/* none */}`, "{\"x\":1 // none\n}", "\xef\xbb\xbf{}", `{"x":"\u0000"}`, `{"\u0000":1}`, "{\"x\":\"\x00\"}", "{\"x\":\"\n\"}",
		"{\"x\":\"\xff\"}", `{"x":"\ud800"}`, `{"x":"\udc00\ud800"}`, `{"x":"\x41"}`, `{"x":TRUE}`, deep, `{"x":` + deep + `}`,
		strings.Repeat(`{"x":`, 10_000) + `1` + strings.Repeat(`}`, 10_000), strings.Repeat("[", 10_000), `x`, `x=1`, `<x/>`, wide(`{}`)} {
		bodies[body] = "invalid_json"
	}
	return bodies
}

// wide is UTF-16, which JSON once allowed.
func wide(text string) string {
	var b bytes.Buffer
	for _, unit := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}

func typed(contentType string) shop.Header {
	return shop.Header{Name: "Content-Type", Value: contentType}
}

// contentTypes sends a good body under other names.
func contentTypes(w *world) {
	encoded := func(name string) []shop.Header {
		return []shop.Header{typed(jsonType), {Name: "Content-Encoding", Value: name}}
	}
	for _, op := range w.document.withBody() {
		c := w.ready[op.ID]
		w.unchanged(op.ID, func() {
			for _, headers := range [][]shop.Header{
				nil, {typed("")}, {typed("text/plain")}, {typed("text/json")}, {typed("application/xml")}, {typed("application/octet-stream")},
				{typed("application/x-www-form-urlencoded")}, {typed("multipart/form-data; boundary=x")}, {typed("application/jsonp")},
				{typed("application/problem+json")}, {typed("application/merge-patch+json")}, {typed("application/*")}, {typed("*/*")},
				{typed("application/json; charset=utf-16")}, {typed("application/json; charset=iso-8859-1")}, {typed(`application/json; charset="utf-7"`)},
				{typed("application/json; profile=x")}, {typed("application/json, text/plain")}, {typed("application/json;;;")}, {typed("json")},
				{typed(jsonType), typed(jsonType)}, {typed(jsonType), typed("text/plain")}, encoded("br"), encoded("deflate"), encoded("gzip, gzip"),
			} {
				answer := w.raw(c.method, c.path, encode(w, c.body), append(w.credentials(op), append(c.headers, headers...)...)...)
				require.Equal(w.t, "415 unsupported_media_type", told(answer), "%s with %v: %s", op.ID, headers, answer.Raw)
			}
		})
		for _, same := range []string{"application/json; charset=utf-8", "Application/JSON;charset=UTF-8"} {
			answer := w.raw(c.method, c.path, strings.NewReader("[]"), append(w.credentials(op), append(c.headers, typed(same))...)...)
			require.Equal(w.t, "400 invalid_type", told(answer), "%s is JSON", same)
		}
	}
}

func encode(w *world, body any) io.Reader {
	w.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(w.t, err)
	return bytes.NewReader(text)
}
