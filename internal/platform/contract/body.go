package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/strictjson"
)

var (
	errMediaType = fault.New("unsupported_media_type", "The operation does not take this Content-Type.")
	errTooLarge  = fault.New("payload_too_large", "The request body is too large.")
)

const jsonType = "application/json"

// body is a request body that the document declares, by media type.
type body struct {
	required bool
	media    map[string]*media
}

type media struct {
	schema *openapi3.Schema // nil: anything goes
	shape  *shape
	cards  bool // are refused
}

func newBody(spec *openapi3.RequestBody) *body {
	b := &body{required: spec.Required, media: map[string]*media{}}
	for name, content := range spec.Content {
		m := &media{}
		if content.Schema != nil && isJSON(name) && !isRaw(content.Schema.Value) {
			m.schema = content.Schema.Value
			m.shape = newShape(m.schema)
		}
		b.media[name] = m
	}
	return b
}

// isRaw says that a body is for the handler as it is, byte by byte, such as one that is signed.
func isRaw(schema *openapi3.Schema) bool {
	return schema.Type.Is(openapi3.TypeString) && schema.Format == "binary"
}

// checkBody returns a request whose body can be read (again) from its beginning. No more than one byte
// over the limit is ever held in memory, however the body is sent.
func (op *operation) checkBody(r *http.Request, limit int64) (*http.Request, error) {
	if op.body == nil {
		return r, refuseBody(r)
	}
	m, err := op.body.mediaOf(r)
	if err != nil {
		return nil, err
	}
	data, err := readBody(r, limit)
	if err != nil {
		return nil, err
	}
	if len(data) > 0 || op.body.required {
		if err := m.check(data); err != nil {
			return nil, err
		}
	}
	again := r.WithContext(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(data))
	again.ContentLength = int64(len(data))
	return again, nil
}

func refuseBody(r *http.Request) error {
	if isAbsent(r) {
		return nil
	}
	if n, _ := io.ReadFull(r.Body, make([]byte, 1)); n > 0 {
		return strictjson.ErrInvalid.Detailf("This operation takes no body.")
	}
	return nil
}

func isAbsent(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0
}

// mediaOf finds how the body is to be read from Content-Type, before a byte of it is asked for.
func (b *body) mediaOf(r *http.Request) (*media, error) {
	if isAbsent(r) {
		return &media{}, b.refuseAbsence()
	}
	for _, coding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(coding, "identity") {
			return nil, errMediaType.Detailf("Content-Encoding is not supported.")
		}
	}
	types := r.Header.Values("Content-Type")
	if len(types) != 1 {
		return nil, b.wrongType()
	}
	name, params, err := mime.ParseMediaType(types[0])
	m, known := b.media[name]
	if err != nil || !known || !isUTF8(name, params) {
		return nil, b.wrongType()
	}
	return m, nil
}

func (b *body) wrongType() error {
	return errMediaType.Detailf("Send the body as %s, in UTF-8 and without content encoding.", strings.Join(slices.Sorted(maps.Keys(b.media)), " or "))
}

func (b *body) refuseAbsence() error {
	if !b.required {
		return nil
	}
	return strictjson.ErrInvalid.Detailf("The body is empty; this operation needs one.")
}

// isUTF8 refuses every parameter of a JSON type but charset=utf-8, which says nothing new.
func isUTF8(name string, params map[string]string) bool {
	if !isJSON(name) {
		return true
	}
	charset, given := params["charset"]
	if given && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	return len(params) == 0 || given && len(params) == 1
}

func isJSON(name string) bool {
	return name == jsonType || strings.HasSuffix(name, "+json")
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if isAbsent(r) {
		return nil, nil
	}
	tooLarge := errTooLarge.Detailf("The request body is larger than %d bytes.", limit)
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, fmt.Errorf("read body: %w", err)
	case err != nil && r.Context().Err() != nil:
		return nil, fmt.Errorf("read body: %w", r.Context().Err())
	case err != nil:
		return nil, strictjson.ErrInvalid.Detailf("The body broke off.").Wrap(err)
	case int64(len(data)) > limit:
		return nil, tooLarge
	default:
		return data, nil
	}
}

func (m *media) check(data []byte) error {
	if m.schema == nil {
		return nil
	}
	value, err := strictjson.Parse(data)
	if err != nil {
		return err
	}
	if m.cards {
		if err := refuseCards(value); err != nil {
			return err
		}
	}
	fields := m.shape.check(value)
	misshapen := len(fields)
	for _, f := range explain(m.schema, value, requestRules()) {
		if !covered(f, fields[:misshapen]) {
			fields = append(fields, f)
		}
	}
	return refuse(fields)
}

// covered reports whether the shape has already told what is wrong at a place. The schema would call the
// same 1e999 too large, and an unknown field by the name of its parent.
func covered(f fault.Field, shape []fault.Field) bool {
	for _, s := range shape {
		if s.Pointer == f.Pointer || s.Code == codeUnknownField && f.Code == codeUnknownField {
			return true
		}
	}
	return false
}
