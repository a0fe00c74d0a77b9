// Package strictjson reads JSON the way RFC 8259 and its cautious cousin RFC 7493 (I-JSON) write it,
// where encoding/json forgives: it refuses duplicate names, anything after the value, text that is not
// UTF-8, halves of surrogate pairs, the character U+0000, which PostgreSQL cannot store, and deep
// nesting.
//
// It owns that one reading. It knows no schema; what the value should look like is for package contract.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// MaxDepth is how deep arrays and objects may be nested.
const MaxDepth = 64

var (
	// ErrInvalid is the answer to text that is not JSON, to U+0000 and to nesting deeper than MaxDepth.
	ErrInvalid = fault.New("invalid_json", "The body is not valid JSON.")
	// ErrTrailing is the answer to anything but white space after the value.
	ErrTrailing = fault.New("trailing_data", "The body goes on after its JSON value.")
	// ErrDuplicate is the answer to an object that names one member twice.
	ErrDuplicate = fault.New("duplicate_field", "An object names the same field twice.")
)

// Parse returns the one JSON value that data is: nil, bool, string, json.Number, []any or
// map[string]any. Numbers keep their spelling. Where one place is at fault, the error has a field that
// points at it.
//
// Errors: ErrInvalid, ErrTrailing, ErrDuplicate.
func Parse(data []byte) (any, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	if err := checkSyntax(data); err != nil {
		return nil, err
	}
	p := parser{dec: json.NewDecoder(bytes.NewReader(data))}
	p.dec.UseNumber()
	return p.value()
}

// checkText refuses what the decoder would silently replace by U+FFFD.
func checkText(data []byte) error {
	switch {
	case bytes.HasPrefix(data, []byte("\uFEFF")):
		return ErrInvalid.Detailf("The body begins with a byte order mark.")
	case !utf8.Valid(data):
		return ErrInvalid.Detailf("The body is not valid UTF-8.")
	case hasLoneSurrogate(data):
		return ErrInvalid.Detailf("The body escapes half of a surrogate pair.")
	default:
		return nil
	}
}

func checkSyntax(data []byte) error {
	if json.Valid(data) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	var first json.RawMessage
	err := dec.Decode(&first)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return ErrInvalid.Detailf("The body is empty; this operation needs one.")
	case errors.As(err, &syntax):
		return ErrInvalid.Detailf("The body is not valid JSON at byte %d.", syntax.Offset)
	case err != nil:
		return ErrInvalid.Wrap(err)
	case len(bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n")) > 0:
		return ErrTrailing
	default:
		return nil
	}
}

// hasLoneSurrogate looks at escapes only: unescaped surrogates are not UTF-8. It is asked before the
// syntax is known to be good, so it must survive any bytes.
func hasLoneSurrogate(data []byte) bool {
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 || i+1 >= len(data) {
			return false
		}
		data = data[i:]
		switch unit := escapedUnit(data); {
		case isHigh(unit) && isLow(escapedUnit(data[len(`\u0000`):])):
			data = data[2*len(`\u0000`):]
		case isHigh(unit) || isLow(unit):
			return true
		default:
			data = data[len(`\x`):]
		}
	}
}

// escapedUnit returns the UTF-16 unit of the \uXXXX that data begins with, or 0.
func escapedUnit(data []byte) uint16 {
	if len(data) < len(`\u0000`) || data[0] != '\\' || data[1] != 'u' {
		return 0
	}
	var unit uint16
	for _, c := range data[2:6] {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if digit < 0 {
			return 0
		}
		unit = unit<<4 | uint16(digit)
	}
	return unit
}

func isHigh(unit uint16) bool { return unit >= 0xD800 && unit < 0xDC00 }
func isLow(unit uint16) bool  { return unit >= 0xDC00 && unit < 0xE000 }
