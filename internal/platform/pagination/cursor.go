// Package pagination divides long lists: cursors that remember where a page ended, the number of items
// of a page, and the Link header that names the next one.
//
// It owns the form of cursors and the limits of api.md. It knows no list, no table and no order: what
// "after" means is known to the one who encoded it.
package pagination

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// ErrInvalidCursor is the answer to a cursor that this server did not make, or made for another list
// or for other filters.
var ErrInvalidCursor = fault.New("invalid_cursor", "The cursor does not belong to this list and its filters.")

const (
	// domain keeps a cursor apart from everything else that is signed with the same key.
	domain = "rialto cursor v1"
	// signatureLength leaves 128 bits, which is plenty against guessing and keeps links short.
	signatureLength = 16
	// maxCursorLength bounds the work a forged cursor can cause, in characters.
	maxCursorLength = 2048
)

// Codec makes cursors and reads them again. Clients can read a cursor but not make one, so no secret
// belongs in it.
type Codec struct {
	key []byte
}

// NewCodec returns a codec that signs with key. All processes of a shop share the key; changing it
// ends the paging in progress and harms nothing else. It panics on an empty key.
func NewCodec(key []byte) Codec {
	if len(key) == 0 {
		panic("pagination: empty key")
	}
	return Codec{key: key}
}

// Encode returns the cursor of the page that follows after, the sort values of the last item shown. It
// is bound to the name of the list and to filters, any value that JSON can express and that is equal
// for equal requests (without limit and cursor). Encode panics when JSON cannot express filters.
func (c Codec) Encode(list string, filters any, after []string) string {
	payload, err := json.Marshal(after)
	if err != nil {
		panic(fmt.Sprintf("pagination: encode position: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(append(c.sign(list, filters, payload), payload...))
}

// Decode returns what Encode was given, or nil for an empty cursor, which asks for the first page.
//
// Errors: ErrInvalidCursor.
func (c Codec) Decode(list string, filters any, cursor string) ([]string, error) {
	if cursor == "" {
		return nil, nil
	}
	if len(cursor) > maxCursorLength {
		return nil, ErrInvalidCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < signatureLength {
		return nil, ErrInvalidCursor
	}
	signature, payload := raw[:signatureLength], raw[signatureLength:]
	if !hmac.Equal(signature, c.sign(list, filters, payload)) {
		return nil, ErrInvalidCursor
	}
	var after []string
	if err := json.Unmarshal(payload, &after); err != nil {
		return nil, ErrInvalidCursor.Wrap(err)
	}
	return after, nil
}

func (c Codec) sign(list string, filters any, payload []byte) []byte {
	chosen, err := json.Marshal(filters)
	if err != nil {
		panic(fmt.Sprintf("pagination: encode filters: %v", err))
	}
	mac := hmac.New(sha256.New, c.key)
	for _, part := range [][]byte{[]byte(domain), []byte(list), chosen, payload} {
		var length [4]byte
		binary.BigEndian.PutUint32(length[:], uint32(len(part)))
		mac.Write(length[:])
		mac.Write(part)
	}
	return mac.Sum(nil)[:signatureLength]
}
