// Package idempotency has a request with an Idempotency-Key header carried out once.
//
// It owns the form of keys and of request fingerprints, and for modules that do their work in one transaction of their own
// the way it is kept: key, work and answer commit together ([Once]), in a table of the module's own schema ([MigrationSQL]).
// A module whose work leaves its database has rows of its own for it and takes only [ParseKey] and [Hash] from here.
//
// The answer is encrypted by the server's secret together with the key, of which a hash is stored: neither a dump of the
// database nor the server alone reads the tokens, secrets and addresses in it. The package knows no module and no route.
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
