package tokens_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

func TestATokenOpensWhatItWasDerivedFor(t *testing.T) {
	ring := tokens.NewKeyring([]byte("secret one"))

	token := ring.Derive("cart", "0190", 1)

	assert.True(t, ring.Valid("cart", "0190", 1, token))
	assert.Len(t, token, 43)
	assert.Equal(t, token, ring.Derive("cart", "0190", 1))
}

func TestATokenOpensNothingElse(t *testing.T) {
	ring := tokens.NewKeyring([]byte("secret one"))
	token := ring.Derive("cart", "0190", 1)

	assert.False(t, ring.Valid("order", "0190", 1, token), "another kind")
	assert.False(t, ring.Valid("cart", "0191", 1, token), "another id")
	assert.False(t, ring.Valid("cart", "0190", 2, token), "a raised version")
	assert.False(t, ring.Valid("cart0", "190", 1, token), "the same letters, divided otherwise")
	assert.False(t, ring.Valid("cart", "0190", 1, ""), "no token")
	assert.False(t, ring.Valid("cart", "0190", 1, token+"A"), "a longer token")
	assert.False(t, ring.Valid("cart", "0190", 1, strings.ToLower(token)), "another case")
	assert.False(t, tokens.NewKeyring([]byte("secret two")).Valid("cart", "0190", 1, token), "another secret")
}

func TestARotatedKeyringAcceptsOldTokensAndDerivesNewOnes(t *testing.T) {
	old, fresh := []byte("old secret"), []byte("new secret")
	oldToken := tokens.NewKeyring(old).Derive("order", "7", 1)

	rotated := tokens.NewKeyring(fresh, old)

	assert.True(t, rotated.Valid("order", "7", 1, oldToken))
	assert.Equal(t, tokens.NewKeyring(fresh).Derive("order", "7", 1), rotated.Derive("order", "7", 1))
	assert.False(t, tokens.NewKeyring(fresh).Valid("order", "7", 1, oldToken), "after the old secret is gone")
}

// The bytes are a promise: links sent by mail must open after an upgrade.
func TestTheEncodingStaysAsItIs(t *testing.T) {
	mac := hmac.New(sha256.New, []byte("secret one"))
	mac.Write([]byte("\x00\x00\x00\x0frialto token v1\x00\x00\x00\x04cart\x00\x00\x00\x040190" +
		"\x00\x00\x00\x00\x00\x00\x00\x03"))
	want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))

	assert.Equal(t, want, tokens.NewKeyring([]byte("secret one")).Derive("cart", "0190", 3))
}

func TestAKeyringWithoutASecretIsRefused(t *testing.T) {
	assert.Panics(t, func() { tokens.NewKeyring() })
	assert.Panics(t, func() { tokens.NewKeyring([]byte("good"), nil) })
}

func TestDifferentThingsHaveDifferentTokens(t *testing.T) {
	ring := tokens.NewKeyring([]byte("secret one"))
	rapid.Check(t, func(t *rapid.T) {
		kind, other := rapid.String().Draw(t, "kind"), rapid.String().Draw(t, "other kind")
		id, otherID := rapid.String().Draw(t, "id"), rapid.String().Draw(t, "other id")
		version, otherVersion := rapid.Int().Draw(t, "version"), rapid.Int().Draw(t, "other version")

		same := kind == other && id == otherID && version == otherVersion
		assert.Equal(t, same, ring.Derive(kind, id, version) == ring.Derive(other, otherID, otherVersion))
	})
}
