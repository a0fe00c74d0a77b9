// Package ids makes identifiers and gives them their public form.
//
// Inside, an identifier is a canonical UUID string of version 7, so that it sorts by time of creation,
// in Postgres and in Go alike. Outside, it is a prefix that names its kind and 26 characters of
// Crockford's base 32 in lower case: "prod_01jd7vqz5ceh6v1p5d9m0k3x2y". Public forms of one prefix sort
// as their UUIDs do, and each UUID has exactly one.
//
// The package knows no prefix: each module keeps the constants of its own kinds.
package ids

import (
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
)

const (
	alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	// length is 128 bits in groups of 5, so the first character carries only 3 bits.
	length  = 26
	maxHead = 7
)

// New returns a fresh version 7 UUID in canonical form. Those of one process ascend.
func New() string {
	return uuid.Must(uuid.NewV7()).String()
}

// Valid reports whether s is a UUID in canonical form: 36 characters, lower case, with hyphens.
func Valid(s string) bool {
	id, err := uuid.Parse(s)
	return err == nil && id.String() == s
}

// Encode returns the public form of a UUID: prefix, underscore, 26 characters. The prefix comes without
// its underscore ("prod"). Encode panics when id is not a UUID, because a wrong identifier in an answer
// is worse than none; what comes from a client goes through Decode first.
func Encode(prefix, id string) string {
	u := uuid.MustParse(id)
	hi, lo := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(u[8:])
	var text [length]byte
	for i := length - 1; i >= 0; i-- {
		text[i] = alphabet[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return prefix + "_" + string(text[:])
}

// Decode returns the UUID behind a public form, in canonical form. It is strict: ok is false for another
// prefix, another length, upper case, a character outside the alphabet, and a value of more than 128
// bits. Callers answer such an identifier as one that does not exist.
func Decode(prefix, s string) (id string, ok bool) {
	text, found := strings.CutPrefix(s, prefix+"_")
	if !found || len(text) != length {
		return "", false
	}
	var hi, lo uint64
	for i := range length {
		v := strings.IndexByte(alphabet, text[i])
		if v < 0 || i == 0 && v > maxHead {
			return "", false
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], hi)
	binary.BigEndian.PutUint64(u[8:], lo)
	return u.String(), true
}
