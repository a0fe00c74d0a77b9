// Package tokens derives the secrets that let a shopper without an account return to a cart, a
// checkout or an order.
//
// A token is computed from the server's secret, the kind and id of the thing and the version of its
// token, so nothing is stored and raising the version revokes it. The package owns that computation.
// It knows no kind, keeps no version, and is not for API keys or sessions, which are random.
package tokens

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// domain keeps a token apart from everything else that is signed with the same secret.
const domain = "rialto token v1"

// Keyring holds the server's secrets: the first derives, all are accepted. To rotate, put the new
// secret first and remove the old one when its tokens may die.
type Keyring struct {
	secrets [][]byte
}

// NewKeyring returns a keyring of these secrets, of which each should be 32 random bytes or more. It
// panics without any secret or with an empty one, since everybody could then compute the tokens.
func NewKeyring(secrets ...[]byte) *Keyring {
	if len(secrets) == 0 {
		panic("tokens: a keyring needs a secret")
	}
	for _, s := range secrets {
		if len(s) == 0 {
			panic("tokens: empty secret")
		}
	}
	return &Keyring{secrets: slices.Clone(secrets)}
}

// Derive returns the token of one thing: 43 characters of base64url, always the same for the same
// arguments.
func (k *Keyring) Derive(kind, id string, version int) string {
	return derive(k.secrets[0], message(kind, id, version))
}

// Valid reports whether token was derived for these arguments with any secret of the keyring. It takes
// the same time wherever a wrong token differs from the right one.
func (k *Keyring) Valid(kind, id string, version int, token string) bool {
	msg := message(kind, id, version)
	valid := false
	for _, secret := range k.secrets {
		if hmac.Equal([]byte(derive(secret, msg)), []byte(token)) {
			valid = true
		}
	}
	return valid
}

func derive(secret, msg []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(msg)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// message writes each part with its length before it, so that no two triples share one encoding.
func message(kind, id string, version int) []byte {
	var msg []byte
	for _, part := range []string{domain, kind, id} {
		msg = binary.BigEndian.AppendUint32(msg, uint32(len(part)))
		msg = append(msg, part...)
	}
	return binary.BigEndian.AppendUint64(msg, uint64(version))
}
