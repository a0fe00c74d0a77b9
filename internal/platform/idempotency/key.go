// Package idempotency reads the Idempotency-Key header and tells whether two requests are the same.
//
// It owns the form of keys and of request fingerprints. It stores nothing: the module that promises
// one effect per key keeps keys, fingerprints and answers in its own schema.
package idempotency

import (
	"strings"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// MaxKeyLength is the longest key accepted, in characters.
const MaxKeyLength = 255

var (
	// ErrKeyRequired is the answer to a request without a key where one is needed.
	ErrKeyRequired = fault.New("idempotency_key_required", "This request needs an Idempotency-Key header.")
	// ErrInvalidKey is the answer to a key that is empty, too long, sent twice or made of other characters.
	ErrInvalidKey = fault.New("invalid_idempotency_key",
		`An Idempotency-Key is 1 to 255 visible ASCII characters without quotation mark, backslash and comma, sent once, bare or in quotation marks.`)
)

// ParseKey returns the key from all values of the Idempotency-Key header. The quoted form
// (a structured-field string, as draft-ietf-httpapi-idempotency-key-header has it) and the bare form of
// one value are the same key.
//
// A comma is refused because a proxy may join two headers with it, and quotation mark and backslash
// because they would make two spellings of one key; so a parsed key parses to itself.
//
// Errors: ErrKeyRequired, ErrInvalidKey.
func ParseKey(values []string) (string, error) {
	if len(values) == 0 {
		return "", ErrKeyRequired
	}
	if len(values) > 1 {
		return "", ErrInvalidKey.Detailf("Send one Idempotency-Key header, not %d.", len(values))
	}
	key := strings.Trim(values[0], " \t")
	if len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' {
		key = key[1 : len(key)-1]
	}
	if key == "" || len(key) > MaxKeyLength || strings.ContainsFunc(key, refused) {
		return "", ErrInvalidKey
	}
	return key, nil
}

func refused(r rune) bool {
	return r <= ' ' || r > '~' || r == '"' || r == '\\' || r == ','
}
