package idempotency

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"github.com/rialto-commerce/rialto/internal/platform/identity"
)

// Header is the header that carries a key.
const Header = "Idempotency-Key"

// These keep what is computed from a key apart from each other and from everything else.
const (
	idDomain     = "rialto idempotency key v1"
	secretDomain = "rialto idempotent answer v1"
)

// request is a request with a key.
type request struct {
	// name is whose key it is, and the key.
	name []string
	hash []byte
}

// read leaves the body of r ready to be read again. Errors: those of ParseKey.
func read(r *http.Request) (request, error) {
	key, err := ParseKey(r.Header.Values(Header))
	if err != nil {
		return request{}, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return request{}, fmt.Errorf("read body: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	hash, err := hex.DecodeString(Hash(r.Method, r.URL.Path, r.URL.RawQuery, body))
	return request{name: append(scope(r), key), hash: hash}, err
}

// scope is who sends the request, by what they show, right or wrong: who shows something else cannot be told what this one
// was answered. Those who have nothing to show yet share the channel they shop in.
func scope(r *http.Request) []string {
	caller := identity.From(r.Context())
	if caller.Kind == identity.APIKey {
		return []string{"api_key", caller.KeyID}
	}
	return []string{"shopper", caller.PublishableKey, r.Header.Get("Cart-Token"), r.Header.Get("Checkout-Token"), r.Header.Get("Order-Token")}
}

// id names the row of the key.
func (r request) id() []byte {
	sum := sha256.Sum256(r.message(idDomain))
	return sum[:]
}

// secret encrypts the answer. It cannot be computed from anything that is stored.
func (r request) secret(server []byte) []byte {
	mac := hmac.New(sha256.New, server)
	mac.Write(r.message(secretDomain))
	return mac.Sum(nil)
}

// message writes each part with its length before it, so that no two requests share one.
func (r request) message(domain string) []byte {
	msg := []byte(domain)
	for _, part := range r.name {
		msg = binary.BigEndian.AppendUint32(msg, uint32(len(part)))
		msg = append(msg, part...)
	}
	return msg
}
