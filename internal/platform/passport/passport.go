// Package passport tells the process that has a module who is asking, in the words of the process that has authenticated
// them.
//
// It owns the header Rialto-Identity: a JSON Web Token (RFC 7519), signed with HMAC-SHA-256 by a key that is derived from the
// token of the shop's processes, good for one request to one module within a minute. It decides nothing about what the
// holder may do, and knows no key of the shop's users.
package passport

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/rialto-commerce/rialto/internal/platform/identity"
)

// Header carries a passport.
const Header = "Rialto-Identity"

const (
	issuer   = "rialto"
	lifetime = time.Minute
	// skew is how far the clocks of two machines may be apart.
	skew    = 30 * time.Second
	maxSize = 16 << 10
)

// Errors of Check, which tell nobody more than that the passport is not good.
var errNotGood = errors.New("the passport is not good")

// Office issues and checks passports.
type Office struct {
	signing []byte
	checked jwt.VerificationKeySet
	now     func() time.Time
}

// claims are what a passport says.
type claims struct {
	jwt.RegisteredClaims

	Request string   `json:"request"`
	KeyID   string   `json:"key_id"`
	Name    string   `json:"name"`
	Scopes  []string `json:"scopes"`
}

// NewOffice makes an office of secrets: the first signs, all are accepted.
func NewOffice(secrets []string, now func() time.Time) (*Office, error) {
	o := &Office{now: now}
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, "rialto passport v1", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive the key of passports: %w", err)
		}
		if o.signing == nil {
			o.signing = key
		}
		o.checked.Keys = append(o.checked.Keys, key)
	}
	return o, nil
}

// Issue has a request to a module say whose it is. Whatever it said before is taken from it.
func (o *Office) Issue(r *http.Request, module string, holder identity.Identity) error {
	r.Header.Del(Header)
	if holder.Kind == identity.Anonymous {
		return nil
	}
	now := o.now()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{Issuer: issuer, Audience: jwt.ClaimStrings{module},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime))},
		Request: request(r), KeyID: holder.KeyID, Name: holder.Name, Scopes: holder.Scopes}).SignedString(o.signing)
	if err != nil {
		return fmt.Errorf("issue passport: %w", err)
	}
	r.Header.Set(Header, signed)
	return nil
}

// Check answers who asks a module; without a passport it is nobody.
func (o *Office) Check(r *http.Request, module string) (identity.Identity, error) {
	shown := r.Header.Values(Header)
	if len(shown) == 0 {
		return identity.Identity{}, nil
	}
	if len(shown) > 1 || len(shown[0]) > maxSize {
		return identity.Identity{}, errNotGood
	}
	var c claims
	_, err := jwt.ParseWithClaims(shown[0], &c, func(*jwt.Token) (any, error) { return o.checked, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(module),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(skew), jwt.WithTimeFunc(o.now))
	if err != nil {
		return identity.Identity{}, fmt.Errorf("%w: %w", errNotGood, err)
	}
	if c.Request != request(r) {
		return identity.Identity{}, fmt.Errorf("%w: it was issued for another request", errNotGood)
	}
	return identity.Identity{Kind: identity.APIKey, KeyID: c.KeyID, Name: c.Name, Scopes: c.Scopes}, nil
}

func request(r *http.Request) string { return r.Method + " " + r.URL.EscapedPath() }
